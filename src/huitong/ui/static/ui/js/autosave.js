// Nothing typed is lost. A form with data-guard keeps a copy in this tab until its submit was accepted, and warns on leaving
// while something is unsaved. One with data-autosave="url" is also saved on the server a moment after typing stops: see
// docs/patterns.md, "Autosave". ES2020, no inline anything.
"use strict";
(() => {
  const PAUSE = 1000; // ms without typing before the server is asked
  const WAITS = [5, 10, 20, 40, 60]; // s between attempts while the server cannot be reached
  const KEEPALIVE = 60000; // bytes a browser sends on while the page goes away

  const first = (selector, within = document) => within.querySelector(selector);
  const fields = (form) => [...form.elements].filter((e) => e.name && !["hidden", "password", "file", "submit", "button", "fieldset"].includes(e.type));
  // what a copy is kept of: not of a field with data-unkept, whose value is kept sealed or not at all
  const kept = (form) => fields(form).filter((e) => e.dataset.unkept === undefined);
  const ticks = (e) => e.type === "checkbox" || e.type === "radio";
  const values = (form, of = fields) => JSON.stringify(of(form).map((e) => [e.name, ticks(e) ? e.checked : e.value]));
  // as the server drew it: who types before this script is there has typed all the same
  const drawn = (form, of = fields) => JSON.stringify(of(form).map((e) => {
    const early = e === document.activeElement && e.defaultValue !== undefined;
    return [e.name, ticks(e) ? (early ? e.defaultChecked : e.checked) : early ? e.defaultValue : e.value];
  }));
  const store = {
    get: (key) => { try { return sessionStorage.getItem(key); } catch (error) { return null; } },
    set: (key, value) => { try { sessionStorage.setItem(key, value); } catch (error) { /* full or forbidden: only the warning remains */ } },
    drop: (key) => { try { sessionStorage.removeItem(key); } catch (error) { /* nothing kept */ } },
    keys: () => { try { return Object.keys(sessionStorage); } catch (error) { return []; } },
  };
  const button = (words, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-sm btn-outline-primary";
    made.textContent = words;
    made.addEventListener("click", act);
    return made;
  };

  const person = document.body.dataset.person || "";
  const mine = `draft:${person}:`;
  if (person) store.keys().filter((key) => key.startsWith("draft:") && !key.startsWith(mine)).forEach(store.drop); // who used this tab before
  // what was submitted is forgotten once it was taken. Sign-in and error pages did not take it: then it is an ordinary copy
  // again. A form that came back with errors holds it itself, and what becomes of it is seen with the next submit.
  // What was refused as a secret of state (A3) is forgotten at once.
  const sent = first(".error-summary") && !first("[data-forget]") ? (store.get("draft-sent") || "").split("\n") : [];
  if (first("[data-forget]") || !first(".error-summary, .error-page, .entrance, .unsent")) (store.get("draft-sent") || "").split("\n").forEach(store.drop);
  // what was submitted too late is submitted again after signing in (portal/unsent.py): its copy is forgotten then
  const late = first(".entrance") && store.get("draft-sent");
  if (late) store.set("draft-late", late);
  if (!sent.length) store.drop("draft-sent");
  const again = first(".unsent form");
  if (again) again.addEventListener("submit", () => store.set("draft-sent", store.get("draft-late") || ""));
  else if (!first(".entrance")) store.drop("draft-late");

  // whoever comes back from the sign-in page finds everything as it was, without being asked
  const entrance = Boolean(first(".entrance, .unsent"));
  const returned = !entrance && store.get("draft-return") === "1";
  if (entrance) store.set("draft-return", "1");
  else if (person) store.drop("draft-return");

  const token = () => {
    const cookie = document.cookie.split("; ").find((pair) => pair.startsWith("csrftoken="));
    return cookie ? cookie.slice(10) : first('meta[name="csrf-token"]').content;
  };
  const forms = [];
  let leaving = false; // by a way of ours, on which the copy in this tab is enough
  let going = false; // the next page may be drawn before the last save arrives: it finds the copy

  // -- one form: `before` is what the server has, `mark` names that state
  class Kept {
    constructor(form) {
      this.form = form;
      this.url = form.dataset.autosave || "";
      this.key = `${mine}${location.pathname}:${form.getAttribute("action") || ""}:${forms.length}`;
      this.before = drawn(form);
      this.state = "";
      this.failures = 0;
      this.running = null;
      const copy = this.read();
      if (copy && copy.values !== drawn(form, kept)) {
        // of a form that saves itself the copy is newer than what the server has, or somebody saved since: then one chooses
        if (!sent.length && (this.url ? copy.mark === this.mark : returned)) this.restore(copy.values);
        else this.offer(copy.values);
      } else if (copy) store.drop(this.key);
      form.addEventListener("input", () => this.changed());
      form.addEventListener("change", () => this.changed());
      form.addEventListener("reset", () => setTimeout(() => this.changed()));
      form.addEventListener("submit", (event) => this.submitted(event));
      if (!copy && values(form) !== this.before) this.changed();
    }

    get input() { return first('input[name="_mark"]', this.form); }

    get mark() { return this.input ? this.input.value : ""; }

    get dirty() { return this.form.dataset.dirty === "1"; }

    read() {
      try {
        const copy = JSON.parse(store.get(this.key));
        return copy && typeof copy.values === "string" ? copy : null;
      } catch (error) { return null; }
    }

    write() { if (!this.secret) store.set(this.key, JSON.stringify({ mark: this.mark, values: values(this.form, kept) })); }

    settle() { // what is typed against what the server has
      const now = values(this.form);
      this.form.dataset.dirty = now === this.before ? "" : "1";
      if (this.dirty) this.write();
      else if (!going) store.drop(this.key);
    }

    changed() {
      going = false;
      this.form.dataset.dirty = values(this.form) === this.before ? "" : "1";
      clearTimeout(this.copying);
      this.copying = setTimeout(() => this.settle(), 400);
      if (!this.url || this.state === "overtaken" || this.state === "signed-out") return;
      clearTimeout(this.saving);
      this.saving = setTimeout(() => this.save(), PAUSE);
    }

    // -- saving
    body() {
      const body = new FormData(this.form);
      [...body.entries()].filter(([, value]) => typeof value !== "string").forEach(([name]) => body.delete(name)); // files wait for the submit
      return new URLSearchParams(body);
    }

    save(keepalive = false) {
      clearTimeout(this.saving);
      if (this.running) { // one after the other: the mark of the next is in the answer to this one
        this.again = true;
        return this.running;
      }
      if (!this.dirty) return null;
      const now = values(this.form);
      this.form.dataset.saving = "1";
      const headers = { "X-Autosave": person, "X-CSRFToken": token(), Accept: "application/json" };
      this.running = fetch(this.url, { method: "POST", headers, body: this.body(), keepalive, redirect: "manual" })
        .then(async (answer) => this.answered(now, answer.status, await answer.json().catch(() => ({}))), () => this.later("连接不上服务器"))
        .then(() => {
          this.running = null;
          delete this.form.dataset.saving;
          if (this.again && this.state === "saved") this.save();
          this.again = false;
        });
      return this.running;
    }

    answered(now, status, answer) {
      if (status === 200 && answer.at) {
        this.failures = 0;
        this.secret = false;
        this.before = now;
        if (this.input && answer.mark !== undefined) this.input.value = answer.mark;
        const hidden = first('input[name="csrfmiddlewaretoken"]', this.form);
        if (hidden) hidden.value = token(); // a new one since, when one has signed in again in another window
        this.settle();
        this.say("saved", answer.words || `已保存 ${answer.at}`);
        document.dispatchEvent(new CustomEvent("huitong:seen"));
        this.form.dispatchEvent(new CustomEvent("autosave:saved", { bubbles: true, detail: answer }));
        if (this.dirty) this.changed();
      } else if (status === 409 && answer.mark !== undefined) {
        this.say("overtaken", `没有保存：${answer.detail}`, [
          button("查看已保存的内容", () => this.leave()),
          button("用本页的内容覆盖", () => {
            this.input.value = answer.mark;
            this.say("", "正在保存…");
            this.save();
          }),
        ]);
      } else if (status === 401 || status === 0 || (status === 403 && answer.code === "csrf")) {
        this.write();
        this.say("signed-out", "没有保存：登录已结束。已填写的内容暂存在本页，重新登录后自动恢复。", [button("重新登录", () => this.leave())]);
      } else if (status >= 500 || status === 429 || status === 200) {
        this.later("服务器暂时没有受理");
      } else {
        this.secret = answer.article === "A3"; // a secret of state is kept nowhere
        if (this.secret) store.drop(this.key);
        this.say("refused", `没有保存：${[answer.detail || `服务器没有接受（${status}）`, answer.remedy || "修改后自动再次保存。"].join("")}`);
      }
    }

    later(why) {
      const wait = WAITS[Math.min(this.failures, WAITS.length - 1)];
      this.failures += 1;
      this.write();
      this.say("failed", `没有保存：${why}，内容暂存在本页，${wait} 秒后重试。`, [button("立即重试", () => this.save())]);
      clearTimeout(this.saving);
      this.saving = setTimeout(() => this.save(), wait * 1000);
    }

    leave() {
      this.write();
      leaving = true;
      location.replace(location.pathname + location.search);
    }

    say(state, words, acts = []) {
      this.state = state;
      let note = first("[data-saved]", this.form);
      if (!note) {
        note = document.createElement("div");
        note.className = "saved-note";
        note.dataset.saved = "";
        note.innerHTML = '<span role="status"></span><span class="saved-acts"></span>';
        const bars = this.form.querySelectorAll(".actions");
        if (bars.length) bars[bars.length - 1].after(note);
        else this.form.append(note);
      }
      note.dataset.state = state;
      const line = first("[role=status]", note);
      if (line.textContent !== words) line.textContent = words;
      first(".saved-acts", note).replaceChildren(...acts);
    }

    // -- submitting: after a save that is on its way, whose answer holds the mark
    submitted(event) {
      if (event.defaultPrevented) return;
      clearTimeout(this.saving);
      if (this.running) {
        event.preventDefault();
        const { submitter } = event;
        const go = () => { if (this.state !== "signed-out") this.form.requestSubmit(submitter); };
        Promise.race([this.running, new Promise((done) => setTimeout(done, 5000))]).then(() => { this.running = null; this.again = false; go(); });
        return;
      }
      clearTimeout(this.copying);
      this.write();
      this.form.dataset.dirty = "";
      store.set("draft-sent", [...sent, this.key].join("\n"));
    }

    // -- what this tab kept
    restore(copy) {
      const held = new Map();
      JSON.parse(copy).forEach(([name, value]) => held.set(name, [...(held.get(name) || []), value]));
      held.forEach((list, name) => this.form.dispatchEvent(new CustomEvent("grid:rows", { detail: { name, count: list.length } }))); // <c-grid> makes room
      kept(this.form).forEach((e) => {
        const list = held.get(e.name);
        if (!list || !list.length) return;
        const value = list.shift();
        if (typeof value === "boolean") e.checked = value;
        else e.value = value;
        e.dispatchEvent(new Event("change", { bubbles: true }));
      });
      this.form.dataset.dirty = "1";
      if (this.url) {
        this.say("", "已恢复上次没有保存的内容。");
        this.saving = setTimeout(() => this.save(), 0);
      } else if (returned) {
        this.bar("已恢复登录前填写、尚未提交的内容。", [["丢弃", () => { this.form.reset(); store.drop(this.key); }]]);
      }
    }

    offer(copy) {
      this.bar("本页有上次未提交的内容。", [["恢复", () => this.restore(copy)], ["丢弃", () => store.drop(this.key)]]);
    }

    bar(words, acts) {
      const bar = document.createElement("div");
      bar.className = "notice notice-info draft-offer";
      bar.setAttribute("role", "status");
      bar.append(words, ...acts.map(([label, act]) => button(label, () => { bar.remove(); act(); })));
      this.form.prepend(bar);
    }
  }

  const take = (within) => {
    const all = within.matches && within.matches("form") ? [within] : [...within.querySelectorAll("form")];
    all.filter((form) => (form.dataset.guard !== undefined || form.dataset.autosave) && fields(form).length && !forms.some((one) => one.form === form))
      .forEach((form) => forms.push(new Kept(form)));
  };
  document.addEventListener("DOMContentLoaded", () => take(document)); // after the scripts that change a form
  document.addEventListener("htmx:load", (event) => take(event.detail.elt));

  window.addEventListener("online", () => forms.filter((one) => one.state === "failed").forEach((one) => one.save()));
  // going away: what was typed in the last second goes along
  const flush = () => forms.forEach((one) => {
    if (!one.dirty || !one.form.isConnected) return;
    clearTimeout(one.copying);
    one.write();
    if (one.url && !["overtaken", "signed-out", "refused"].includes(one.state)) one.save(one.body().toString().length < KEEPALIVE);
  });
  // the session is over, or a part of a page says that one must sign in: the copy in this tab is enough
  const part = () => { going = true; flush(); leaving = true; };
  document.addEventListener("huitong:leaving", part);
  document.addEventListener("htmx:beforeOnLoad", (event) => { if (event.detail.xhr.getResponseHeader("HX-Refresh")) part(); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") flush();
    else forms.filter((one) => one.state === "signed-out").forEach((one) => one.save()); // signed in again in another window, perhaps
  });
  window.addEventListener("beforeunload", (event) => {
    if (leaving) return;
    going = true;
    flush();
    const unsaved = (one) => one.dirty && one.form.isConnected && (!one.url || !["", "saved"].includes(one.state) || one.body().toString().length >= KEEPALIVE);
    if (!forms.some(unsaved)) return;
    event.preventDefault();
    event.returnValue = "";
  });
})();
