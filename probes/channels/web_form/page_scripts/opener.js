// The button that opens a contact form which is not to be seen yet; null when nothing on the page promises one.
(wanted) => {
  const pattern = new RegExp(wanted, "i");
  const visible = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 4 && box.height > 4 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  };
  const able = [...document.querySelectorAll("button, [role=button], summary, a[href^='#'], a[data-toggle], a[data-bs-toggle], a:not([href]), [onclick]")];
  return able.find((element) => {
    const label = (element.innerText || element.getAttribute("aria-label") || "").replace(/\s+/g, " ").trim();
    if (!label || label.length > 60 || !pattern.test(label) || !visible(element)) return false;
    return !(element.form && element.type === "submit") && !element.closest("nav, header, footer");
  }) || null;
}
