// <c-grid>: text of Excel and WPS, in and out. ES2020.
"use strict";
(() => {
  const { folded, close } = window.huitongGrid;

  // tabs between cells, lines between rows; a cell in quotes may hold both and doubled quotes
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

  window.huitongGrid.clipping = {
    copy(event) {
      if (!this.cell(event.target) || !this.ranged) return;
      const r = this.range;
      const text = this.rows.slice(r.top, r.bottom + 1).map((row) => this.cells(row).slice(r.left, r.right + 1).map((input) => quoted(input.value)).join("\t")).join("\n");
      event.clipboardData.setData("text/plain", text);
      event.preventDefault();
    },

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
    },

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
    },
  };
})();
