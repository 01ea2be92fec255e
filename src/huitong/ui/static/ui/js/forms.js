// Forms: focus on errors, confirm dialogs, quick phrases, chosen files, one submit at a time, drafts that survive a sign-out.
"use strict";
(() => {
  const first = (selector, within = document) => within.querySelector(selector);

  const summary = first("[data-focus]");
  const entrance = first(".entrance-form input:not([type=hidden])");
  if (summary) summary.focus();
  else if (entrance) entrance.focus();

  // -- <c-dialog>: the unfolding block becomes a modal
  const asModal = (details) => {
    const body = first(".confirm-body", details);
    if (!body || typeof HTMLDialogElement === "undefined") return false;
    const dialog = document.createElement("dialog");
    dialog.className = "modal-box";
    dialog.setAttribute("aria-labelledby", body.getAttribute("aria-labelledby"));
    document.body.append(dialog); // not beside the button: a table cell would hand down its alignment and wrapping
    dialog.append(body);
    dialog.addEventListener("close", () => {
      details.append(body);
      dialog.remove();
      first("summary", details).focus();
    });
    dialog.showModal();
    const field = first("textarea, input:not([type=hidden])", dialog);
    if (field) field.focus();
    return true;
  };
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("details[data-dialog] > summary");
    if (opener && asModal(opener.parentElement)) event.preventDefault();
    const closer = event.target.closest("[data-close]");
    if (closer) {
      const dialog = closer.closest("dialog");
      if (dialog) dialog.close();
      else closer.closest("details").open = false;
    }
  });

  // -- quick phrases go into the opinion of the same form
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-phrase]");
    if (!button) return;
    const area = first("textarea", button.closest("form"));
    if (!area) return;
    area.setRangeText(button.dataset.phrase, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  });

  // -- the chosen file, by name and size
  document.addEventListener("change", (event) => {
    const box = event.target.closest("[data-file]");
    if (!box || event.target.type !== "file") return;
    const size = (bytes) => (bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);
    first("[data-file-chosen]", box).textContent = [...event.target.files].map((f) => `已选择：${f.name}（${size(f.size)}）`).join("；");
  });

  // -- one submit at a time; the button stays enabled, a second click does nothing
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    form.classList.add("sending");
    setTimeout(() => { delete form.dataset.sent; form.classList.remove("sending"); }, 15000);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; form.classList.remove("sending"); });
  });

  // -- unsaved changes: data-guard warns on leaving and keeps a draft in this tab until a submit has been accepted
  const kept = (form) => [...form.elements].filter((e) => e.name && !["hidden", "password", "file", "submit", "button"].includes(e.type));
  const values = (form) => JSON.stringify(kept(form).map((e) => [e.name, e.type === "checkbox" || e.type === "radio" ? e.checked : e.value]));
  const store = {
    get: (key) => { try { return sessionStorage.getItem(key); } catch (error) { return null; } },
    set: (key, value) => { try { sessionStorage.setItem(key, value); } catch (error) { /* full or forbidden: only the warning remains */ } },
    drop: (key) => { try { sessionStorage.removeItem(key); } catch (error) { /* nothing kept */ } },
    keys: () => { try { return Object.keys(sessionStorage); } catch (error) { return []; } },
  };
  const person = document.body.dataset.person || "";
  const mine = `draft:${person}:`;
  if (person) store.keys().filter((key) => key.startsWith("draft:") && !key.startsWith(mine)).forEach(store.drop); // who used this tab before
  // what was submitted is forgotten once it was taken. Sign-in and error pages did not take it: then it is an ordinary draft
  // again. A form that came back with errors holds it itself, and what becomes of it is seen with the next submit.
  // What was refused as a secret of state (A3) is forgotten at once.
  const sent = first(".error-summary") ? (store.get("draft-sent") || "").split("\n") : [];
  if (!first(".error-summary, .error-page:not([data-forget]), .entrance")) (store.get("draft-sent") || "").split("\n").forEach(store.drop);
  if (!sent.length) store.drop("draft-sent");
  const guarded = [...document.querySelectorAll("form[data-guard]")].filter((form) => kept(form).length);
  guarded.forEach((form, index) => {
    const key = `${mine}${location.pathname}:${form.getAttribute("action") || ""}:${index}`;
    const before = values(form);
    const draft = store.get(key);
    if (draft && draft !== before) offer(form, key, draft);
    let timer = 0;
    form.addEventListener("input", () => {
      form.dataset.dirty = values(form) === before ? "" : "1";
      clearTimeout(timer);
      timer = setTimeout(() => (form.dataset.dirty ? store.set(key, values(form)) : store.drop(key)), 400);
    });
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      clearTimeout(timer);
      form.dataset.dirty = "";
      store.set(key, values(form));
      store.set("draft-sent", [...sent, key].join("\n"));
    });
  });
  function offer(form, key, draft) {
    const bar = document.createElement("div");
    bar.className = "notice notice-info draft-offer";
    bar.setAttribute("role", "status");
    bar.append("本页有上次未提交的内容。");
    const button = (words, act) => {
      const b = document.createElement("button");
      b.type = "button";
      b.className = "btn btn-sm btn-outline-primary";
      b.textContent = words;
      b.addEventListener("click", () => { act(); bar.remove(); });
      bar.append(b);
    };
    button("恢复", () => {
      const saved = JSON.parse(draft);
      kept(form).forEach((e, i) => {
        if (!saved[i] || saved[i][0] !== e.name) return;
        if (typeof saved[i][1] === "boolean") e.checked = saved[i][1];
        else e.value = saved[i][1];
      });
      form.dataset.dirty = "1";
    });
    button("丢弃", () => store.drop(key));
    form.prepend(bar);
  }
  window.addEventListener("beforeunload", (event) => {
    if (!document.querySelector('form[data-dirty="1"]')) return;
    event.preventDefault();
    event.returnValue = "";
  });
})();
