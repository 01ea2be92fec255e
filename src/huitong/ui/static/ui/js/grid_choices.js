// <c-grid>: its one list of choices, under the cell that has the focus; and what its files share (window.huitongGrid). ES2020.
"use strict";
(() => {
  const folded = (text) => text.normalize("NFKC").toLowerCase().replace(/\(.*?\)|[\s*:_]/g, "");
  const make = (tag, words = "", attributes = {}) => {
    const made = document.createElement(tag);
    made.textContent = words;
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
  };

  const options = make("ul", "", { class: "grid-options", role: "listbox", id: "grid-options", "aria-label": "选项" });
  options.hidden = true;
  document.body.append(options);
  let field = null; // the cell it stands under
  const active = () => options.querySelector('[aria-selected="true"]');
  const close = () => {
    if (!field) return;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    options.hidden = true;
    field = null;
  };
  const point = (option) => {
    const before = active();
    if (before) before.setAttribute("aria-selected", "false");
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    return field.setAttribute("aria-activedescendant", option.id);
  };
  const open = (input, choices, typed) => {
    const match = typed ? choices.filter((c) => [c.words, ...c.also].some((word) => folded(word).includes(folded(typed)))) : choices;
    field = input;
    if (!match.length) return close();
    options.replaceChildren(...match.map((c, n) => make("li", c.words, { role: "option", id: `grid-option-${n}`, "aria-selected": "false" })));
    options.hidden = false;
    const box = input.getBoundingClientRect();
    options.style.left = `${Math.max(0, Math.min(box.left, innerWidth - options.offsetWidth - 4))}px`;
    options.style.top = `${box.bottom + options.offsetHeight > innerHeight ? Math.max(0, box.top - options.offsetHeight) : box.bottom}px`;
    input.setAttribute("aria-expanded", "true");
    return point([...options.children].find((option) => option.textContent === input.value) || (typed ? options.firstChild : null));
  };

  /** What cells with choices do. */
  const choosing = {
    fitting(input) {
      const column = this.columns[this.place(input).column];
      const by = column.by && this.columns.find((c) => c.name === column.by);
      const beside = by && by.choice(this.cells(input.closest("tr"))[by.index].value);
      return column.choices.filter((c) => !beside || !c.fits || c.fits.includes(beside.kind));
    },

    unfold(input, typed = "") { open(input, this.fitting(input), typed); },

    choose(option) {
      const input = field;
      const words = option.textContent;
      close();
      this.apply([[input, words]], "");
      input.select();
    },
  };

  options.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    event.preventDefault();
    if (option && field) field.dispatchEvent(new CustomEvent("grid:chosen", { bubbles: true, detail: option }));
  });
  window.addEventListener("resize", close);
  window.addEventListener("scroll", close);
  window.huitongGrid = { folded, make, options, point, close, active, choosing, isOpen: (input) => field === input };
})();
