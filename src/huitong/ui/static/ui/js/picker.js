// Selects with many choices: a combobox searched by name, short name, pinyin and initials; of several, chips of what is
// chosen and a tree by kind; of thousands, the server searches. The <select> stays what the form sends.
"use strict";
(() => {
  if (window.huitongPickers) return; // a page with several carries the script several times
  window.huitongPickers = true;

  // -- what is typed, against names and their readings; ui/pinyin.py does the same
  const folded = (text) => text.normalize("NFKC").toLowerCase().replace(/[\s'’]/g, "");
  const choiceOf = (option) => {
    const label = option.textContent.trim();
    const [own, ...also] = (option.dataset.find || "").split("|");
    const names = also.map((name) => [folded(name.slice(0, name.lastIndexOf(":"))), name.slice(name.lastIndexOf(":") + 1)]);
    const group = option.parentElement.tagName === "OPTGROUP" ? option.parentElement.label : "";
    return { value: option.value, label, group, option, names: [[folded(label), own], ...names] };
  };
  const shared = (reading, typed, done) => {
    let n = 0;
    while (n < reading.length && done + n < typed.length && reading[n] === typed[done + n]) n += 1;
    return n;
  };
  // the first syllable from which on the readings spell what was typed; -1: they do not
  const spelledFrom = (typed, readings) => {
    let ways = new Map();
    let begin = -1;
    readings.split(" ").forEach((syllable, place) => {
      const further = new Map();
      for (const [done, first] of new Map([[0, place], ...ways])) {
        for (const reading of syllable.split("/")) {
          const end = done + shared(reading, typed, done);
          if (end === typed.length && (begin < 0 || first < begin)) begin = first;
          for (let n = done + 1; n <= end; n += 1) further.set(n, Math.min(first, further.has(n) ? further.get(n) : first));
        }
      }
      ways = further;
    });
    return begin;
  };
  const rank = (choice, typed) => Math.min(...choice.names.map(([name, readings]) => {
    const at = name.indexOf(typed);
    if (at >= 0) return at ? 1 : 0;
    const first = /^[a-z0-9]{1,60}$/.test(typed) ? spelledFrom(typed, readings) : -1;
    return first < 0 ? 9 : first ? 3 : 2;
  }));
  const matching = (choices, text) => {
    const typed = folded(text);
    if (!typed) return choices;
    return choices.map((choice) => [rank(choice, typed), choice]).filter(([place]) => place < 9)
      .sort((a, b) => a[0] - b[0]).map(([, choice]) => choice);
  };

  const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  // -- a search on the server: the last one typed counts
  const asking = (url) => {
    let timer, running;
    return (typed, populate) => {
      clearTimeout(timer);
      if (running) running.abort();
      timer = setTimeout(async () => {
        running = new AbortController();
        try {
          const address = new URL(url, location.href);
          address.searchParams.set("q", typed);
          const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: running.signal });
          populate(answer.ok ? (await answer.json()).choices : []);
        } catch (error) {
          if (error.name !== "AbortError") populate([]);
        }
      }, 200);
    };
  };

  let enhancing = 0;
  const enhance = (select) => {
    if (select.dataset.picker) return;
    const number = ++enhancing;
    const id = select.id || `picker-${number}`;
    const several = select.multiple;
    const remote = select.dataset.source;
    const empty = [...select.options].find((option) => !option.value);
    const choices = remote ? [] : [...select.options].filter((option) => option.value).map(choiceOf);
    const hints = (select.getAttribute("aria-describedby") || "").split(" ").map((name) => document.getElementById(name))
      .filter(Boolean).map((hint) => hint.textContent.trim());
    const box = element("div", { className: "picker" });
    const field = element("div", { className: "picker-search" });
    const status = element("p", { className: "visually-hidden" });
    status.setAttribute("role", "status");
    select.dataset.picker = "on";
    select.before(box);
    select.id = `${id}-select`;
    select.hidden = true;
    box.append(field, status);

    let own = false;
    const changed = () => {
      own = true;
      select.dispatchEvent(new Event("input", { bubbles: true }));
      select.dispatchEvent(new Event("change", { bubbles: true }));
      own = false;
    };
    const setOne = (value) => {
      if (select.value === value) return;
      if (value || empty) select.value = value;
      else select.selectedIndex = -1;
      changed();
    };
    const search = () => {
      const current = several ? null : [...select.options].find((option) => option.selected && option.value);
      field.replaceChildren();
      window.accessibleAutocomplete({
        element: field,
        id,
        name: "",
        source: remote ? asking(remote) : (typed, populate) => populate(matching(choices, typed)),
        defaultValue: current ? current.textContent.trim() : "",
        minLength: remote ? 1 : 0,
        showAllValues: !remote,
        autoselect: true,
        confirmOnBlur: false,
        displayMenu: "overlay",
        dropdownArrow: () => "",
        placeholder: several ? "输入名称或拼音添加" : `${empty ? empty.textContent.trim() : "请选择"}（输入名称或拼音）`,
        inputClasses: `form-control ${select.classList.contains("form-select-sm") ? "form-control-sm" : ""} ${select.classList.contains("is-invalid") ? "is-invalid" : ""}`,
        required: select.required && !several,
        templates: {
          inputValue: (choice) => (choice ? choice.label || choice : ""),
          suggestion: (choice) => (typeof choice === "string" ? escaped(choice)
            : `${escaped(choice.label)}${choice.group ? `<small>${escaped(choice.group)}</small>` : ""}`),
        },
        onConfirm: (choice) => {
          if (!choice || !choice.value) return;
          if (several) {
            choice.option.selected = true;
            changed();
            draw();
            search();
            document.getElementById(id).focus();
            return;
          }
          if (remote && ![...select.options].some((option) => option.value === String(choice.value))) select.add(new Option(choice.label, choice.value));
          setOne(String(choice.value));
        },
        tNoResults: () => "没有找到",
        tStatusQueryTooShort: (least) => `请至少输入 ${least} 个字`,
        tStatusNoResults: () => "没有找到",
        tStatusSelectedOption: (option, length, index) => `${option}，第 ${index + 1} 项，共 ${length} 项`,
        tStatusResults: (length, option) => `找到 ${length} 项，${option}`,
        tAssistiveHint: () => [...hints, "输入名称、简称、拼音或首字母，用上下键选择，回车确认。"].join("。"),
      });
    };
    // what is typed and names a choice is that choice; anything else is none, never the one before
    box.addEventListener("input", (event) => {
      if (several || event.target.id !== id) return;
      const typed = event.target.value.trim();
      const exact = [...select.options].find((option) => option.value && option.textContent.trim() === typed);
      setOne(exact ? exact.value : "");
    });

    // -- several: chips, and a tree by kind
    const chips = element("ul", { className: "chips" });
    chips.setAttribute("aria-label", "已选");
    const kinds = [...new Set(choices.map((choice) => choice.group))];
    const tree = element("details", { className: "picker-tree" });
    const boxes = new Map();
    const counts = [];
    const draw = () => {
      const chosen = choices.filter((choice) => choice.option.selected);
      chips.replaceChildren(...chosen.map((choice) => {
        const remove = element("button", { type: "button", textContent: "×" });
        remove.setAttribute("aria-label", `移除：${choice.label}`);
        remove.addEventListener("click", () => {
          const at = chosen.indexOf(choice);
          put([choice], false);
          const left = chips.querySelectorAll("button");
          (left[Math.min(at, left.length - 1)] || document.getElementById(id)).focus();
        });
        return element("li", {}, element("span", { textContent: choice.label }), remove);
      }));
      chips.hidden = !chosen.length;
      boxes.forEach((tick, choice) => { tick.checked = choice.option.selected; });
      counts.forEach((count) => count());
      status.textContent = chosen.length ? `已选 ${chosen.length} 个` : "";
    };
    const put = (list, on) => {
      list.forEach((choice) => { choice.option.selected = on; });
      changed();
      draw();
    };
    const tick = (words, name, onChange) => {
      const input = element("input", { type: "checkbox", className: "form-check-input", id: `${id}-${name}` });
      const label = element("label", { className: "form-check-label", htmlFor: input.id, textContent: words });
      input.addEventListener("change", (event) => { event.stopPropagation(); onChange(input.checked); });
      return [input, element("div", { className: "form-check" }, input, label)];
    };
    const branch = (kind, n) => {
      const members = choices.filter((choice) => choice.group === kind);
      const figure = element("span", { className: "picker-count" });
      const [all, line] = tick(`全选（${members.length} 个）`, `kind-${n}`, (on) => put(members, on));
      all.setAttribute("aria-label", `全选${kind}`);
      counts.push(() => {
        const chosen = members.filter((choice) => choice.option.selected).length;
        all.checked = chosen === members.length;
        all.indeterminate = chosen > 0 && chosen < members.length;
        figure.textContent = `${chosen} / ${members.length}`;
      });
      const leaves = members.map((choice) => {
        const [input, row] = tick(choice.label, `of-${choices.indexOf(choice)}`, (on) => put([choice], on));
        boxes.set(choice, input);
        return row;
      });
      const content = element("div", { className: "picker-leaves" }, ...leaves);
      return kinds.length === 1 ? element("div", {}, line, content)
        : element("details", {}, element("summary", {}, kind || "其他", figure), line, content);
    };
    if (several) {
      tree.append(element("summary", { textContent: kinds.length > 1 ? "按类型选择" : "在列表中选择" }), ...kinds.map(branch));
      field.before(chips);
      field.after(tree);
      draw();
    }
    const again = () => { search(); if (several) draw(); };
    select.addEventListener("change", () => { if (!own) again(); }); // filled in by somebody else: a draft, a copy
    if (select.form) select.form.addEventListener("reset", () => setTimeout(again));
    search();
  };

  const enhanceAll = (root) => root.querySelectorAll("select[data-picker='']").forEach(enhance);
  enhanceAll(document);
  document.addEventListener("htmx:load", (event) => enhanceAll(event.target));
})();
