// Fetches the browser half and wakes each island, outer ones first.
import(JS)
  .then(async (half) => {
    await half.default({ module_or_path: WASM });
    half.hydrate();
    for (const island of document.querySelectorAll("leptos-island")) {
      island.closest("leptos-children")?.$$on_hydrate?.();
      await half[island.dataset.component]?.(island);
    }
    document.documentElement.dataset.awake = "";
  })
  .catch((error) => console.warn("Rideout goes on without live updates:", error));
