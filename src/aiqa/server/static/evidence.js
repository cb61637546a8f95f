// The panel that shows the source of a citation, and the steps from one citation to the next.
class Evidence {
  constructor(aside, server) {
    this.aside = aside;
    this.server = server;
    this.source = aside.querySelector(".source");
    this.empty = this.source.innerHTML;
    this.cite = null;
    this.place = null;
    this.view = "page";
    this.zoom = 1;
    aside.querySelector(".previous").addEventListener("click", () => this.step(-1));
    aside.querySelector(".next").addEventListener("click", () => this.step(1));
    aside.querySelector(".close").addEventListener("click", () => this.close());
    aside.addEventListener("keydown", (event) => this.key(event));
    this.source.addEventListener("click", (event) => this.pressed(event));
  }

  // Opens what a citation, or a heading that is offered, points at.
  async open(cite, focused = true) {
    for (const lit of document.querySelectorAll(".cite.chosen")) lit.classList.remove("chosen");
    this.cite = cite;
    cite.classList.add("chosen");
    const { document: id, start, end, sentenceStart, sentenceEnd } = cite.dataset;
    const place = { document: id, start: +start, end: +end };
    if (sentenceStart) Object.assign(place, { sentence_start: +sentenceStart, sentence_end: +sentenceEnd });
    await this.show(place, focused);
  }

  async show(place, focused = true) {
    const step = focused && !this.place;
    this.place = place;
    this.aside.dispatchEvent(new CustomEvent("shown", { bubbles: true, detail: { step } }));
    this.aside.classList.add("opened");
    const { html, error } = await this.server.open({ ...place, view: this.view });
    if (this.place !== place) return;
    if (error) {
      const told = document.createElement("p");
      told.className = "none";
      told.textContent = error;
      this.source.replaceChildren(told);
    } else {
      this.source.innerHTML = html;
    }
    this.count();
    TextLayer.fit(this.source);
    this.source.querySelector(".page img")?.addEventListener("error", () => this.undrawn());
    this.zoomBy(0);
    const lit = this.source.querySelector("mark, .box");
    if (place.at === undefined && lit) lit.scrollIntoView({ block: "center", inline: "center" });
    else this.source.scrollTop = 0;
    if (focused) this.source.querySelector("h2")?.focus({ preventScroll: true });
  }

  // What the answer of the turn cites, each place once; other passages are not part of it.
  cites() {
    const turn = this.cite?.closest(".turn");
    const seen = new Set();
    return [...(turn?.querySelectorAll(".cite") ?? [])].filter((cite) => {
      if (cite.closest(".others")) return false;
      const number = cite.textContent;
      return !seen.has(number) && seen.add(number);
    });
  }

  at() {
    return this.cites().findIndex((cite) => cite.textContent === this.cite.textContent);
  }

  count() {
    const all = this.cites();
    const steps = this.aside.querySelector(".steps");
    steps.hidden = false;
    const at = this.at();
    steps.querySelector(".count").textContent = at < 0 ? t("Not cited by the answer") : t("Source {at} of {all}", { at: at + 1, all: all.length });
    steps.querySelector(".previous").disabled = at <= 0;
    steps.querySelector(".next").disabled = at < 0 || at + 1 >= all.length;
  }

  step(by) {
    const next = this.cites()[this.at() + by];
    if (next) this.open(next);
  }

  // Takes the source away, and with "focused" goes back to its citation.
  close(focused = true) {
    this.aside.classList.remove("opened");
    this.aside.querySelector(".steps").hidden = true;
    this.source.innerHTML = this.empty;
    this.cite?.classList.remove("chosen");
    // A citation that is folded away cannot take the focus; its summary can.
    if (focused && this.cite?.checkVisibility()) this.cite.focus();
    else if (focused) this.cite?.closest("details")?.querySelector("summary").focus();
    this.place = null;
    this.aside.dispatchEvent(new CustomEvent("shown", { bubbles: true }));
  }

  key(event) {
    if (event.target.matches("input, textarea") || event.altKey || event.ctrlKey || event.metaKey) return;
    const act = {
      ArrowRight: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      PageDown: () => this.turn(1),
      PageUp: () => this.turn(-1),
      "+": () => this.zoomBy(1),
      "-": () => this.zoomBy(-1),
      Escape: () => this.close(),
    }[event.key];
    const isOfPage = event.key.startsWith("Page") || "+-".includes(event.key);
    if (!act || (isOfPage && !this.source.querySelector(".pager"))) return;
    // A page that is larger than its place is scrolled by the arrows.
    if (event.key.startsWith("Arrow") && this.zoom > 1 && event.target.matches(".canvas")) return;
    event.preventDefault();
    act();
  }

  turn(by) {
    const [back, on] = this.source.querySelectorAll(".turn-page");
    const pressed = by < 0 ? back : on;
    if (pressed && !pressed.disabled) this.show({ ...this.place, page: +pressed.dataset.page });
  }

  // The file is gone or has changed, or the page is damaged.
  undrawn() {
    const told = document.createElement("p");
    told.className = "none";
    told.textContent = t("This page cannot be shown as it looks. “Text” shows what was read of it.");
    this.source.querySelector(".canvas")?.replaceWith(told);
    this.source.querySelector(".pager .zoom")?.remove();
  }

  // The steps of the zoom; the place that is lit stays in sight.
  zoomBy(steps) {
    const page = this.source.querySelector(".page");
    if (!page) return;
    const at = ZOOMS.findIndex((zoom) => zoom >= this.zoom);
    this.zoom = ZOOMS[Math.max(0, Math.min(at + steps, ZOOMS.length - 1))];
    page.style.width = `${this.zoom * 100}%`;
    this.source.querySelector(".zoom output").textContent = percent(this.zoom);
    this.source.querySelector("[data-zoom='-1']").disabled = this.zoom === ZOOMS[0];
    this.source.querySelector("[data-zoom='1']").disabled = this.zoom === ZOOMS.at(-1);
    if (steps) this.source.querySelector(".box, .tint")?.scrollIntoView({ block: "center", inline: "center" });
  }

  pressed(event) {
    const target = event.target.closest("button");
    if (!target) return;
    if (target.dataset.zoom) this.zoomBy(+target.dataset.zoom);
    if (target.matches(".turn-page")) this.show({ ...this.place, page: +target.dataset.page });
    if (target.matches(".further")) this.show({ ...this.place, at: +target.dataset.at });
    if (target.matches(".view")) {
      this.view = target.dataset.view;
      const { page, at, ...place } = this.place;
      this.show(place);
    }
    if (target.matches(".copy")) {
      Keep.copy(target.dataset.copy).then(() => {
        target.textContent = t("Copied");
      });
    }
  }

  // Whether the text of one of the turn's sources is open.
  shows(turn) {
    return this.cite?.closest(".turn") === turn && this.source.querySelector(".text") !== null;
  }

  // What is selected in the text of the source, as characters of the document.
  selection() {
    const text = this.source.querySelector(".text");
    const chosen = getSelection();
    if (!text || chosen.isCollapsed || !text.contains(chosen.anchorNode) || !text.contains(chosen.focusNode)) return null;
    const range = chosen.getRangeAt(0);
    const before = document.createRange();
    before.setStart(text, 0);
    before.setEnd(range.startContainer, range.startOffset);
    // The document counts characters, JavaScript halves of some.
    const start = +text.dataset.offset + [...before.toString()].length;
    const quote = range.toString();
    return { document_id: this.place.document, start, end: start + [...quote].length, quote };
  }
}

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];
