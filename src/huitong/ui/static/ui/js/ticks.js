// <c-ticks>: all of many boxes in one click, how many are ticked, a search among them. Without it 全选 is a submit button.
"use strict";
(() => {
  document.querySelectorAll("[data-ticks]").forEach((group) => {
    const boxes = [...group.querySelectorAll("input[type=checkbox]")];
    const rows = boxes.map((box) => box.closest(".form-check"));
    const count = () => {
      const words = `已选 ${boxes.filter((box) => box.checked).length} / ${boxes.length} 项`;
      const line = group.querySelector("[data-tick-count]");
      if (line.textContent !== words) line.textContent = words;
    };
    group.addEventListener("change", count);
    group.addEventListener("click", (event) => {
      const button = event.target.closest("[data-tick]");
      if (!button) return;
      event.preventDefault(); // what is hidden by the search stays as it is
      boxes.filter((box, n) => !rows[n].hidden).forEach((box) => { box.checked = button.dataset.tick === "all"; });
      boxes[0].dispatchEvent(new Event("change", { bubbles: true }));
    });
    const search = group.querySelector("[data-tick-search]");
    if (search) {
      search.addEventListener("input", (event) => {
        event.stopPropagation(); // nothing to be saved
        const words = search.value.trim().toLowerCase();
        rows.forEach((row) => { row.hidden = Boolean(words) && !row.textContent.toLowerCase().includes(words); });
      });
      search.addEventListener("change", (event) => event.stopPropagation());
      search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    }
    count();
  });
})();
