// The talk: a question goes out, its answer comes in and is kept; citations open their source.
class Desk {
  constructor(element, trigger, props, server, watch) {
    this.root = element;
    this.trigger = trigger;
    this.props = props;
    this.server = server;
    this.log = element.querySelector(".log");
    this.welcome = this.log.innerHTML;
    this.box = element.querySelector("#question");
    this.waiting = null;
    Settings.start(element.querySelector(".settings"), JSON.parse(element.querySelector(".given").textContent), server);
    this.scope = new Scope(element.querySelector(".scope"), server);
    this.evidence = new Evidence(element.querySelector(".evidence"), server);
    this.feedback = new Feedback(element.querySelector(".correction"), server, this.evidence);
    this.conversations = new Conversations(this, element.querySelector(".conversations"));
    this.listen();
    this.begin();
    watch("value", () => this.answered(props.value));
    this.conversations.start();
  }

  listen() {
    const form = this.root.querySelector(".composer");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask(this.box.value);
    });
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.ask(this.box.value);
    });
    this.root.querySelector(".open-settings").addEventListener("click", () => Settings.open());
    this.log.addEventListener("click", (event) => this.pressed(event));
    new Tip(this.root.querySelector(".tip"), this.root);
  }

  // Puts the examples where nothing was asked yet; they may still be looked for.
  async begin() {
    const examples = this.log.querySelector(".examples");
    if (!examples) return;
    const { html, waiting } = await this.server.begin({});
    examples.innerHTML = html ?? "";
    if (waiting) setTimeout(() => examples.isConnected && this.begin(), 2000);
  }

  ask(question) {
    if (!question.trim() || this.waiting) return;
    const id = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.waiting = id;
    this.welcomeOff();
    const turn = this.place({ id, html: "" });
    const asked = document.createElement("h3");
    asked.className = "asked";
    asked.dir = "auto";
    asked.textContent = question;
    const reply = document.createElement("div");
    reply.className = "reply waiting";
    reply.textContent = "Reading the documents…";
    turn.append(asked, reply);
    this.conversations.asked(id, turn);
    turn.scrollIntoView({ block: "start" });
    this.box.value = "";
    this.props.value = {
      id,
      question,
      history: this.conversations.before(id),
      scope: this.scope.asked(),
      ...Settings.asked(),
    };
    this.trigger("ask");
  }

  // Gives an answer its place; called for what the server sent, or with nothing if it sent nothing.
  answered(sent) {
    if (!this.waiting || (sent && (sent.id !== this.waiting || !("html" in sent)))) return;
    const id = this.waiting;
    const turn = this.conversations.turn(id);
    this.waiting = null;
    if (!sent?.record) this.conversations.failed(id);
    if (!turn) return;
    if (!sent) {
      const reply = turn.querySelector(".reply");
      reply.className = "reply error";
      reply.textContent = "The server is busy or could not be reached. Please ask again.";
      return;
    }
    turn.innerHTML = sent.html;
    turn.scrollIntoView({ block: "nearest" });
    if (!sent.record) return;
    turn.record = sent.record;
    this.conversations.add(sent.record).then((failed) => failed && this.tell(turn, failed));
    if (!turn.isConnected) return;
    const first = turn.querySelector(".cite");
    if (first && matchMedia("(min-width: 1000px)").matches) this.evidence.open(first, false);
  }

  // Shows what is shown before the first question.
  greet() {
    this.log.innerHTML = this.welcome;
    this.begin();
  }

  // Called from the documents page.
  askOnly(source, title) {
    this.scope.only(source, title);
    document.querySelector("[role=tab]").click();
    this.box.focus();
  }

  place({ id, html }) {
    const turn = document.createElement("article");
    turn.className = "turn";
    turn.dataset.turn = id;
    turn.innerHTML = html;
    this.log.append(turn);
    return turn;
  }

  welcomeOff() {
    const welcome = this.log.querySelector(".welcome");
    // Who chose an example by keyboard goes on typing.
    if (welcome?.querySelector(":focus-visible")) this.box.focus();
    welcome?.remove();
  }

  pressed(event) {
    const target = event.target.closest("button");
    if (!target) return;
    const turn = target.closest(".turn");
    if (target.matches(".cite, .offer.open")) this.evidence.open(target);
    else if (target.matches(".edit")) {
      this.box.value = target.dataset.question;
      this.box.focus();
    } else if (target.dataset.question) this.ask(target.dataset.question);
    else if (target.dataset.verdict) this.feedback.give(turn, target.dataset.verdict, (text) => this.tell(turn, text));
    else if (target.dataset.judged) this.feedback.judge(turn, target, (text) => this.tell(turn, text));
    else if (target.matches(".share-link")) {
      Keep.copy(Share.link(turn.record)).then(() => this.tell(turn, "Copied."));
    }
  }

  tell(turn, text) {
    const told = turn.querySelector(".told");
    if (told) told.textContent = text;
  }

  complain(text) {
    const told = document.createElement("p");
    told.className = "welcome";
    told.textContent = text;
    this.log.append(told);
  }
}

// A link to one answer holds the answer itself, after the "#" that browsers send to nobody.
const Share = {
  link(record) {
    const { timings_ms, ...answer } = record.answer;
    if (answer.text !== null) delete answer.alternatives;
    const bytes = new TextEncoder().encode(JSON.stringify({ ...record, answer }));
    const code = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    return `${location.origin}${location.pathname}#answer=${code.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
  },

  read(code) {
    try {
      const bytes = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
      return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (letter) => letter.charCodeAt(0))));
    } catch {
      // A link cut off on its way: the server says so of what cannot be an answer.
      return { id: "link", question: "", answer: {} };
    }
  },
};

// What a citation or a measure means, beside it while it is pointed at or has the focus.
class Tip {
  constructor(tip, root) {
    this.tip = tip;
    this.target = null;
    const on = (event) => this.show(event.target.closest?.("[aria-describedby]"));
    const off = () => this.tip.matches(":popover-open") && this.tip.hidePopover();
    root.addEventListener("pointerover", (event) => (event.target.closest("[aria-describedby]") ? on(event) : off()));
    root.addEventListener("focusin", on);
    root.addEventListener("focusout", off);
    root.addEventListener("pointerleave", off);
    // It moves with its citation, and goes where that moves from under the pointer.
    const moved = () => (this.target.matches(":hover, :focus") ? this.show(this.target) : off());
    root.addEventListener("scroll", (event) => event.target.contains(this.target) && moved(), true);
    root.addEventListener("keydown", (event) => event.key === "Escape" && off());
  }

  show(target) {
    const meaning = target && document.getElementById(target.getAttribute("aria-describedby"));
    if (!meaning) return;
    this.target = target;
    this.tip.innerHTML = meaning.innerHTML;
    this.tip.showPopover();
    const at = target.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const below = at.bottom + 6 + height < innerHeight;
    this.tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    this.tip.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`;
  }
}
