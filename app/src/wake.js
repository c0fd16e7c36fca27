// Leaving the page breaks off what it was still loading; that is no trouble.
let left = false;
addEventListener("pagehide", () => (left = true));
addEventListener("beforeunload", () => (left = true));

// Fetches the browser half and wakes each island, outer ones first. The two
// halves may come from two compilers, which number an island differently.
import(JS)
  .then(async (half) => {
    await half.default({ module_or_path: WASM });
    half.hydrate();
    const named = new Map(Object.keys(half).map((key) => [key.replace(/_\d+$/, ""), half[key]]));
    for (const island of document.querySelectorAll("leptos-island")) {
      island.closest("leptos-children")?.$$on_hydrate?.();
      const component = island.dataset.component;
      await (half[component] ?? named.get(component.replace(/_\d+$/, "")))(island);
    }
    document.documentElement.dataset.awake = "";
  })
  .catch((error) => left || console.warn("Rideout goes on without live updates:", error));
