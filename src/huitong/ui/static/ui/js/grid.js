// <c-grid>: a spreadsheet in the page. Paste from Excel and WPS, arrows, Enter, fill down, ranges, rows without a reload, undo
// of what was done at once, faults in the cell and in a summary. Without it the same form works by its buttons. ES2020.
"use strict";
(() => {
  const SHOWN = 20; // faults linked one by one
  const folded = (text) => text.normalize("NFKC").toLowerCase().replace(/\(.*?\)|[\s*:_]/g, "");
  const make = (tag, words = "", attributes = {}) => {
    const made = document.createElement(tag);
    made.textContent = words;
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
  };

  // -- text of a clipboard: tabs between cells, lines between rows; a cell in quotes may hold both and doubled quotes
  const parsed = (text) => {
    const rows = [[]];
    let at = 0;
    const source = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
    while (at <= source.length) {
      let cell = "";
      const quoted = source[at] === '"' && /^"(?:[^"]|"")*"(?=[\t\n]|$)/.exec(source.slice(at));
      if (quoted) {
        cell = quoted[0].slice(1, -1).replace(/""/g, '"');
        at += quoted[0].length;
      } else {
        const end = source.slice(at).search(/[\t\n]/);
        const stop = end < 0 ? source.length : at + end;
        cell = source.slice(at, stop);
        at = stop;
      }
      rows[rows.length - 1].push(cell.replace(/\s+/g, " ").trim());
      if (source[at] === "\n") rows.push([]);
      at += 1;
    }
    return rows;
  };
  const quoted = (cell) => (/[\t\n"]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell);

  // -- the one list of choices, under the cell that has the focus
  const options = make("ul", "", { class: "grid-options", role: "listbox", id: "grid-options", "aria-label": "选项" });
  options.hidden = true;
  document.body.append(options);
  let asked = null; // the cell it stands under
  const active = () => options.querySelector('[aria-selected="true"]');
  const close = () => {
    if (!asked) return;
    asked.setAttribute("aria-expanded", "false");
    asked.removeAttribute("aria-activedescendant");
    options.hidden = true;
    asked = null;
  };
  const point = (option) => {
    const before = active();
    if (before) before.setAttribute("aria-selected", "false");
    if (!option) return asked.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    return asked.setAttribute("aria-activedescendant", option.id);
  };
  const open = (input, choices, typed) => {
    const match = typed ? choices.filter((c) => [c.words, ...c.also].some((word) => folded(word).includes(folded(typed)))) : choices;
    asked = input;
    if (!match.length) return close();
    options.replaceChildren(...match.map((c, n) => make("li", c.words, { role: "option", id: `grid-option-${n}`, "aria-selected": "false" })));
    options.hidden = false;
    const box = input.getBoundingClientRect();
    options.style.left = `${Math.max(0, Math.min(box.left, innerWidth - options.offsetWidth - 4))}px`;
    options.style.top = `${box.bottom + options.offsetHeight > innerHeight ? Math.max(0, box.top - options.offsetHeight) : box.bottom}px`;
    input.setAttribute("aria-expanded", "true");
    return point([...options.children].find((option) => option.textContent === input.value) || (typed ? options.firstChild : null));
  };

  class Grid {
    constructor(root) {
      this.root = root;
      this.name = root.dataset.grid;
      this.most = Number(root.dataset.most);
      this.body = root.querySelector("tbody");
      this.blank = root.querySelector("template[data-blank]").content;
      this.said = root.querySelector("[data-said]");
      this.summary = root.querySelector("[data-faults]");
      this.undoing = root.querySelector("[data-undo]");
      this.columns = [...root.querySelectorAll("th[data-column]")].map((head, index) => this.column(head, index));
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
        ? [...list.options].map((o) => ({ words: o.value, also: words(o.dataset.also), fits: words(o.dataset.fits) }))
        : null;
      const known = new Map();
      (choices || []).slice().reverse().forEach((c) => [...c.also, c.words].forEach((word) => known.set(folded(word), c)));
      if (list) list.remove();
      return { name, label, index, by, choices, known, least: Number(least), whole: least !== undefined, most: Number(most), longest: Number(longest), called: new Set([label, name, ...also.split("|")].map(folded)) };
    }

    // -- where things are
    get rows() { return [...this.body.rows]; }

    cells(row) { return [...row.querySelectorAll("td > input")]; }

    place(input) {
      const row = input.closest("tr");
      return { row: row.sectionRowIndex, column: this.cells(row).indexOf(input) };
    }

    cellAt(row, column) { const found = this.body.rows[row]; return found ? this.cells(found)[column] : null; }

    cell(target) { return target && target.closest && target.closest("td") && this.body.contains(target) && target.matches("td > input") ? target : null; }

    get current() { return this.cell(document.activeElement) || (this.last && this.body.contains(this.last) ? this.last : null); }

    go(row, column, whole = true) {
      const input = this.cellAt(row, column);
      if (!input) return false;
      input.focus();
      if (whole) input.select();
      return true;
    }

    say(words) { this.said.textContent = words; }

    told() { this.body.dispatchEvent(new Event("change", { bubbles: true })); }

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
      else if (asked === input && ["ArrowDown", "ArrowUp"].includes(event.key) && !event.shiftKey) {
        const now = active();
        const next = event.key === "ArrowDown" ? (now ? now.nextSibling : options.firstChild) : now && now.previousSibling;
        if (next) point(next);
        event.preventDefault();
      } else if (asked === input && ["Enter", "Tab"].includes(event.key) && active()) {
        this.choose(active());
        if (event.key === "Enter") event.preventDefault();
      } else if (event.key === "Escape") {
        event.preventDefault();
        if (asked) close();
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

    // -- choices
    fitting(input) {
      const column = this.columns[this.place(input).column];
      const by = column.by && this.columns.find((c) => c.name === column.by);
      const beside = by && by.known.get(folded(this.cells(input.closest("tr"))[by.index].value));
      return column.choices.filter((c) => !beside || !c.fits || c.fits.includes(beside.also[0]));
    }

    unfold(input, typed = "") { open(input, this.fitting(input), typed); }

    choose(option) {
      const input = asked;
      const words = option.textContent;
      close();
      this.apply([[input, words]], "");
      input.select();
    }

    input(event) {
      const input = this.cell(event.target);
      if (!input || !event.isTrusted) return;
      this.typed = true;
      const { choices } = this.columns[this.place(input).column];
      if (choices) this.unfold(input, input.value);
      if (input.hasAttribute("aria-invalid")) this.fault(input, "");
    }

    // -- what is wrong with a cell
    wrong(column, input, cells) {
      const text = input.value.trim();
      if (!text) return "";
      if (column.choices) {
        const choice = column.known.get(folded(text));
        if (!choice) return `没有“${text}”这个选项`;
        const by = column.by && this.columns.find((c) => c.name === column.by);
        const beside = by && by.known.get(folded(cells[by.index].value));
        return beside && choice.fits && !choice.fits.includes(beside.also[0]) ? `${beside.words}不能选“${choice.words}”` : "";
      }
      const digits = text.normalize("NFKC").replace(/,/g, "");
      if (column.whole) return /^\d{1,12}$/.test(digits) && Number(digits) >= column.least && Number(digits) <= column.most ? "" : `请填 ${column.least} 至 ${column.most} 的整数`;
      return column.longest && text.length > column.longest ? `最多 ${column.longest} 个字，现有 ${text.length} 个` : "";
    }

    judge(row, first = 0, last = Infinity) {
      const cells = this.cells(row);
      cells.forEach((input, n) => {
        const column = this.columns[n];
        const touched = n >= first && n <= last;
        if (!touched && !(column.by && this.columns.findIndex((c) => c.name === column.by) >= first)) return;
        const choice = column.choices && column.known.get(folded(input.value));
        if (choice && input.value !== choice.words && input.value.trim()) input.value = choice.words;
        this.fault(input, this.wrong(column, input, cells));
      });
    }

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
    }

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
      this.told();
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
      this.told();
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

    // -- clipboard
    copy(event) {
      if (!this.cell(event.target) || !this.ranged) return;
      const r = this.range;
      const text = this.rows.slice(r.top, r.bottom + 1).map((row) => this.cells(row).slice(r.left, r.right + 1).map((input) => quoted(input.value)).join("\t")).join("\n");
      event.clipboardData.setData("text/plain", text);
      event.preventDefault();
    }

    paste(event) {
      const input = this.cell(event.target);
      if (!input) return;
      const table = parsed(event.clipboardData.getData("text/plain"));
      while (table.length > 1 && table[table.length - 1].every((cell) => !cell)) table.pop();
      if (table.length === 1 && table[0].length === 1) {
        if (!this.ranged) {
          this.edited = true;
          if (this.columns[this.place(input).column].choices) setTimeout(() => this.judge(input.closest("tr"), this.place(input).column, this.place(input).column));
          return; // one word into one cell: the browser's own
        }
        event.preventDefault();
        const r = this.range;
        this.apply(this.rows.slice(r.top, r.bottom + 1).flatMap((row) => this.cells(row).slice(r.left, r.right + 1).map((cell) => [cell, table[0][0]])), `已填入 ${r.bottom - r.top + 1} 行`);
        return;
      }
      event.preventDefault();
      close();
      const start = this.ranged ? { row: this.range.top, column: this.range.left } : this.place(input);
      this.unmark();
      this.lay(table, start);
    }

    lay(table, start) {
      const head = table[0].map((word) => this.columns.find((c) => c.called.has(folded(word))));
      const named = new Set(head.filter(Boolean)).size;
      const titled = named > 0 && named * 2 >= table[0].filter(Boolean).length && (named > 1 || table[0].length === 1);
      const rows = titled ? table.slice(1) : table;
      const width = Math.max(...rows.map((row) => row.length), 0);
      const targets = titled ? head : Array.from({ length: width }, (_, n) => this.columns[start.column + n]);
      const lost = [];
      Array.from({ length: width }, (_, n) => n).filter((n) => !targets[n]).forEach((n) => {
        const sample = titled ? table[0][n] : (rows.find((row) => row[n]) || [])[n];
        if (sample) lost.push(`“${sample}”`);
      });
      const room = Math.min(rows.length, this.most - start.row);
      const added = this.grow(start.row + room);
      const all = this.rows;
      const changes = [];
      rows.slice(0, room).forEach((row, n) => {
        const cells = this.cells(all[start.row + n]);
        row.forEach((text, at) => targets[at] && changes.push([cells[targets[at].index], text]));
      });
      const words = [
        `已粘贴 ${room} 行 ${new Set(targets.filter(Boolean)).size} 列`,
        titled ? "，第一行作列名对应" : "",
        added.length ? `，新增 ${added.length} 行` : "",
        lost.length ? `；有 ${lost.length} 列没有对应的位置，未放入：${lost.slice(0, 5).join("、")}` : "",
        room < rows.length ? `；最多 ${this.most} 行，后面 ${rows.length - room} 行未放入` : "",
      ].join("");
      this.apply(changes, words, added);
    }
  }

  options.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    event.preventDefault();
    if (!option || !asked) return;
    grids.find((grid) => grid.cell(asked)).choose(option);
  });
  window.addEventListener("resize", close);
  window.addEventListener("scroll", close);
  const grids = [...document.querySelectorAll("[data-grid]")].map((root) => new Grid(root));
})();
