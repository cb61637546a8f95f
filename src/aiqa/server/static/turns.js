// The turns of the open conversation. Only those near what is seen are in the page.
class Turns {
  constructor(desk, history) {
    this.desk = desk;
    this.log = desk.log;
    this.history = history;
    this.up = this.button(t("Show earlier questions"));
    this.down = this.button(t("Show later questions"));
    this.seen = new IntersectionObserver(
      (seen) => seen.forEach((one) => one.isIntersecting && this.more(one.target)),
      { root: this.log, rootMargin: "300px" },
    );
    this.begin(null);
  }

  button(text) {
    const made = button(text, "plain further-turns", () => this.more(made));
    return Object.assign(made, { said: text });
  }

  // Begins a conversation without turns; what is drawn stays.
  begin(id) {
    Object.assign(this, { id, first: 0, end: 0, count: 0, opening: null });
  }

  // Shows the last turns. Resolves to their number, or to null if another was opened meanwhile.
  async open(id) {
    this.begin(id);
    const opening = (this.opening = {});
    const page = await this.history.turns(id, null, Turns.STEP + Turns.BEFORE);
    const lead = Math.max(page.records.length - Turns.STEP, 0);
    const drawn = await this.render(page.records.slice(lead));
    if (this.opening !== opening) return null;
    this.quietly(() => {
      this.log.replaceChildren();
      this.first = page.start + lead;
      this.end = this.count = page.count;
      drawn.forEach((one, at) => this.place(one, page.records, lead + at));
      this.mark();
    });
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: "instant" });
    return page.count;
  }

  // Goes to the end, where a question was asked; what is before it is shown again on demand. Room
  // is made now, as the page moves anyway: nothing should move when the answer comes.
  toEnd() {
    if (this.end === this.count) this.trim(false, Turns.MOST - 1);
    else {
      for (const turn of this.drawn()) turn.remove();
      this.first = this.end = this.count;
    }
    this.mark();
  }

  // Takes note of an answer at the end of the page.
  add() {
    this.count += 1;
    this.end += 1;
    this.mark();
  }

  // Shows turns that another tab has added.
  async refresh() {
    const { id, end } = this;
    const { count } = await this.history.turns(id, 0, 1);
    if (this.id !== id || count <= this.count) return;
    const atEnd = end === this.count;
    this.count = count;
    if (atEnd) await this.more(this.down);
    this.mark();
  }

  // Shows the turns before or after those in the page, and takes others out at the other end.
  async more(pressed) {
    if (this.loading) return;
    const { id } = this;
    const isUp = pressed === this.up;
    const start = isUp ? Math.max(this.first - Turns.STEP, 0) : this.end;
    const end = isUp ? this.first : Math.min(this.end + Turns.STEP, this.count);
    if (start === end) return;
    this.loading = true;
    try {
      const from = Math.max(start - Turns.BEFORE, 0);
      const { records } = await this.history.turns(id, from, end - from);
      const drawn = await this.render(records.slice(start - from));
      if (this.id !== id) return;
      const shown = new Set(this.drawn().map(({ record }) => record.id));
      const old = this.drawn();
      const kept = isUp ? old[0] : old.at(-1);
      const top = kept?.getBoundingClientRect().top ?? 0;
      this.quietly(() => {
        drawn.forEach((one, at) => {
          if (shown.has(one.id)) return;
          const turn = this.place(one, records, start - from + at);
          if (isUp) kept?.before(turn);
          else if (this.down.isConnected) this.down.before(turn);
        });
        this.log.append(...this.log.querySelectorAll(".turn.asking"));
        if (isUp) this.first = start;
        else this.end = end;
        this.trim(isUp);
        this.mark();
      });
      if (kept) this.log.scrollBy({ top: kept.getBoundingClientRect().top - top, behavior: "instant" });
      pressed.textContent = pressed.said;
    } catch (error) {
      // Pressed again, it tries again.
      pressed.textContent = error.message;
    } finally {
      this.loading = false;
    }
  }

  async render(records) {
    if (!records.length) return [];
    const drawn = await this.desk.server.reopen({ turns: records, ...Settings.asked() });
    if (drawn.error) throw new Error(drawn.error);
    return drawn;
  }

  place(drawn, records, at) {
    const history = records.slice(Math.max(at - Turns.BEFORE, 0), at);
    return Object.assign(this.desk.place(drawn), { record: records[at], history });
  }

  // The turns in the page that are kept, in order.
  drawn() {
    return [...this.log.querySelectorAll(".turn")].filter(({ record }) => record);
  }

  trim(atEnd = false, most = Turns.MOST) {
    const drawn = this.drawn();
    const over = drawn.slice(...(atEnd ? [most] : [0, Math.max(drawn.length - most, 0)]));
    if (atEnd) this.end -= over.length;
    else this.first += over.length;
    const top = this.log.scrollHeight;
    for (const turn of over) turn.remove();
    if (!atEnd && over.length) this.log.scrollBy({ top: this.log.scrollHeight - top, behavior: "instant" });
  }

  // Puts the buttons for further turns where there are any.
  mark() {
    for (const [pressed, isThere, place] of [[this.up, this.first > 0, "prepend"], [this.down, this.end < this.count, "append"]]) {
      this.seen.unobserve(pressed);
      if (!isThere) pressed.remove();
      else {
        if (!pressed.isConnected) this.log[place](pressed);
        this.seen.observe(pressed);
      }
    }
  }

  // A screen reader is not to read aloud what was said before.
  quietly(change) {
    this.log.setAttribute("aria-live", "off");
    change();
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 1000);
  }
}
Turns.STEP = 10;
Turns.MOST = 40;
Turns.BEFORE = 3;
