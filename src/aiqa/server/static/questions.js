// The questions that are on their way, one after the other: asked, stopped, kept while the server is gone.
class Questions {
  constructor(desk) {
    this.desk = desk;
    this.queue = [];
    this.current = null;
    // What the page before this one had no answer to: read now, as questions may be asked at once.
    this.unanswered = JSON.parse(sessionStorage.getItem("aiqa.waiting") ?? "[]");
  }

  // Gives a question its place, and asks it when those before it are answered.
  add(question) {
    const id = crypto.getRandomValues(new Uint32Array(2)).join("-");
    const turn = this.desk.place({ id, html: "" });
    const asked = document.createElement("h2");
    asked.className = "asked";
    asked.dir = "auto";
    asked.lang = "";
    asked.textContent = question;
    const reply = document.createElement("div");
    reply.className = "reply waiting";
    turn.append(asked, reply);
    this.desk.conversations.asked(id, turn);
    this.queue.push({ id, question, turn, reply });
    this.keep();
    if (this.current) this.show(this.queue.at(-1), t("Waiting for the answer before it…"));
    turn.scrollIntoView({ block: "start" });
    this.next();
  }

  next() {
    if (this.current || !this.queue.length) return;
    this.current = this.queue.shift();
    const { id, question, turn } = this.current;
    this.show(this.current, t("Searching the documents…"));
    this.desk.send(id, question, turn);
    this.lookAfter(this.current);
  }

  // What the page says while there is no answer, with a button that ends the wait.
  show(item, text, html) {
    const told = document.createElement("p");
    told.className = "reading";
    told.setAttribute("role", "status");
    told.textContent = text;
    const stop = button(t("Stop"), "plain stop", () => this.stop(item));
    const head = document.createElement("div");
    head.className = "progress";
    head.append(told, stop);
    item.reply.replaceChildren(head);
    if (!html) return;
    const found = document.createElement("div");
    // A screen reader is told the answer, not what was on the way to it.
    found.setAttribute("aria-live", "off");
    found.innerHTML = html;
    told.replaceWith(found.querySelector(".reading"));
    item.reply.append(found);
  }

  // What the server sent: passages found, an answer, or an error.
  received(sent) {
    const item = this.current;
    if (!item || item.stopped || !sent || (sent.id && sent.id !== item.id)) return;
    if (sent.error) {
      this.fail(item, sent.error);
      item.done = true;
    } else if (sent.is_final) {
      item.done = true;
      this.desk.answered(item, sent);
    } else if (sent.html) {
      item.found = sent.html;
      if (!item.lost) this.show(item, "", sent.html);
    }
  }

  // Called when the server has ended its work on a question, however that went.
  async finished() {
    const item = this.current;
    if (!item || item.ending) return;
    item.ending = true;
    if (!item.done && !item.stopped) {
      // Nothing came: either it is too busy to take the question, or it is gone.
      if (!(await Server.isThere())) return this.lose(item, true);
      this.fail(item, t("The server has too much to do just now. Please ask again in a moment."));
    }
    this.leave(item);
    // Gradio may tell of the same end twice.
    setTimeout(() => this.next(), 50);
  }

  leave(item) {
    item.left = true;
    if (this.current === item) this.current = null;
    this.keep();
  }

  stop(item) {
    item.stopped = true;
    item.turn.querySelector(".stop")?.blur();
    this.queue = this.queue.filter((one) => one !== item);
    this.fail(item, t("Stopped."), "stopped");
    this.keep();
    this.desk.box.focus();
  }

  fail(item, text, kind = "error") {
    item.reply.className = `reply ${kind}`;
    const told = document.createElement("p");
    told.textContent = text;
    item.reply.replaceChildren(told, button(t("Ask again"), "plain again", () => {}));
    this.desk.unanswered(item);
  }

  // While an answer is awaited, the server is asked every second whether it is there.
  async lookAfter(item) {
    while (!item.left && !item.done) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      if (item.left || item.done || item.stopped) return;
      const isThere = await Server.isThere();
      if (!isThere && !item.left && !item.done) return this.lose(item, Server.isRefused);
      if (isThere && item.lost) {
        item.lost = false;
        this.show(item, t("Searching the documents…"), item.found);
      }
    }
  }

  // The question is kept, and sent again by the page that is loaded when the server is back.
  async lose(item, isGone) {
    item.lost = true;
    this.show(item, t("The server cannot be reached. Your question is kept and is sent again when it is back."));
    item.reply.classList.add("lost");
    do {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      if (item.stopped) return this.leave(item);
      if (item.done || item.left) return;
    } while (!(await Server.isThere()));
    item.reply.classList.remove("lost");
    if (isGone || Server.isRefused) return location.reload();
    item.lost = false;
    this.lookAfter(item);
  }

  // Questions without an answer outlive the page.
  keep() {
    const waiting = [this.current, ...this.queue].filter((one) => one && !one.stopped && !one.left);
    const kept = [...this.unanswered, ...waiting.map(({ question }) => question)];
    if (kept.length) sessionStorage.setItem("aiqa.waiting", JSON.stringify(kept));
    else sessionStorage.removeItem("aiqa.waiting");
  }

  // Asks again what the page before this one had no answer to.
  resume() {
    const unanswered = this.unanswered;
    this.unanswered = [];
    for (const question of unanswered) this.desk.ask(question);
  }
}

// Whether the server answers at all.
const Server = {
  isRefused: false,

  async isThere() {
    try {
      const { ok } = await fetch("gradio_api/app_id", { signal: AbortSignal.timeout(1800), cache: "no-store" });
      this.isRefused = false;
      return ok;
    } catch (error) {
      // A server that is slow has not gone: its answer may still come.
      this.isRefused = error.name !== "TimeoutError";
      return false;
    }
  },
};

// Earlier questions come back by the arrow keys, as in a shell.
class Recall {
  constructor(box, asked) {
    this.box = box;
    this.asked = asked;
    this.at = null;
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("input", () => {
      this.at = null;
    });
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const all = this.asked();
    const isRecalled = this.at !== null && this.box.value === all[this.at];
    if (event.key === "ArrowUp" && (isRecalled || !this.box.value)) this.show(all, (isRecalled ? this.at : all.length) - 1, event);
    if (event.key === "ArrowDown" && isRecalled) this.show(all, this.at + 1, event);
  }

  show(all, at, event) {
    if (at < 0 || at > all.length) return;
    event.preventDefault();
    this.at = at < all.length ? at : null;
    this.box.value = all[at] ?? "";
    this.box.dispatchEvent(new Event("change"));
  }
}

// A question that is too long is never cut: its length is told, and it can become a document.
class Length {
  constructor(form, box, bring) {
    this.box = box;
    this.most = +box.dataset.longest;
    this.send = form.querySelector("[type=submit]");
    this.told = form.querySelector(".too-long");
    this.told.querySelector(".as-document").addEventListener("click", () => {
      bring.text("", box.value);
      box.value = "";
      this.check();
    });
    for (const kind of ["input", "change"]) box.addEventListener(kind, () => this.check());
  }

  // Whether the text can be asked.
  check() {
    const { length } = this.box.value.trim();
    const isLong = length > this.most;
    this.told.hidden = !isLong;
    this.send.disabled = isLong;
    if (isLong) this.told.querySelector(".count").textContent = t("{length} characters; a question may have {most}. Please shorten it.", { length, most: this.most });
    return !isLong;
  }
}
