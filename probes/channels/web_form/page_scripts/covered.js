// Whether something lies over the middle of an element (a layer that would swallow the click).
(element) => {
  element.scrollIntoView({ block: "center", inline: "center" });
  const box = element.getBoundingClientRect();
  let top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  while (top && top.shadowRoot) {
    const inner = top.shadowRoot.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (!inner || inner === top) break;
    top = inner;
  }
  if (!top) return false;
  for (let node = top; node; node = node.parentElement || node.getRootNode().host) if (node === element) return false;
  const label = (element.labels || [])[0];
  if (label && label.contains(top)) return false;
  return !element.contains(top) && !top.contains(element);
}
