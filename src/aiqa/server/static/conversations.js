// The conversation that is open: its turns, its address, and what was asked in it or before it.
class Conversations {
  constructor(desk, nav) {
    this.desk = desk;
    this.history = nav.dataset.kept === "server" ? new ServerHistory() : new BrowserHistory();
    this.turns = new Turns(desk, this.history);
    this.list = new ConversationList(nav, this);
    this.shared = null;
    this.code = null;
    // What was asked and is not answered yet, by the turn's id; answers that nobody has seen yet.
    this.asking = new Map();
    this.unseen = new Set();
    // The last records of each conversation that was opened, which follow-ups refer to.
    this.recent = new Map();
    this.tabs = new BroadcastChannel("aiqa");
    this.tabs.addEventListener("message", ({ data }) => this.changedElsewhere(data));
    addEventListener("popstate", () => this.follow());
    desk.root.addEventListener("scoped", () => this.keepAddress());
    desk.root.addEventListener("shown", ({ detail }) => this.keepAddress(detail ?? {}));
  }

  get current() {
    return this.turns.id;
  }

  async start() {
    await this.follow();
    await this.list.load();
  }

  // Shows what the page's address says.
  async follow() {
    const { conversation, answer, scope, place, view } = Address.read();
    this.following = true;
    try {
      await this.desk.scope.restore(scope);
      if (answer) await this.showShared(answer);
      else if (conversation && conversation !== this.current) await this.show(conversation);
      else if (!conversation && (this.current || this.code)) this.clear();
      await this.showPlace(place, view);
    } finally {
      this.following = false;
    }
  }

  async showPlace(place, view) {
    const { evidence, log } = this.desk;
    if (!place) {
      if (evidence.place) evidence.close();
      return;
    }
    evidence.view = view;
    const cite = log.querySelector(`.cite[data-document="${place.document}"][data-start="${place.start}"][data-end="${place.end}"]`);
    if (cite && place.page === undefined && place.at === undefined) await evidence.open(cite, false);
    else await evidence.show(place, false);
  }

  // Puts into the address what is open; "step" where the browser's Back is to lead back from it.
  keepAddress({ step = false } = {}) {
    if (this.following) return;
    const { evidence, scope } = this.desk;
    const { place, view } = evidence;
    Address.write({ conversation: this.current, answer: this.code, scope: scope.asked(), place, view }, step);
  }

  begin() {
    this.clear();
    this.keepAddress({ step: true });
    this.desk.box.focus();
  }

  clear() {
    this.empty();
    this.desk.greet();
    this.list.draw();
  }

  empty() {
    Object.assign(this, { shared: null, code: null });
    this.turns.begin(null);
    const { following } = this;
    this.following = true;
    if (this.desk.evidence.place) this.desk.evidence.close();
    this.following = following;
    this.desk.log.replaceChildren();
  }

  // Opens what the visitor chose, with the documents that were asked there last.
  async open(id) {
    await this.show(id);
    if (this.current !== id) return;
    const last = this.recent.get(id)?.at(-1);
    if (last) await this.desk.scope.restore(last.scope);
    this.keepAddress({ step: true });
    this.desk.box.focus();
  }

  async show(id) {
    this.empty();
    this.unseen.delete(id);
    try {
      const count = await this.turns.open(id);
      if (count === null) return;
      const waiting = [...this.asking.values()].filter(({ conversation }) => conversation === id);
      const last = this.turns.drawn().at(-1);
      if (last) this.recent.set(id, [...last.history, last.record].slice(-Turns.BEFORE));
      this.desk.log.append(...waiting.map(({ turn }) => turn));
      if (!count && !waiting.length) this.desk.complain(t("This conversation is not kept here. It was deleted, or is kept in another browser or for another user."));
    } catch (error) {
      this.desk.complain(error.message);
    }
    this.list.draw();
  }

  async showShared(code) {
    if (code === this.code) return;
    this.empty();
    this.code = code;
    const record = Share.read(code);
    const turns = await this.desk.server.reopen({ turns: [record], ...Settings.asked() });
    if (code !== this.code) return;
    if (turns.error) return this.desk.complain(turns.error);
    this.shared = record;
    Object.assign(this.desk.place(turns[0]), { record, history: [] });
  }

  // Takes note of a question: its answer belongs to the conversation that is open now.
  asked(id, turn) {
    turn.classList.add("asking");
    if (!this.current) this.found();
    this.turns.toEnd();
    turn.history = this.before();
    this.asking.set(id, { conversation: this.current, turn });
  }

  // Begins a conversation with an id; a shared answer that is asked on from is the first in it.
  found() {
    const id = newId();
    const { shared } = this;
    this.turns.begin(id);
    Object.assign(this, { shared: null, code: null });
    if (shared) {
      this.recent.set(id, [shared]);
      this.turns.add();
      this.keep(id, shared);
    }
    this.keepAddress({ step: true });
  }

  // The answers that a question may refer to: those before it in its conversation.
  before(id) {
    const conversation = this.asking.get(id)?.conversation ?? this.current;
    return this.recent.get(conversation) ?? [];
  }

  // Where the answer goes, which is not in the page while another conversation is open; undefined
  // once the conversation is deleted.
  turn(id) {
    const turn = this.asking.get(id)?.turn;
    turn?.classList.remove("asking");
    return turn;
  }

  // Forgets a question that got an error in place of an answer.
  failed(id) {
    this.asking.delete(id);
  }

  // Keeps a record. Resolves to what went wrong, or to null.
  async add(record) {
    const { conversation } = this.asking.get(record.id);
    this.asking.delete(record.id);
    this.recent.set(conversation, [...(this.recent.get(conversation) ?? []), record].slice(-Turns.BEFORE));
    if (conversation === this.current) this.turns.add();
    else this.unseen.add(conversation);
    const failed = await this.keep(conversation, record);
    await this.list.load();
    return failed;
  }

  async keep(conversation, record) {
    try {
      await this.history.add(conversation, record);
    } catch (error) {
      if (error.name === "QuotaExceededError") return t("This browser has no room left to keep it.");
      return t("It could not be kept: {why}", { why: error.message });
    }
    this.tabs.postMessage({ added: conversation });
    return null;
  }

  async rename(id, name) {
    await this.history.rename(id, name);
    this.tabs.postMessage({});
  }

  // Deletes a conversation, or all of them.
  async remove(id) {
    await this.history.delete(id);
    this.tabs.postMessage({ deleted: id ?? true });
    this.forget(id ?? true);
  }

  async changedElsewhere({ added, deleted }) {
    await this.list.load();
    if (added && added === this.current) await this.turns.refresh();
    if (deleted) this.forget(deleted);
  }

  // Leaves what was deleted, here or in another tab: the conversation with that id, or all.
  forget(deleted) {
    const isMeant = (id) => deleted === true || id === deleted;
    for (const [turn, { conversation }] of this.asking) if (isMeant(conversation)) this.asking.delete(turn);
    for (const id of this.recent.keys()) if (isMeant(id)) this.recent.delete(id);
    if (!this.current || !isMeant(this.current)) return;
    this.clear();
    this.keepAddress();
  }
}

function newId() {
  return crypto.getRandomValues(new Uint32Array(2)).join("-");
}
