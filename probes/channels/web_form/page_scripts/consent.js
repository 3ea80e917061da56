// Looks for a layer that asks about cookies or privacy and for the button that refuses, opens settings or saves them.
(words) => {
  const about = new RegExp(words.about, "i");
  const steps = [["refuse", new RegExp(words.refuse, "i")], ["save", new RegExp(words.save, "i")], ["settings", new RegExp(words.settings, "i")]];
  const accept = new RegExp(words.accept, "i");
  const squash = (text) => (text || "").replace(/\s+/g, " ").trim();
  const all = [];
  (function visit(root) {
    for (const element of root.querySelectorAll("*")) {
      all.push(element);
      if (element.shadowRoot) visit(element.shadowRoot);
    }
  })(document);
  const parentOf = (node) => node.parentElement || (node.getRootNode() && node.getRootNode().host) || null;
  const visible = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 4 && box.height > 4 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  };
  function layerOf(element) {
    for (let node = element; node && node !== document.body; node = parentOf(node)) {
      const style = getComputedStyle(node);
      const floats = style.position === "fixed" || style.position === "sticky" || node.matches("[role=dialog], dialog, [aria-modal=true]") ||
        (style.position === "absolute" && Number(style.zIndex) > 10);
      if (floats) return node;
    }
    return window !== window.top ? document.body : null;
  }
  const labelOf = (element) => squash(element.innerText || element.value || element.getAttribute("aria-label") || "");
  const found = { refuse: null, save: null, settings: null, accept: null };
  let layer = null;
  for (const element of all) {
    if (!element.matches("button, a, [role=button], input[type=button], input[type=submit]") || !visible(element)) continue;
    const label = labelOf(element);
    if (!label || label.length > 60) continue;
    const box = layerOf(element);
    const text = box ? (box.innerText || (box.shadowRoot && box.shadowRoot.textContent) || element.getRootNode().textContent || "") : "";
    if (!box || !about.test(text) || box.querySelector("textarea")) continue;
    layer = box;
    for (const [kind, pattern] of steps) if (!found[kind] && pattern.test(label)) found[kind] = element;
    if (!found.accept && accept.test(label)) found.accept = element;
  }
  const kind = ["refuse", "save", "settings", "accept"].find((name) => found[name]) || "";
  return { kind: layer ? kind || "none" : "", label: kind ? labelOf(found[kind]) : "", element: kind ? found[kind] : null };
}
