// Lists with bulk acts: choose a whole page at once, and how many are chosen. Without it every box works by itself.
"use strict";
(() => {
  const form = document.getElementById("bulk");
  if (!form) return;
  const boxes = [...document.querySelectorAll('input[form="bulk"][name="row"]')];
  const all = form.querySelector("[data-all]"), count = form.querySelector("[data-chosen]");
  const head = document.querySelector("th.choice");
  const page = document.createElement("input");
  page.type = "checkbox";
  page.className = "form-check-input";
  page.setAttribute("aria-label", "选择本页全部");
  if (head && boxes.length) { head.textContent = ""; head.append(page); }
  const tell = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    page.checked = chosen > 0 && chosen === boxes.length;
    page.indeterminate = chosen > 0 && chosen < boxes.length;
    count.textContent = all && all.checked ? "已选全部" : chosen ? `已选 ${chosen}` : "";
  };
  page.addEventListener("change", () => { boxes.forEach((box) => { box.checked = page.checked; }); tell(); });
  boxes.forEach((box) => box.addEventListener("change", () => { if (all) all.checked = false; tell(); }));
  if (all) all.addEventListener("change", tell);
  tell();
})();
