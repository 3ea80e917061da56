// Reads every form of one document into plain data and keeps the elements beside it. Changes nothing on the page.
() => {
  const CONTROLS = "input, select, textarea, button";
  const TEXT_TYPES = new Set(["", "text", "email", "tel", "url", "search", "number", "password", "date"]);
  const SILENT = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "SELECT", "TEXTAREA", "OPTION", "SVG"]);
  const squash = (text, limit = 200) => (text || "").replace(/\s+/g, " ").trim().slice(0, limit);

  function* walk(root) {
    for (const node of root.childNodes) {
      yield node;
      if (node.nodeType !== 1 || SILENT.has(node.tagName.toUpperCase())) continue;
      if (node.shadowRoot) yield* walk(node.shadowRoot);
      yield* walk(node);
    }
  }
  const textOf = (root) => {
    let text = "";
    for (const node of walk(root)) if (node.nodeType === 3) text += node.data + " ";
    return squash(text);
  };
  const parentOf = (node) => node.parentElement || (node.getRootNode() && node.getRootNode().host) || null;

  function hiddenness(element) {
    if (element.type === "hidden") return "type";
    if (element.checkVisibility && !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return "style";
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return "style";
    if (box.right + scrollX <= 0 || box.bottom + scrollY <= 0 || box.left + scrollX > 10000) return "offscreen";
    for (let node = element, depth = 0; node && depth < 6; node = parentOf(node), depth++) {
      const style = getComputedStyle(node);
      const outer = node.getBoundingClientRect();
      const clipped = style.overflow !== "visible" || style.clip !== "auto" || style.clipPath !== "none";
      if (node !== element && clipped && (outer.width < 3 || outer.height < 3) && style.display !== "contents") return "style";
      if (style.clip === "rect(0px, 0px, 0px, 0px)" || style.clip === "rect(1px, 1px, 1px, 1px)") return "style";
      if (node.tagName === "FORM" || node.tagName === "BODY") break;
    }
    return element.closest("[aria-hidden=true]") && element.tabIndex < 0 ? "aria" : "";
  }
  const seen = (element) => Boolean(element) && !hiddenness(element);

  // Hidden together with a textarea or a button and another control: a later step, not a trap.
  function laterStep(element, form) {
    let outer = null;
    for (let node = element; node && node !== form; node = parentOf(node))
      if (getComputedStyle(node).display === "none") outer = node;
    if (!outer || outer === element) return false;
    const inside = [...outer.querySelectorAll(CONTROLS)].filter((other) => other.type !== "hidden");
    return inside.length >= 3 || (inside.length >= 2 && Boolean(outer.querySelector("textarea, button, [type=submit]")));
  }
  function standIn(element) {
    const label = (element.labels || [])[0];
    if (element.type === "checkbox" || element.type === "radio") return seen(label) || seen(element.parentElement);
    if (element.tagName !== "SELECT") return false;
    const widget = element.parentElement && element.parentElement.querySelector(
      "[role=combobox], [role=listbox], .select2, .chosen-container, .ts-control, .choices, .nice-select, .selectize-control");
    return seen(widget);
  }
  const named = (node) => `${typeof node.className === "string" ? node.className : ""} ${node.id || ""}`.trim();
  function wrapperOf(element, form) {
    const names = [];
    for (let node = parentOf(element); node && node !== form && names.length < 3; node = parentOf(node)) names.push(named(node));
    return squash(names.join(" "));
  }
  const pointed = (element, attribute) => (element.getAttribute(attribute) || "").split(/\s+/).filter(Boolean)
    .map((id) => element.getRootNode().getElementById && element.getRootNode().getElementById(id)).filter(Boolean).map(textOf);
  const ariaOf = (element) =>
    squash([...pointed(element, "aria-labelledby"), element.getAttribute("aria-label") || ""].join(" "));
  const legendOf = (element) => {
    const group = element.closest("fieldset, [role=radiogroup], [role=group]");
    if (!group) return "";
    const legend = group.querySelector("legend");
    return legend ? textOf(legend) : squash(group.getAttribute("aria-label") || "");
  };
  const labelOf = (element) =>
    squash([...(element.labels || [])].map(textOf).join(" ")) ||
    (element.tagName === "BUTTON" || element.tagName === "A" || element.tagName === "DIV" ? textOf(element) : "");

  function describe(element, form, near, after) {
    const attribute = (name) => element.getAttribute(name) || "";
    let hidden = hiddenness(element);
    const styled = hidden === "style" || hidden === "offscreen" || hidden === "aria" ? standIn(element) : false;
    if (hidden === "style" && laterStep(element, form)) hidden = "step";
    const image = element.parentElement && element.parentElement.querySelector("img, canvas");
    const real = "type" in element || element.tagName === "SELECT";
    return {
      tag: real ? element.tagName.toLowerCase() : "button",
      type: element.tagName === "INPUT" ? (attribute("type") || "text").toLowerCase()
        : element.tagName === "BUTTON" ? element.type : real ? "" : "button",
      name: attribute("name"), id: element.id || "", autocomplete: attribute("autocomplete"),
      label: labelOf(element), aria: ariaOf(element), legend: legendOf(element),
      placeholder: squash(attribute("placeholder")), title: squash(attribute("title")),
      value: element.tagName === "INPUT" ? squash(attribute("value")) : "",
      near, after, described: squash(pointed(element, "aria-describedby").join(" ")),
      image: image ? squash(`${image.getAttribute("alt") || ""} ${image.getAttribute("src") || image.tagName}`) : "",
      classes: squash(named(element)), wrapper: wrapperOf(element, form),
      required: Boolean(element.required) || attribute("aria-required") === "true",
      readonly: Boolean(element.readOnly) || attribute("aria-readonly") === "true",
      disabled: Boolean(element.disabled) || (element.matches && element.matches(":disabled")),
      checked: Boolean(element.checked), hidden, styled,
      tabindex: element.hasAttribute("tabindex") ? element.tabIndex : null,
      maxlength: element.maxLength > 0 ? element.maxLength : null,
      size: element.tagName === "INPUT" && element.hasAttribute("size") ? element.size : null,
      options: element.tagName === "SELECT"
        ? [...element.options].slice(0, 400).map((o) => ({ value: o.value, text: squash(o.text, 80), disabled: o.disabled })) : [],
    };
  }

  // The last piece of text with a word in it, and what stands behind it (a star, a colon).
  function nearest(pieces) {
    for (let at = pieces.length - 1; at >= 0; at--)
      if ((pieces[at].match(/[\p{L}\p{N}]/gu) || []).length >= 2 && !(at && /^\(.*\)\W*$|^\[.*\]$/.test(pieces[at]))) return pieces.slice(at).join(" ").slice(-120);
    return pieces.join(" ").slice(-120);
  }

  // One pass in document order: controls with the text before and after them, and the heading above each form.
  const forms = [], owned = new Map(), lone = [], texts = new Map();
  let heading = "", pending = [], last = null;
  for (const node of walk(document.body || document.documentElement)) {
    if (node.nodeType === 3) {
      const text = squash(node.data);
      if (!text || node.parentElement && node.parentElement.closest("button, a[role=button]")) continue;
      pending.push(text);
      if (last && !texts.get(last).after) texts.get(last).after = text;
      continue;
    }
    if (node.nodeType !== 1) continue;
    if (/^H[1-4]$/.test(node.tagName)) heading = textOf(node);
    if (node.tagName === "FORM") { forms.push({ element: node, heading }); owned.set(node, []); pending = []; last = null; }
    if (!node.matches(CONTROLS)) continue;
    texts.set(node, { near: nearest(pending), after: "" });
    if (node.type !== "hidden") { pending = []; last = node; }
    if (node.form && owned.has(node.form)) owned.get(node.form).push(node);
    else if (node.form) { forms.push({ element: node.form, heading }); owned.set(node.form, [node]); }
    else lone.push(node);
  }
  const BUTTONLIKE = "[role=button], a[class*=btn], a[class*=button], a[class*=submit], div[class*=submit]";
  const submits = (element) => element.type === "submit" || element.type === "image";

  // Controls outside of any form: the smallest box that holds a text area, a line and something to press.
  function virtualForms() {
    const boxes = new Map();
    for (const area of lone.filter((control) => control.tagName === "TEXTAREA")) {
      let box = parentOf(area);
      const holds = (node) => lone.some((c) => c !== area && TEXT_TYPES.has(c.type) && node.contains(c)) &&
        (lone.some((c) => c.tagName === "BUTTON" && node.contains(c)) || node.querySelector(BUTTONLIKE));
      while (box && box !== document.body && !holds(box)) box = parentOf(box);
      if (box && holds(box)) boxes.set(box, lone.filter((control) => box.contains(control)));
    }
    return boxes;
  }

  const elements = [], model = [];
  function add(element, controls, heading, virtual) {
    const extra = controls.some((control) => submits(control) && seen(control)) ? [] :
      [...element.querySelectorAll(BUTTONLIKE)].filter((node) => !node.matches(CONTROLS) && seen(node));
    const all = [...controls, ...extra];
    const own = element.querySelector("h1, h2, h3, h4, legend");
    elements.push(all);
    model.push({
      index: model.length, action: element.getAttribute("action") || "", method: element.getAttribute("method") || "get",
      name: element.getAttribute("name") || "", id: element.id || "", classes: squash(named(element)),
      text: squash(element.innerText, 1500), heading: own ? textOf(own) : heading, virtual, rendered: true,
      visible: all.some((control) => seen(control)),
      controls: all.map((control) => describe(control, element, ...(texts.has(control)
        ? [texts.get(control).near, texts.get(control).after] : ["", ""]))),
    });
  }
  for (const { element, heading } of forms) add(element, owned.get(element), heading, false);
  for (const [box, controls] of virtualForms()) add(box, controls, "", true);

  const markers = [
    ...[...document.querySelectorAll("script[src]")].map((node) => `script ${node.src}`),
    ...[...document.querySelectorAll("iframe")].map((node) => `frame ${node.src} ${node.title}`),
    ...[...document.querySelectorAll("[class*=captcha i], [id*=captcha i], [class*=turnstile i], [class*=altcha i], " +
      "altcha-widget, mosparo-box, cap-widget, [data-sitekey], [id*=mosparo i]")]
      .map((node) => `mark ${node.tagName.toLowerCase()} ${named(node)} ${node.hasAttribute("data-sitekey") ? "data-sitekey" : ""}`),
  ].map((marker) => marker.slice(0, 300)).slice(0, 200);
  return {
    elements,
    model: { forms: model, title: document.title, language: document.documentElement.lang || "", url: location.href, markers },
  };
}
