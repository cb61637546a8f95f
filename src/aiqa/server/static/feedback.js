// Whether an answer was right, and if not, where the right one stands.
class Feedback {
  constructor(form, server, evidence) {
    this.form = form;
    this.server = server;
    this.evidence = evidence;
    this.pending = null;
    document.addEventListener("selectionchange", () => this.selected());
    form.hidden = true;
    form.querySelector(".cancel").addEventListener("click", () => this.done());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(this.pending, this.chosen);
    });
  }

  give(turn, verdict, tell) {
    const pending = { record: turn.record, history: turn.history, verdict, tell };
    if (verdict === "up") return this.send(pending, null);
    this.pending = pending;
    this.form.hidden = false;
    this.chosen = null;
    this.form.querySelector(".selected").textContent = "";
    // The words are selected in the text, also where a page's picture was shown.
    this.evidence.view = "text";
    const cite = turn.querySelector(".cite");
    if (cite && !this.evidence.shows(turn)) this.evidence.open(cite);
  }

  // A candidate of an unsure answer is the right one, or is not.
  async judge(turn, pressed, tell) {
    const { judged, document: id, start, end, quote } = pressed.dataset;
    const item = pressed.closest(".candidate");
    const opinion = { record: turn.record, history: turn.history, verdict: "down" };
    const told = await this.server.feedback(
      judged === "right"
        ? { ...opinion, selected: { document_id: id, start: +start, end: +end, quote } }
        : { ...opinion, rejected: quote },
    );
    tell(told.error ?? told);
    if (told.error) return;
    item.classList.add(judged);
    // Once one is right, there is nothing more to say of the others.
    const done = judged === "right" ? turn : item;
    for (const button of done.querySelectorAll("[data-judged]")) button.disabled = true;
  }

  selected() {
    if (this.form.hidden) return;
    const chosen = this.evidence.selection();
    if (!chosen) return;
    this.chosen = chosen;
    this.form.querySelector(".selected").textContent = chosen.quote;
  }

  async send({ tell, ...opinion }, selected) {
    const told = await this.server.feedback({ ...opinion, selected });
    tell(told.error ?? told);
    this.done();
  }

  done() {
    this.form.hidden = true;
    this.pending = null;
    this.chosen = null;
  }
}

// Copies an answer with its sources: in one of the forms, or as what it is pasted into can take.
async function copyAnswer(server, record, form) {
  const copied = server.copied({ record });
  if (form !== "rich" || !navigator.clipboard?.write) {
    const texts = await copied;
    if (texts.error) return texts.error;
    await Keep.copy(texts[form === "rich" ? "plain" : form]);
    return t("Copied.");
  }
  const blob = async (kind, type) => new Blob([(await copied)[kind] ?? ""], { type });
  // The browser wants to be told at once what will be copied, before the server has answered.
  await navigator.clipboard.write([
    new ClipboardItem({ "text/plain": blob("plain", "text/plain"), "text/html": blob("html", "text/html") }),
  ]);
  return t("Copied with its sources.");
}
