// Choosing one thing narrows the list of another: within [data-narrows="duty"] options carry data-of, the value of the field
// called duty they belong to. Choosing such an option first chooses what it belongs to. Without it all are there, judged later.
"use strict";
(() => {
  document.querySelectorAll("[data-narrows]").forEach((box) => {
    const form = box.closest("form");
    const by = () => form.elements[box.dataset.narrows];
    const chosen = () => (by() ? by().value : "");
    const options = [...box.querySelectorAll("[data-of]")];
    const row = (option) => option.closest(".form-check") || option;
    const isOn = (option) => (option.tagName === "OPTION" ? option.selected : option.checked);
    const announce = (option) => (option.closest("select") || option).dispatchEvent(new Event("change", { bubbles: true }));
    const narrow = (first) => {
      const value = chosen();
      options.forEach((option) => {
        row(option).hidden = Boolean(value) && option.dataset.of !== value;
        if (!row(option).hidden || !isOn(option)) return;
        if (option.tagName === "OPTION") option.selected = false;
        else option.checked = false;
      });
      const left = options.filter((option) => !row(option).hidden);
      const none = !options.some(isOn);
      if (first || !value || !none || left.length !== 1) return;
      if (left[0].tagName === "OPTION") left[0].selected = true;
      else left[0].checked = true;
      announce(left[0]);
    };
    form.addEventListener("change", (event) => {
      if (event.target.name === box.dataset.narrows) narrow(false);
      else if (box.contains(event.target)) {
        const option = options.find(isOn);
        if (!option || chosen()) return;
        by().value = option.dataset.of;
        narrow(true);
      }
    });
    narrow(true);
  });
})();
