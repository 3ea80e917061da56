// Remembers whether a click reaches an element or its form is submitted.
(element) => {
  const felt = { is: false };
  const feel = () => { felt.is = true; };
  element.addEventListener("click", feel, { capture: true });
  const form = element.form || element.closest("form");
  if (form) form.addEventListener("submit", feel, { capture: true });
  return felt;
}
