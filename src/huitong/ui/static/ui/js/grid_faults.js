// <c-grid>: what is wrong with a cell, said in it and in a summary above. ES2020.
"use strict";
(() => {
  const { make } = window.huitongGrid;
  const SHOWN = 20; // faults linked one by one

  window.huitongGrid.judging = {
    wrong(column, input, cells) {
      const text = input.value.trim();
      if (!text) return "";
      if (column.choices) {
        const choice = column.choice(text);
        if (!choice) return `没有“${text}”这个选项`;
        const by = column.by && this.columns.find((c) => c.name === column.by);
        const beside = by && by.choice(cells[by.index].value);
        return beside && choice.fits && !choice.fits.includes(beside.kind) ? `${beside.words}不能选“${choice.words}”` : "";
      }
      const digits = text.normalize("NFKC").replace(/,/g, "");
      if (column.whole) return /^\d{1,12}$/.test(digits) && Number(digits) >= column.least && Number(digits) <= column.most ? "" : `请填 ${column.least} 至 ${column.most} 的整数`;
      return column.longest && text.length > column.longest ? `最多 ${column.longest} 个字，现有 ${text.length} 个` : "";
    },

    judge(row, first = 0, last = Infinity) {
      const cells = this.cells(row);
      cells.forEach((input, n) => {
        const column = this.columns[n];
        const touched = n >= first && n <= last;
        if (!touched && !(column.by && this.columns.findIndex((c) => c.name === column.by) >= first)) return;
        const choice = column.choices && column.choice(input.value);
        if (choice && input.value !== choice.words && input.value.trim()) input.value = choice.words;
        this.fault(input, this.wrong(column, input, cells));
      });
    },

    fault(input, words) {
      const before = input.parentElement.querySelector(".cell-fault");
      const others = (input.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== `${input.id}-error`);
      if (before && before.textContent === words) return;
      if (before) before.remove();
      if (words) {
        input.setAttribute("aria-invalid", "true");
        input.after(make("small", words, { class: "cell-fault", id: `${input.id}-error` }));
        others.unshift(`${input.id}-error`);
      } else input.removeAttribute("aria-invalid");
      if (others.length) input.setAttribute("aria-describedby", others.join(" "));
      else input.removeAttribute("aria-describedby");
      this.summarize();
    },

    summarize() {
      clearTimeout(this.later);
      this.later = setTimeout(() => {
        const wrong = [...this.body.querySelectorAll('input[aria-invalid="true"]')];
        if (document.querySelector(".error-summary") && !this.edited) return; // the server has just said it
        if (!wrong.length) return this.summary.replaceChildren();
        const list = document.createElement("ul");
        wrong.slice(0, SHOWN).forEach((input) => {
          const line = document.createElement("li");
          const fault = input.parentElement.querySelector(".cell-fault");
          line.append(make("a", `${input.getAttribute("aria-label")}：${fault ? fault.textContent : ""}`, { href: `#${input.id}` }));
          list.append(line);
        });
        if (wrong.length > SHOWN) list.append(make("li", `另有 ${wrong.length - SHOWN} 处。`));
        return this.summary.replaceChildren(make("b", `表格中有 ${wrong.length} 处填写有误`), list);
      }, 50);
    },
  };
})();
