// Weighty acts: before a form with data-confirm (or sent by such a button) is sent, the server says what will come of it, and a
// dialog shows it over the page. Whatever the server answers otherwise (faults, a sign-in page) is left to the plain form.
"use strict";
(() => {
  if (typeof HTMLDialogElement === "undefined" || typeof HTMLFormElement.prototype.requestSubmit !== "function") return;
  const HEADER = "X-Confirm";

  const send = (form, button) => {
    form.dataset.confirmed = "1";
    form.requestSubmit(button || undefined);
    delete form.dataset.confirmed;
  };

  const open = (form, button, words) => {
    const dialog = document.createElement("dialog");
    dialog.className = "modal-box confirm-box";
    dialog.innerHTML = words; // our own template, escaped by the server
    const heading = dialog.querySelector("h2");
    heading.id = "confirm-heading";
    dialog.setAttribute("aria-labelledby", heading.id);
    document.body.append(dialog);
    dialog.addEventListener("click", (event) => {
      if (!event.target.closest("[data-confirmed]")) return;
      dialog.close("confirmed");
      const flag = document.createElement("input");
      flag.type = "hidden";
      flag.name = "_confirmed";
      flag.value = "1";
      form.append(flag);
      send(form, button);
      flag.remove();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue !== "confirmed") (button || form).focus();
    });
    dialog.showModal();
    heading.focus();
  };

  const ask = async (form, button) => {
    const body = new FormData(form);
    if (button && button.name) body.append(button.name, button.value);
    const address = (button && button.getAttribute("formaction")) || form.getAttribute("action") || location.href;
    try {
      const answer = await fetch(address, { method: "POST", body, headers: { [HEADER]: "1" } });
      if (answer.ok && answer.headers.get(HEADER) === "asked") return open(form, button, await answer.text());
    } catch (error) { /* no answer: the plain form says what is wrong */ }
    return send(form, button);
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    const weighty = form.dataset.confirm !== undefined || (button && button.dataset.confirm !== undefined);
    if (!weighty || form.dataset.confirmed) return;
    event.preventDefault();
    if (form.dataset.asking) return;
    form.dataset.asking = "1";
    form.classList.add("sending");
    ask(form, button).finally(() => {
      delete form.dataset.asking;
      form.classList.remove("sending");
    });
  }, true); // before anything else takes it for sent
})();
