// Forms: focus on errors, confirm dialogs, quick phrases, chosen files, one submit at a time. What is typed: autosave.js.
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
    const area = button.dataset.into ? document.getElementById(button.dataset.into) : first("textarea", button.closest("form"));
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
})();
