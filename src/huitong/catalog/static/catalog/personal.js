// The items' page: what was recognised as personal is followed in the grid at once, without a reload.
"use strict";
(() => {
  const panel = document.querySelector("[data-personal]");
  const grid = document.querySelector('[data-grid="items"]');
  if (!panel || !grid) return;
  const items = new Map([...panel.querySelectorAll("[data-item]")].map((row) => [row.dataset.item, row]));
  const strictest = Object.fromEntries(["level", "share_class", "mask"].map((name) => [name, grid.querySelector("template[data-blank]").content.querySelector(`[name="items.${name}"]`).value]));
  const untouched = (texts) => Object.entries(strictest).every(([name, words]) => texts[name] === words);
  const GRADES = "一二三四";
  const level = (now, asked) => (GRADES.indexOf(now[0]) > GRADES.indexOf(asked[0]) ? now : asked);
  const follow = (row, texts, given) => ({ mask: row.dataset.mask, level: untouched(texts) ? row.dataset.level : level(texts.level, row.dataset.level), share_class: given ? row.dataset.share : strictest.share_class });
  const tell = (row, words) => { row.querySelector("[data-settled]").firstElementChild.className = "tag tag-success"; row.querySelector("[data-settled]").firstElementChild.textContent = words; };
  const open = (row) => row.querySelector("[data-settled] .tag-warning") && !row.querySelector('[name^="reason."]').value.trim();
  panel.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="settle"]');
    if (!button) return;
    const [what, ...rest] = button.value.split(":");
    const about = rest.join(":");
    const followed = [];
    const rows = (texts) => {
      const row = items.get(texts.column ? `column:${texts.column}` : `name:${texts.name}`);
      if (what === "open_rest") return !row && (texts.name || texts.column) && untouched(texts) ? JSON.parse(panel.dataset.opened) : null;
      if (!row || (what === "adopt_all" ? !open(row) : row.dataset.item !== about)) return null;
      followed.push(row);
      return follow(row, texts, what !== "withhold");
    };
    const words = (count) => (what === "open_rest" ? `已设 ${count} 个信息项为二级、无条件、不脱敏` : what === "withhold" ? `“${items.get(about).dataset.name}”不提供` : `已采纳 ${count} 个信息项的建议`);
    grid.dispatchEvent(new CustomEvent("grid:set", { detail: { rows, words } }));
    if (about && !followed.length) return; // its row is another by now: the server looks anew
    event.preventDefault();
    followed.forEach((row) => tell(row, what === "withhold" ? "不提供" : "已采纳"));
  });
})();
