// <c-grid>: a spreadsheet in the page. Paste from Excel and WPS, arrows, Enter, fill down, ranges, rows without a reload, undo
// of what was done at once, faults in the cell and in a summary. Without it the same form works by its buttons. This is the table
// itself; grid_choices.js, grid_faults.js and grid_clipboard.js before it are the rest. ES2020.
"use strict";
(() => {
  const { folded, options, point, close, active, isOpen, choosing, judging, clipping } = window.huitongGrid;

  class Grid {
    constructor(root) {
      this.root = root;
      this.name = root.dataset.grid;
      this.most = Number(root.dataset.most);
      this.body = root.querySelector("tbody");
      this.blank = root.querySelector("template[data-blank]").content;
      this.status = root.querySelector("[data-status]");
      this.summary = root.querySelector("[data-faults]");
      this.undoing = root.querySelector("[data-undo]");
      this.columns = [...root.querySelectorAll("th[data-column]")].map((head, index) => this.column(head, index));
      const labels = ["行", ...this.columns.map((c) => c.label)];
      [...this.blank.firstElementChild.cells].forEach((cell, at) => { cell.dataset.label = labels[at]; }); // on a phone
      this.done = []; // what can be undone, the latest last
      this.typed = false; // since: then Ctrl+Z is the browser's own
      this.anchor = null;
      [this.body, this.blank].forEach((part) => part.querySelectorAll("input[list]").forEach((input) => {
        input.removeAttribute("list"); // ours takes its place
        input.parentElement.className = "pick";
      }));
      root.addEventListener("focusin", (event) => this.entered(event));
      root.addEventListener("focusout", () => close());
      root.addEventListener("keydown", (event) => this.key(event));
      root.addEventListener("mousedown", (event) => this.pressed(event));
      root.addEventListener("click", (event) => this.clicked(event));
      root.addEventListener("input", (event) => this.input(event));
      root.addEventListener("paste", (event) => this.paste(event));
      root.addEventListener("copy", (event) => this.copy(event));
      root.addEventListener("grid:chosen", (event) => this.choose(event.detail));
      root.addEventListener("grid:set", (event) => this.set(event.detail));
      root.querySelector(".grid-scroll").addEventListener("scroll", close);
      const form = root.closest("form");
      if (form) form.addEventListener("grid:rows", (event) => event.detail.name.startsWith(`${this.name}.`) && this.grow(event.detail.count));
    }

    column(head, index) {
      const { column: name, label, also, by, least, most, longest } = head.dataset;
      const list = document.getElementById(`${this.name}-${name}`);
      const words = (text) => (text === undefined ? null : text.split("|"));
      const choices = list && list.tagName === "DATALIST"
        ? [...list.options].map((o) => ({ words: o.value, also: words(o.dataset.also), fits: words(o.dataset.fits), kind: o.dataset.kind || words(o.dataset.also)[0] }))
        : null;
      const byLetter = new Map();
      const byWord = new Map(); // null where two choices are said alike
      (choices || []).forEach((c) => {
        [c.words, c.also[0]].filter((word) => word && !byLetter.has(word)).forEach((word) => byLetter.set(word, c));
        [...c.also, c.words].map(folded).forEach((way) => byWord.set(way, byWord.has(way) && byWord.get(way) !== c ? null : c));
      });
      const choice = (text) => byLetter.get(text.trim()) || byWord.get(folded(text));
      if (list) list.remove();
      return { name, label, index, by, choices, choice, least: Number(least), whole: least !== undefined, most: Number(most), longest: Number(longest), called: new Set([label, name, ...also.split("|")].map(folded)) };
    }

    // -- where things are
    get rows() { return [...this.body.rows]; }

    cells(row) { return [...row.querySelectorAll("td > input")]; }

    place(input) {
      const row = input.closest("tr");
      return { row: row.sectionRowIndex, column: this.cells(row).indexOf(input) };
    }

    cellAt(row, column) { const cells = this.body.rows[row] && this.cells(this.body.rows[row]); return cells ? cells[column] : null; }

    cell(target) { return target && target.closest && target.closest("td") && this.body.contains(target) && target.matches("td > input") ? target : null; }

    get current() { return this.cell(document.activeElement) || (this.last && this.body.contains(this.last) ? this.last : null); }

    go(row, column, whole = true) {
      const input = this.cellAt(row, column);
      if (!input) return false;
      input.focus();
      if (whole) input.select();
      return true;
    }

    say(words) { this.status.textContent = words; }

    announce() { this.body.dispatchEvent(new Event("change", { bubbles: true })); }

    // -- focus, ranges
    entered(event) {
      const input = this.cell(event.target);
      if (!input) return;
      this.last = input;
      const column = this.columns[this.place(input).column];
      if (column.choices && !input.hasAttribute("role")) {
        Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "grid-options", "aria-autocomplete": "list" }).forEach(([k, v]) => input.setAttribute(k, v));
      }
    }

    get range() {
      const here = this.current;
      if (!here) return null;
      const head = this.place(here);
      const from = this.anchor || head;
      return { top: Math.min(from.row, head.row), bottom: Math.max(from.row, head.row), left: Math.min(from.column, head.column), right: Math.max(from.column, head.column) };
    }

    get ranged() { const r = this.anchor && this.range; return Boolean(r && (r.top < r.bottom || r.left < r.right)); }

    mark() {
      this.body.querySelectorAll("td.chosen").forEach((td) => td.classList.remove("chosen"));
      if (!this.ranged) return;
      const r = this.range;
      this.rows.slice(r.top, r.bottom + 1).forEach((row) => this.cells(row).slice(r.left, r.right + 1).forEach((input) => input.parentElement.classList.add("chosen")));
      this.say(`已选 ${r.bottom - r.top + 1} 行 ${r.right - r.left + 1} 列`);
    }

    unmark() {
      if (!this.anchor) return;
      this.anchor = null;
      this.mark();
    }

    pressed(event) {
      const input = this.cell(event.target);
      if (!input) return;
      if (event.shiftKey && this.current) {
        event.preventDefault();
        this.anchor = this.anchor || this.place(this.current);
        input.focus();
        this.mark();
      } else this.unmark();
    }

    // -- keys
    key(event) {
      const input = this.cell(event.target);
      if (!input || event.isComposing) return;
      const { row, column } = this.place(input);
      const control = (event.ctrlKey || event.metaKey) && !event.altKey;
      const { choices } = this.columns[column];
      const act = (done) => { if (done !== false) event.preventDefault(); };
      const letter = control ? event.key.toLowerCase() : "";
      if (letter === "d") act(this.fill());
      else if (letter === "z" && !event.shiftKey && this.done.length && !this.typed) act(this.undo());
      else if (control && event.key === "Home") act(this.go(0, 0));
      else if (control && event.key === "End") act(this.go(this.body.rows.length - 1, this.columns.length - 1));
      else if (control) return;
      else if (isOpen(input) && ["ArrowDown", "ArrowUp"].includes(event.key) && !event.shiftKey) {
        const now = active();
        const next = event.key === "ArrowDown" ? (now ? now.nextSibling : options.firstChild) : now && now.previousSibling;
        if (next) point(next);
        event.preventDefault();
      } else if (isOpen(input) && ["Enter", "Tab"].includes(event.key) && active()) {
        this.choose(active());
        if (event.key === "Enter") event.preventDefault();
      } else if (event.key === "Escape") {
        event.preventDefault();
        if (isOpen(input)) close();
        else if (this.ranged) this.unmark();
        else this.root.querySelector(".grid-help summary").focus(); // out of the table, past all its cells
      } else if (choices && event.altKey && event.key === "ArrowDown") act(this.unfold(input));
      else if (event.altKey) return;
      else if (event.key === "F2") { input.setSelectionRange(input.value.length, input.value.length); event.preventDefault(); }
      else if (event.key === "Enter") act(this.down(row, column, event.shiftKey ? -1 : 1));
      else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const step = event.key === "ArrowDown" ? 1 : -1;
        if (event.shiftKey) {
          this.anchor = this.anchor || { row, column };
          this.go(row + step, column);
          this.mark();
        } else {
          this.unmark();
          this.go(row + step, column);
        }
        event.preventDefault();
      } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
        if (event.shiftKey) return;
        const all = input.selectionStart === 0 && input.selectionEnd === input.value.length;
        const edge = event.key === "ArrowLeft" ? input.selectionEnd === 0 : input.selectionStart === input.value.length;
        if (!all && !edge) return;
        this.unmark();
        act(this.go(row, column + (event.key === "ArrowLeft" ? -1 : 1)));
      } else if (["Delete", "Backspace"].includes(event.key) && this.ranged) act(this.clear());
    }

    down(row, column, step) {
      close();
      this.unmark();
      if (step > 0 && row === this.body.rows.length - 1 && this.cells(this.body.rows[row]).some((c, n) => c.value && !this.columns[n].choices)) this.grow(row + 2);
      this.go(row + step, column);
    }

    input(event) {
      const input = this.cell(event.target);
      if (!input || !event.isTrusted) return;
      this.typed = true;
      const { choices } = this.columns[this.place(input).column];
      if (choices) this.unfold(input, input.value);
      if (input.hasAttribute("aria-invalid")) this.fault(input, "");
    }

    // -- changes at once: [[cell, words]], with the rows added and removed; each can be undone as a whole
    apply(changes, words, added = [], removed = []) {
      const before = changes.map(([input]) => [input, input.value]);
      this.edited = true;
      const rows = new Map();
      changes.forEach(([input, value]) => {
        input.value = value;
        const row = input.parentElement.parentElement;
        rows.set(row, [...(rows.get(row) || []), input]);
      });
      rows.forEach((inputs, row) => {
        const at = inputs.map((input) => this.cells(row).indexOf(input));
        this.judge(row, Math.min(...at), Math.max(...at));
      });
      if (added.length || removed.length) this.renumber();
      this.typed = false;
      this.done.push({ before, added, removed, words });
      this.done = this.done.slice(-20);
      this.undoing.hidden = false;
      if (words) this.say(words);
      this.announce();
    }

    undo() {
      const last = this.done.pop();
      if (!last) return;
      last.added.forEach((row) => row.remove());
      last.removed.slice().reverse().forEach(([row, at]) => this.body.insertBefore(row, this.body.rows[at] || null));
      const rows = new Set();
      last.before.slice().reverse().forEach(([input, value]) => { input.value = value; rows.add(input.closest("tr")); });
      rows.forEach((row) => row && this.body.contains(row) && this.judge(row));
      this.renumber();
      this.summarize();
      this.unmark();
      this.undoing.hidden = !this.done.length;
      if (!this.current) this.go(0, 0);
      this.say(last.words ? `已撤销：${last.words}` : "已撤销");
      this.announce();
    }

    renumber() {
      this.rows.forEach((row, index) => {
        const number = String(index + 1);
        row.id = `${this.name}-row-${number}`;
        const tick = row.querySelector(".grid-no input");
        if (tick.value === number && tick.nextSibling.textContent === number) return;
        tick.value = number;
        tick.nextSibling.textContent = number;
        tick.setAttribute("aria-label", `选第 ${number} 行`);
        this.cells(row).forEach((input, n) => {
          const column = this.columns[n];
          input.id = `${this.name}-${number}-${column.name}`;
          input.setAttribute("aria-label", `第 ${number} 行 ${column.label}`);
          const about = [];
          input.parentElement.querySelectorAll("small").forEach((small) => {
            small.id = `${input.id}-${small.className === "cell-fault" ? "error" : "note"}`;
            about.push(small.id);
          });
          if (about.length) input.setAttribute("aria-describedby", about.join(" "));
        });
      });
    }

    fresh() { return this.blank.firstElementChild.cloneNode(true); }

    grow(count) { // to so many rows; returns those added
      const added = [];
      while (this.body.rows.length + added.length < Math.min(count, this.most)) added.push(this.fresh());
      if (!added.length) return added;
      this.body.append(...added);
      this.renumber();
      return added;
    }

    // -- acts
    get acted() { // the ticked rows, else those of the range
      const ticked = this.rows.filter((row) => row.querySelector(".grid-no input").checked);
      if (ticked.length) return ticked;
      const r = this.range;
      return r ? this.rows.slice(r.top, r.bottom + 1) : [];
    }

    clicked(event) {
      const input = this.cell(event.target);
      if (input) {
        if (this.columns[this.place(input).column].choices && !event.shiftKey) this.unfold(input);
        return;
      }
      const button = event.target.closest("button");
      if (!button || !this.root.contains(button)) return;
      const asks = button.name === "rows" ? button.value.split(":")[1] : "";
      if (asks) event.preventDefault();
      if (asks === "add") this.add();
      else if (asks === "copy") this.duplicate();
      else if (asks === "remove") this.remove();
      else if (button.dataset.fill !== undefined) this.fill();
      else if (button.dataset.undo !== undefined) this.undo();
    }

    add() {
      const at = this.current ? this.place(this.current).row + 1 : this.body.rows.length;
      if (this.body.rows.length >= this.most) return this.say(`最多 ${this.most} 行`);
      const row = this.fresh();
      this.body.insertBefore(row, this.body.rows[at] || null);
      this.apply([], `已加第 ${at + 1} 行`, [row]);
      return this.go(at, 0);
    }

    duplicate() {
      const rows = this.acted;
      if (!rows.length) return this.say("请先勾选行号，或把光标放在要复制的行");
      if (this.body.rows.length + rows.length > this.most) return this.say(`最多 ${this.most} 行`);
      const changes = [];
      const added = rows.map((row) => {
        const copy = this.fresh();
        this.cells(row).forEach((input, n) => changes.push([this.cells(copy)[n], input.value]));
        row.querySelector(".grid-no input").checked = false;
        return copy;
      });
      rows[rows.length - 1].after(...added);
      this.apply(changes, `已复制 ${rows.length} 行`, added);
      return this.go(added[0].sectionRowIndex, 0);
    }

    remove() {
      const rows = this.acted;
      if (!rows.length) return this.say("请先勾选行号，或把光标放在要删除的行");
      const next = rows[0].sectionRowIndex;
      const removed = rows.map((row) => [row, row.sectionRowIndex]);
      const column = this.current ? this.place(this.current).column : 0;
      this.anchor = null;
      rows.forEach((row) => { row.querySelector(".grid-no input").checked = false; row.remove(); });
      const added = this.body.rows.length ? [] : [this.fresh()];
      this.body.append(...added);
      this.apply([], `已删除 ${rows.length} 行`, added, removed);
      this.mark();
      this.summarize();
      return this.go(Math.min(next, this.body.rows.length - 1), column);
    }

    fill() {
      const r = this.range;
      if (!r) return this.say("请先把光标放在要填充的格");
      const source = r.top < r.bottom ? r.top : r.top - 1;
      if (source < 0) return this.say("第一行上面没有可以填充的内容");
      const from = this.cells(this.body.rows[source]);
      const changes = this.rows.slice(source + 1, r.bottom + 1).flatMap((row) => this.cells(row).slice(r.left, r.right + 1).map((input, n) => [input, from[r.left + n].value]));
      return this.apply(changes, `已向下填充 ${r.bottom - source} 行`);
    }

    clear() {
      const r = this.range;
      this.apply(this.rows.slice(r.top, r.bottom + 1).flatMap((row) => this.cells(row).slice(r.left, r.right + 1).map((input) => [input, ""])), `已清空 ${r.bottom - r.top + 1} 行`);
    }

    set(detail) { // from a script of the page: { rows: (texts by column) => changes by column, words }
      const changes = [];
      this.rows.forEach((row) => {
        const cells = this.cells(row);
        const texts = Object.fromEntries(this.columns.map((c, n) => [c.name, cells[n].value]));
        Object.entries(detail.rows(texts) || {}).forEach(([name, words]) => changes.push([cells[this.columns.findIndex((c) => c.name === name)], words]));
      });
      if (changes.length) this.apply(changes, detail.words(new Set(changes.map(([input]) => input.parentElement.parentElement)).size));
      else this.say("没有需要改的行");
    }
  }
  Object.assign(Grid.prototype, choosing, judging, clipping);

  document.querySelectorAll("[data-grid]").forEach((root) => new Grid(root));
})();
