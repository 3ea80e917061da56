// Keyboard: "/" first filter, j and k rows, "?" help. Everything works without this file.
(() => {
  "use strict";
  const OFF = "replymark-keys-off";
  const help = document.getElementById("keys");
  const box = document.getElementById("keys-off");

  const off = () => localStorage.getItem(OFF) === "yes";
  box.checked = off();
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "yes" : "no"));

  const typing = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;

  const rows = () => [...document.querySelectorAll("[data-row] a[data-row-link]")];

  function step(by) {
    const links = rows();
    if (links.length === 0) return;
    const at = links.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by));
    links[next].focus();
  }

  const actions = {
    "/": () => document.querySelector("[data-first-filter]")?.focus(),
    "?": () => (help.open ? help.close() : help.showModal()),
    j: () => step(1),
    k: () => step(-1),
  };

  document.addEventListener("keydown", (event) => {
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (off() && event.key !== "?") return;
    event.preventDefault();
    action();
  });

  // One open explanation at a time is easier to follow, and Escape closes it.
  document.addEventListener("toggle", (event) => {
    if (!event.target.open || !event.target.matches("details.why")) return;
    document.querySelectorAll("details.why[open]").forEach((other) => {
      if (other !== event.target) other.open = false;
    });
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.why[open]").forEach((open) => {
      open.open = false;
      open.querySelector("summary").focus();
    });
  });
})();
