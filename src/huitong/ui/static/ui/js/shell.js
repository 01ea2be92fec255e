// The shell: accessibility toolbar, menus, copying, idle warning, wide tables, htmx's CSRF header. ES2020, no inline anything.
"use strict";
(() => {
  const root = document.documentElement;
  const say = (selector, within = document) => within.querySelector(selector);

  // -- accessibility toolbar: the server keeps the choice in a cookie; here it only takes effect at once
  const scales = ["fs-100", "fs-125", "fs-150"];
  const mark = (form) => {
    const now = scales.find((s) => root.classList.contains(s)) || "fs-100";
    form.querySelectorAll("[name=scale]").forEach((b) => b.setAttribute("aria-pressed", String(b.value === now)));
    say("[name=contrast]", form).setAttribute("aria-pressed", String(root.classList.contains("contrast")));
  };
  document.querySelectorAll("[data-display]").forEach((form) => {
    mark(form);
    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (!button) return;
      event.preventDefault();
      if (button.name === "scale") {
        root.classList.remove(...scales);
        root.classList.add(button.value);
      } else {
        root.classList.toggle("contrast");
      }
      const chosen = [...scales, "contrast"].filter((name) => root.classList.contains(name)).join(".");
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `display=${chosen}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
      mark(form);
    });
  });

  // -- menus
  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-toggle-menu]");
    if (toggle) {
      const open = toggle.getAttribute("aria-expanded") !== "true";
      toggle.setAttribute("aria-expanded", String(open));
      document.getElementById(toggle.getAttribute("aria-controls")).classList.toggle("open", open);
    }
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      menu.open = false;
      say("summary", menu).focus();
    });
  });

  // -- copying
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    const text = source.value === undefined ? source.textContent : source.value;
    let copied = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch (error) { // plain http on an intranet has no clipboard API
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "visually-hidden";
      document.body.append(area);
      area.select();
      copied = document.execCommand("copy");
      area.remove();
    }
    announce(copied ? "已复制" : "复制失败，请手工选择复制");
    const before = button.cloneNode(true);
    button.textContent = copied ? "已复制" : "请手工复制";
    setTimeout(() => button.replaceChildren(...before.childNodes), 2000);
  });
  const live = document.createElement("div");
  live.className = "visually-hidden";
  live.setAttribute("role", "status");
  document.body.append(live);
  const announce = (words) => { live.textContent = words; };

  // -- narrow windows: filters fold under a button that says how many hold; cells carry the name of their column
  document.querySelectorAll("form.filter").forEach((form, index) => {
    const fields = say(".filter-fields", form);
    if (!fields) return;
    const set = [...form.elements].filter((e) => e.name && e.type !== "hidden" && e.value && (!/checkbox|radio/.test(e.type) || e.checked));
    const button = document.createElement("button");
    button.type = "button";
    button.className = "filter-toggle";
    button.textContent = set.length ? `查询条件（${set.length}）` : "查询条件";
    fields.id = fields.id || `filter-fields-${index}`;
    button.setAttribute("aria-controls", fields.id);
    button.setAttribute("aria-expanded", "false");
    button.dataset.toggleMenu = "";
    fields.before(button);
  });
  if (matchMedia("(max-width: 36rem)").matches) document.querySelectorAll(".facets > details").forEach((facet) => { facet.open = false; });
  const label = (table) => {
    const heads = [...table.querySelectorAll("thead th")].map((th) => th.textContent.trim());
    const rows = [...table.querySelectorAll("tbody tr")];
    if (!heads.length || rows.some((row) => row.cells.length !== heads.length)) return; // a table of another make
    rows.forEach((row) => [...row.cells].forEach((cell, at) => { if (!cell.dataset.label) cell.dataset.label = heads[at]; }));
    table.classList.add("cards");
  };
  const labelAll = () => document.querySelectorAll(".table-scroll > .table:not(.diff):not([data-grid])").forEach(label);
  document.addEventListener("htmx:afterSettle", labelAll);
  labelAll();

  // -- wide tables: a shadow while there is more to the right; one that fits is no stop for the Tab key
  const shade = (box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
    box.classList.toggle("more-right", box.scrollLeft + box.clientWidth < box.scrollWidth - 2);
    box.classList.toggle("more-left", box.scrollLeft > 2);
  };
  const shadeAll = () => document.querySelectorAll("[data-scroll]").forEach(shade);
  document.addEventListener("scroll", (event) => event.target.matches && event.target.matches("[data-scroll]") && shade(event.target), true);
  window.addEventListener("resize", shadeAll);
  document.addEventListener("htmx:afterSettle", shadeAll);
  shadeAll();

  // -- htmx
  document.addEventListener("htmx:configRequest", (event) => {
    const token = say('meta[name="csrf-token"]');
    if (token) event.detail.headers["X-CSRFToken"] = token.content;
  });
  document.addEventListener("htmx:responseError", (event) => {
    announce(`没有成功（${event.detail.xhr.status}），请刷新页面后重试`);
  });

  // -- idle warning: at five sixths of the session (25 of 30 minutes), shared between tabs
  const seconds = Number(document.body.dataset.sessionSeconds || 0);
  const dialog = document.getElementById("idle-dialog");
  if (!seconds || !dialog || typeof dialog.showModal !== "function") return;
  const KEY = "huitong-seen";
  const seen = () => {
    try { return Number(localStorage.getItem(KEY)) || started; } catch (error) { return started; }
  };
  const touch = () => {
    try { localStorage.setItem(KEY, String(Date.now())); } catch (error) { /* private window: this tab alone */ }
    started = Date.now();
  };
  let started = Date.now();
  touch();
  document.addEventListener("huitong:seen", touch); // what was saved of itself has kept the session alive
  const look = () => {
    const idle = (Date.now() - seen()) / 1000;
    const left = Math.max(0, seconds - idle);
    say("[data-idle-left]", dialog).textContent = left >= 60 ? `${Math.ceil(left / 60)} 分钟` : `${Math.ceil(left)} 秒`;
    if (left <= 0) { // the server says what comes next: the sign-in page, then back here
      document.dispatchEvent(new CustomEvent("huitong:leaving"));
      location.reload();
    }
    if (left > 0 && left <= seconds / 6 && !dialog.open) dialog.showModal();
    else if (left > seconds / 6 && dialog.open) dialog.close();
    setTimeout(look, left <= seconds / 6 ? 1000 : Math.min(30000, (left - seconds / 6) * 1000 + 50));
  };
  say("[data-idle-extend]", dialog).addEventListener("click", async () => {
    const token = say('meta[name="csrf-token"]').content;
    const answer = await fetch(document.body.dataset.extendUrl, { method: "POST", headers: { "X-CSRFToken": token } });
    if (!answer.ok) {
      document.dispatchEvent(new CustomEvent("huitong:leaving"));
      return location.reload();
    }
    touch();
    dialog.close();
    announce("登录时间已延长");
    return undefined;
  });
  look();
})();
