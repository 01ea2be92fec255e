// Keys of every page: / ? g+letter, and the palette behind Ctrl+K. None fires while somebody types or composes. ES2020.
"use strict";
(() => {
  const address = document.body.dataset.paletteUrl;
  if (!address || typeof document.createElement("dialog").showModal !== "function") return;
  const OFF = "huitong-keys-off";
  const WAIT = 1500; // how long g waits for its letter
  const QUIET = 150; // how long typing must rest before the palette asks
  const make = (tag, properties = {}, ...children) => {
    const { attributes, ...rest } = properties;
    const element = Object.assign(document.createElement(tag), rest);
    Object.entries(attributes || {}).forEach(([name, value]) => element.setAttribute(name, value));
    element.append(...children);
    return element;
  };
  const stored = () => { try { return localStorage.getItem(OFF) === "1"; } catch (error) { return false; } };
  const store = (off) => { try { localStorage.setItem(OFF, off ? "1" : "0"); } catch (error) { /* private window: this page alone */ } };
  let off = stored();

  const links = () => [...document.querySelectorAll("a[data-letter]")];
  const isTyping = (target) => target instanceof Element && (
    target.closest("textarea, select, [contenteditable], [role=grid], [role=textbox], [role=combobox]") !== null
    || (target.matches("input") && !["button", "checkbox", "radio", "submit", "reset", "file"].includes(target.type))
  );

  // -- a dialog that gives the focus back to where it was
  const open = (dialog, first) => {
    const back = document.activeElement;
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (back instanceof HTMLElement && back.isConnected) back.focus();
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.showModal();
    first.focus();
  };

  // -- ?: every key of this page
  const showKeys = () => {
    const close = make("button", { type: "button", className: "btn btn-primary", textContent: "关闭" });
    const single = make("input", { type: "checkbox", className: "form-check-input", id: "keys-on", checked: !off });
    const row = (keys, words) => make("div", {}, make("dt", {}, ...keys.flatMap((key) => [make("kbd", { textContent: key }), " "])), make("dd", { textContent: words }));
    const dialog = make("dialog", { className: "modal-box keys-box", attributes: { "aria-labelledby": "keys-title" } },
      make("h2", { id: "keys-title", textContent: "快捷键" }),
      make("dl", { className: "keys-list" },
        row(["/"], "到检索框"), row(["?"], "显示快捷键"), row(["Ctrl+K"], "快速前往"), row(["g", "h"], "首页"),
        ...links().map((link) => row(["g", link.dataset.letter], link.textContent.trim()))),
      make("p", { className: "form-check" }, single, make("label", { className: "form-check-label", htmlFor: "keys-on", textContent: "使用单键的快捷键（/、?、g）" })),
      make("p", { className: "form-text", textContent: "在输入框里打字时不会触发。Ctrl+K 一直可用。" }),
      make("div", { className: "actions" }, close, make("a", { className: "btn btn-outline-secondary", href: "/help/keys/", textContent: "全部按键" })));
    single.addEventListener("change", () => { off = !single.checked; store(off); });
    close.addEventListener("click", () => dialog.close());
    open(dialog, close);
  };

  // -- Ctrl+K: the palette, a combobox over a list of links (ARIA 1.2 pattern)
  const showPalette = () => {
    const list = make("div", { id: "palette-list", className: "palette-list", attributes: { role: "listbox", "aria-label": "结果" } });
    const field = make("input", {
      type: "text", id: "palette-field", className: "form-control", placeholder: "页面、办理、指南、目录、事项；可输入拼音首字母", autocomplete: "off", maxLength: 60,
      attributes: { role: "combobox", "aria-expanded": "false", "aria-controls": "palette-list", "aria-autocomplete": "list", "aria-labelledby": "palette-title" },
    });
    const status = make("p", { className: "visually-hidden", attributes: { role: "status" } });
    const close = make("button", { type: "button", className: "btn btn-outline-secondary btn-sm", textContent: "关闭" });
    const dialog = make("dialog", { className: "modal-box palette-box", attributes: { "aria-labelledby": "palette-title" } },
      make("div", { className: "palette-head" }, make("h2", { id: "palette-title", textContent: "快速前往" }), close), field, list, status);
    let chosen = -1;
    let asked = 0;
    let timer = 0;
    const options = () => [...list.querySelectorAll("[role=option]")];
    const choose = (index) => {
      const all = options();
      chosen = all.length ? (index + all.length) % all.length : -1;
      all.forEach((option, place) => option.setAttribute("aria-selected", String(place === chosen)));
      if (chosen < 0) return field.removeAttribute("aria-activedescendant");
      field.setAttribute("aria-activedescendant", all[chosen].id);
      return all[chosen].scrollIntoView({ block: "nearest" });
    };
    const draw = (groups) => {
      let number = 0;
      list.replaceChildren(...groups.map((group, place) => make("div", { attributes: { role: "group", "aria-labelledby": `palette-group-${place}` } },
        make("p", { id: `palette-group-${place}`, className: "palette-group", textContent: group.label }),
        ...group.items.map((item) => make("div", { id: `palette-option-${number++}`, className: "palette-option", attributes: { role: "option", "aria-selected": "false", "data-url": item.url } },
          make("span", { textContent: item.label }), ...(item.note ? [make("small", { textContent: item.note })] : []))))));
      field.setAttribute("aria-expanded", String(number > 0));
      status.textContent = number ? `${number} 项` : "没有找到";
      if (!number) list.replaceChildren(make("p", { className: "palette-none", textContent: "没有找到。换个说法，或按回车查看全部。" }));
      choose(field.value ? 0 : -1);
    };
    const ask = async () => {
      const turn = ++asked;
      try {
        const answer = await fetch(`${address}?format=json&q=${encodeURIComponent(field.value)}`, { headers: { "X-Requested-With": "fetch" } });
        if (turn !== asked) return;
        if (answer.redirected || !answer.ok) location.reload(); // the session is over: sign in, then back here
        else draw((await answer.json()).groups);
      } catch (error) {
        status.textContent = "没有连上，请稍后再试";
      }
    };
    const later = () => { clearTimeout(timer); timer = setTimeout(ask, QUIET); };
    field.addEventListener("input", (event) => { if (!event.isComposing) later(); });
    field.addEventListener("compositionend", later);
    field.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return; // the keys belong to the input method
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        choose(chosen < 0 && step < 0 ? -1 : chosen + step);
      } else if (event.key === "Enter") {
        event.preventDefault();
        const option = options()[chosen];
        location.assign(option ? option.dataset.url : `${address}?q=${encodeURIComponent(field.value)}`);
      }
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) location.assign(option.dataset.url);
    });
    close.addEventListener("click", () => dialog.close());
    open(dialog, field);
    ask();
  };

  document.querySelectorAll("a[data-palette]").forEach((link) => link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    showPalette();
  }));

  // -- which key was it
  let going = 0; // until when the letter after g counts
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229 || event.repeat) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key === "k") {
      event.preventDefault();
      showPalette();
      return;
    }
    if (off || event.ctrlKey || event.metaKey || event.altKey) return;
    if (going > Date.now()) {
      going = 0;
      const link = key === "h" ? document.querySelector("a.brand") : links().find((one) => one.dataset.letter === key);
      if (link) {
        event.preventDefault();
        location.assign(link.href);
        return;
      }
    }
    if (key === "g") going = Date.now() + WAIT;
    else if (key === "?") { event.preventDefault(); showKeys(); }
    else if (key === "/") {
      const field = document.getElementById("top-q");
      if (!field) return;
      event.preventDefault();
      field.focus();
      field.select();
    }
  });
})();
