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
    this.questions = new Questions(this);
    Settings.start(element.querySelector(".settings"), JSON.parse(element.querySelector(".given").textContent), server);
    this.scope = new Scope(element.querySelector(".scope"), server);
    this.evidence = new Evidence(element.querySelector(".evidence"), server);
    this.feedback = new Feedback(element.querySelector(".correction"), server, this.evidence);
    this.conversations = new Conversations(this, element.querySelector(".conversations"));
    this.bring = new Bring(this);
    this.listen();
    this.begin();
    watch("value", () => this.questions.received(props.value));
    this.conversations.start().then(() => this.questions.resume());
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
    document.addEventListener("aiqa:documents", () => this.begin());
    new Recall(this.box, () => this.asked());
    this.length = new Length(form, this.box, this.bring);
    new Tip(this.root.querySelector(".tip"), this.root);
  }

  // Says what the documents are about and what can be asked; both are still looked for at first.
  async begin() {
    const welcome = this.log.querySelector(".welcome");
    if (!welcome?.querySelector(".about")) return;
    clearTimeout(this.later);
    const begun = {};
    this.begun = begun;
    const { about = "", among = "", examples = [], waiting } = await this.server.begin({});
    const part = (name) => welcome.querySelector(`.${name}`);
    // Documents that came meanwhile are told of by the call that they caused, and a welcome that
    // has gone meanwhile tells nothing.
    if (this.begun !== begun || !part("about")) return;
    // What is there already keeps its place, and the focus that may be in it.
    if (part("about").shown !== about) {
      Object.assign(part("about"), { shown: about, innerHTML: about });
      part("among").innerHTML = among;
    }
    const list = part("examples");
    if (examples.length < list.children.length) list.replaceChildren();
    for (const html of examples.slice(list.children.length)) {
      const item = document.createElement("li");
      item.innerHTML = html;
      list.append(item);
    }
    welcome.classList.toggle("empty", !among && about !== "");
    part("begin-with").hidden = !examples.length && !(waiting && among);
    part("trying").hidden = !waiting;
    if (waiting) this.later = setTimeout(() => welcome.isConnected && this.begin(), 2000);
  }

  ask(question) {
    if (!question.trim() || (question === this.box.value && !this.length.check())) return;
    this.welcomeOff();
    this.log.querySelector(".further")?.remove();
    this.questions.add(question);
    this.box.value = "";
    // What was pressed may be gone from the page, and the focus with it.
    if (document.activeElement === document.body) this.box.focus();
  }

  send(id, question, turn) {
    turn.history = this.conversations.before(id);
    this.props.value = {
      id,
      question,
      history: turn.history,
      scope: this.scope.asked(),
      ...Settings.asked(),
    };
    this.trigger("ask");
  }

  // The questions of this conversation, oldest first.
  asked() {
    return [...this.log.querySelectorAll(".asked")].map(({ textContent }) => textContent);
  }

  // Gives an answer its place, which may be out of sight or gone, and keeps it.
  answered({ id }, { html, record }) {
    const turn = this.conversations.turn(id);
    if (!record) this.conversations.failed(id);
    if (!turn) return;
    turn.innerHTML = html;
    turn.scrollIntoView({ block: "nearest" });
    if (!record) return;
    turn.record = record;
    this.conversations.add(record).then((failed) => failed && this.tell(turn, failed));
    if (!turn.isConnected) return;
    const first = turn.querySelector(".cite");
    if (!first) this.evidence.close(false);
    else if (matchMedia("(min-width: 1000px)").matches) this.evidence.open(first, false);
    this.further(turn);
  }

  // Called for a question that gets no answer.
  unanswered({ id }) {
    this.conversations.failed(id);
  }

  // Offers questions on what was cited; they are tried first, which takes a while.
  async further(turn) {
    const html = await this.server.further({ record: turn.record, asked: this.asked() });
    // Nothing comes from a server that is gone.
    if (!html || html.error || this.questions.current || turn !== this.log.querySelector(".turn:last-of-type")) return;
    const offered = document.createElement("div");
    offered.className = "further";
    offered.innerHTML = html;
    turn.append(offered);
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
    } else if (target.matches(".again")) this.askAgain(turn);
    else if (target.dataset.widened) {
      this.scope.clear();
      this.ask(target.dataset.widened);
    } else if (target.dataset.question) this.ask(target.dataset.question);
    else if (target.dataset.copied) copyAnswer(this.server, turn.record, target.dataset.copied).then((text) => this.tell(turn, text));
    else if (target.dataset.verdict) this.feedback.give(turn, target.dataset.verdict, (text) => this.tell(turn, text));
    else if (target.dataset.judged) this.feedback.judge(turn, target, (text) => this.tell(turn, text));
    else if (target.matches(".share-link")) {
      Keep.copy(Share.link(turn.record)).then(() => this.tell(turn, t("Copied.")));
    }
  }

  askAgain(turn) {
    const question = turn.querySelector(".asked").textContent;
    turn.remove();
    this.ask(question);
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
    const { timings_ms, unread, ...answer } = record.answer;
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
    // Whoever comes back from a source has read it.
    root.addEventListener("focusin", (event) => event.relatedTarget?.closest(".evidence") || on(event));
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
