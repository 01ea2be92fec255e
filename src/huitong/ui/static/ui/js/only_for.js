// Fields that belong to one choice are shown for that choice only: data-only-for="share_class" data-values="1 2" on what
// stands around them. What is hidden is not sent. Without scripts all stand there, and the server leaves out what is idle.
"use strict";
(() => {
  const parts = [...document.querySelectorAll("[data-only-for]")];
  const held = (form, name) => [...form.elements]
    .filter((e) => e.name === name && (["checkbox", "radio"].includes(e.type) ? e.checked : e.value) && !e.closest("[data-only-for][hidden]"))
    .map((e) => e.value);
  const settle = () => parts.forEach((part) => { // in the order of the page: what hangs on something hidden is hidden after it
    const { onlyFor, values } = part.dataset;
    const shown = held(part.closest("form"), onlyFor).some((value) => values.split(" ").includes(value));
    part.hidden = !shown;
    part.querySelectorAll("input, select, textarea, button").forEach((control) => { control.disabled = !shown; });
  });
  document.addEventListener("change", (event) => { if (event.target.name && parts.some((part) => part.dataset.onlyFor === event.target.name)) settle(); });
  settle();
})();
