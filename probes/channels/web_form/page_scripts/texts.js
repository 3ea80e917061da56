// What can be read on the page now, block by block; and, once watching, what appeared in between and vanished again.
(watch) => {
  const squash = (text) => (text || "").replace(/\s+/g, " ").trim().slice(0, 1500);
  const BLOCK = /^(block|flex|grid|table|list-item|table-cell|table-row|flow-root|inline-block|inline-flex)$/;
  // The choices of a list are no message ("Bitte wählen" is what every one of them says).
  function read(element) {
    let text = squash(element.innerText);
    for (const list of element.querySelectorAll("select")) text = text.replace(squash(list.innerText), " ");
    return squash(text);
  }
  const blocks = [];
  function visit(root) {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) visit(element.shadowRoot);
      if (/^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE|OPTION|SELECT|TEXTAREA|HEAD|TITLE|META|LINK)$/.test(element.tagName)) continue;
      const direct = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (!direct || !element.checkVisibility({ visibilityProperty: true })) continue;
      let block = element;
      while (block.parentElement && !BLOCK.test(getComputedStyle(block).display)) block = block.parentElement;
      const live = block.closest("[role=status], [role=alert], [role=dialog], [role=alertdialog], [aria-live], dialog, output");
      const text = read(live || block);
      if (text) blocks.push(text);
    }
  }
  visit(document);
  const KEY = Symbol.for("replymark.seen");
  if (watch && !window[KEY]) {
    const seen = (window[KEY] = []);
    new MutationObserver((changes) => {
      for (const change of changes) {
        const nodes = change.type === "childList" ? [...change.addedNodes] : [change.target];
        for (const node of nodes) {
          const element = node.nodeType === 1 ? node : node.parentElement;
          if (!element || /^(SCRIPT|STYLE|BODY|HTML)$/.test(element.tagName) || seen.length > 200) continue;
          if (element.checkVisibility && element.checkVisibility()) {
            const text = read(element);
            if (text && text.length < 1500) seen.push(text);
          }
        }
      }
    }).observe(document, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["class", "style", "hidden"] });
  }
  return { blocks: [...new Set(blocks)], seen: [...new Set(window[KEY] || [])], url: location.href };
}
