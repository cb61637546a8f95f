// The documents page: the list, and what can be done with each document.
class Shelf {
  constructor(element, server) {
    this.server = server;
    this.listed = element.querySelector(".listed");
    this.outcome = element.querySelector(".outcome");
    this.search = element.querySelector("#find-documents");
    this.search.addEventListener("input", () => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.draw(), 200);
    });
    this.listed.addEventListener("click", (event) => this.pressed(event.target.closest("button")));
    document.addEventListener("aiqa:documents", () => this.draw(this.start));
    this.listen(element.querySelector(".bring"));
    this.start = 0;
    this.draw();
    aiqa.uploads.look();
  }

  listen(form) {
    const [drop, chosen] = [form.querySelector(".drop"), form.querySelector("[type=file]")];
    const send = (files) => aiqa.uploads.send(files, { collection: form.querySelector(".collection").value });
    form.addEventListener("submit", (event) => event.preventDefault());
    chosen.addEventListener("change", () => {
      send([...chosen.files]);
      chosen.value = "";
    });
    for (const kind of ["dragover", "dragleave", "drop"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", kind === "dragover");
      });
    }
    drop.addEventListener("drop", (event) => {
      // The page may take what is dropped anywhere; this was taken here.
      event.stopPropagation();
      droppedFiles(event.dataTransfer).then(send);
    });
  }

  async draw(start = 0) {
    this.start = start;
    clearTimeout(this.later);
    const listed = await this.server.list({ text: this.search.value, start });
    if (this.start !== start) return;
    const refocus = focusKept(this.listed);
    if (listed.error) this.listed.textContent = listed.error;
    else this.listed.innerHTML = listed;
    refocus();
    // What can no longer be undone is not offered any more.
    const left = [...this.listed.querySelectorAll("[data-seconds]")].map((one) => +one.dataset.seconds);
    if (left.length) this.later = setTimeout(() => this.draw(this.start), 1000 * Math.min(...left) + 200);
  }

  async pressed(button) {
    if (!button) return;
    const { act, source, from } = button.dataset;
    if (from) return this.draw(+from);
    if (act === "all") {
      this.search.value = "";
      this.search.focus();
      return this.draw();
    }
    if (act === "only") return aiqa.desk.askOnly(source, button.closest("tr").querySelector(".title").textContent);
    button.disabled = true;
    this.outcome.textContent = act === "again" ? t("Reading…") : "";
    const call = { again: "read_again", remove: "remove", undo: "undo" }[act];
    const told = await this.server[call]({ source });
    this.outcome.textContent = told.error ?? told;
    if (!told.error && act !== "again") document.dispatchEvent(new CustomEvent("aiqa:documents"));
    else await this.draw(this.start);
    if (act === "undo") aiqa.uploads.look();
    // The row is gone; what can be done about that comes next.
    if (act === "remove") setTimeout(() => this.listed.querySelector("[data-act=undo]")?.focus(), 300);
  }
}

// How much there is to be asked, in the head of the page.
class Holdings {
  constructor(element) {
    this.element = element.querySelector(".holdings .count");
    document.addEventListener("aiqa:documents", () => this.draw());
    document.addEventListener("visibilitychange", () => document.hidden || this.draw());
    this.draw();
  }

  async draw() {
    await Language.ready();
    const response = await fetch("holdings").catch(() => null);
    if (!response?.ok) return;
    const { documents, passages } = await response.json();
    const told = `${t("{count} documents", { count: documents })} · ${t("{count} passages", { count: passages })}`;
    if (this.element.textContent !== told) this.element.textContent = told;
  }
}
