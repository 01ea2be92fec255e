// Suggestions while one types what to search for: a combobox over links (ARIA 1.2). Without it the form searches. ES2020.
"use strict";
(() => {
  const field = document.querySelector("input[data-suggest]");
  if (!field) return;
  const QUIET = 150; // how long typing must rest
  const make = (tag, properties = {}, ...children) => {
    const { attributes, ...rest } = properties;
    const element = Object.assign(document.createElement(tag), rest);
    Object.entries(attributes || {}).forEach(([name, value]) => element.setAttribute(name, value));
    element.append(...children);
    return element;
  };
  const list = make("div", { id: "suggested", className: "suggested", hidden: true, attributes: { role: "listbox", "aria-label": "可能要找的" } });
  const status = make("p", { className: "visually-hidden", attributes: { role: "status" } });
  const box = make("div", { className: "suggest-box" });
  const focused = document.activeElement === field;
  field.before(box);
  box.append(field, list, status);
  if (focused) field.focus();
  Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "suggested", "aria-autocomplete": "list" })
    .forEach(([name, value]) => field.setAttribute(name, value));
  let chosen = -1;
  let asked = 0;
  let timer = 0;
  const options = () => [...list.querySelectorAll("[role=option]")];
  const choose = (index) => {
    const all = options();
    chosen = index < 0 || !all.length ? -1 : index % all.length;
    all.forEach((option, place) => option.setAttribute("aria-selected", String(place === chosen)));
    if (chosen < 0) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", all[chosen].id);
    return all[chosen].scrollIntoView({ block: "nearest" });
  };
  const show = (open) => {
    list.hidden = !open;
    field.setAttribute("aria-expanded", String(open));
    if (!open) choose(-1);
  };
  const draw = (groups) => {
    let number = 0;
    list.replaceChildren(...groups.map((group, place) => make("div", { attributes: { role: "group", "aria-labelledby": `suggested-${place}` } },
      make("p", { id: `suggested-${place}`, className: "palette-group", textContent: group.label }),
      ...group.items.map((item) => make("div", { id: `suggestion-${number++}`, className: "palette-option", attributes: { role: "option", "aria-selected": "false", "data-url": item.url } },
        make("span", { textContent: item.label }), make("small", { textContent: item.note }))))));
    status.textContent = number ? `有 ${number} 条提示，用上下键选择` : "";
    choose(-1);
    show(number > 0);
  };
  const ask = async () => {
    const turn = ++asked;
    if (!field.value.trim()) return show(false);
    try {
      const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(field.value)}`, { headers: { Accept: "application/json" } });
      const groups = answer.ok && !answer.redirected ? (await answer.json()).groups : [];
      if (turn === asked && document.activeElement === field) draw(groups);
    } catch (error) {
      show(false); // the search itself will say what is wrong
    }
    return undefined;
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(ask, QUIET); };
  field.addEventListener("input", (event) => { if (!event.isComposing) later(); });
  field.addEventListener("compositionend", later);
  field.addEventListener("blur", () => { asked += 1; clearTimeout(timer); show(false); });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return; // the keys belong to the input method
    const number = options().length;
    if (event.key === "ArrowDown" && !list.hidden) {
      event.preventDefault();
      choose(chosen + 1);
    } else if (event.key === "ArrowUp" && !list.hidden) {
      event.preventDefault();
      choose(chosen < 0 ? number - 1 : chosen - 1);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      show(false);
    } else if (event.key === "Enter" && !list.hidden && chosen >= 0) {
      event.preventDefault();
      location.assign(options()[chosen].dataset.url);
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
})();
