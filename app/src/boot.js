// Keys that work before, and without, the browser half. An element with
// data-key="x" is focused (a field) or pressed (anything else) by that key,
// unless somebody is typing.
addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const key = event.key.toLowerCase();
  const hit = [...document.querySelectorAll("[data-key]")].find(
    (element) => element.dataset.key === key && element.checkVisibility?.() !== false,
  );
  if (!hit) return;
  event.preventDefault();
  if (hit.matches("input:not([type=submit]), textarea, select")) {
    hit.focus();
    hit.select?.();
  } else hit.click();
});
// Escape closes menus and dialogs, and the focus goes back to their button. A
// press elsewhere closes them by style alone.
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
});
