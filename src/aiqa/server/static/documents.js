// The documents page: the list, and what can be done with each document.
class Shelf {
  constructor(element, server, watch) {
    this.server = server;
    this.listed = element.querySelector(".listed");
    this.outcome = element.querySelector(".outcome");
    this.search = element.querySelector("#find-documents");
    this.search.addEventListener("input", () => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.draw(), 200);
    });
    element.addEventListener("click", (event) => this.pressed(event.target.closest("button")));
    this.refused = element.querySelector(".refused");
    this.suffixes = element.querySelector(".shelf").dataset.suffixes.split(" ");
    // Gradio puts the place to drop files there later than this.
    const told = (event, files) => event.target.closest?.("#drop") && this.refuse(files ?? []);
    document.addEventListener("drop", (event) => told(event, event.dataTransfer.files), true);
    document.addEventListener("change", (event) => told(event, event.target.files), true);
    // It is told of new documents by a value that changes.
    watch("value", () => this.draw());
    this.draw();
  }

  // Files of no known format are not even sent; here it is said of each.
  refuse(files) {
    const wrong = [...files].filter(({ name }) => !this.suffixes.some((suffix) => name.toLowerCase().endsWith(suffix)));
    this.refused.replaceChildren(
      ...wrong.map(({ name }) => {
        const told = document.createElement("li");
        told.className = "failed";
        told.textContent = `${name} could not be read: there is no loader for it. Formats read: ${this.suffixes.join(" ")}.`;
        return told;
      }),
    );
  }

  async draw(start = 0) {
    const listed = await this.server.list({ text: this.search.value, start });
    this.listed.innerHTML = listed.error ?? listed;
  }

  async pressed(button) {
    if (!button) return;
    const { act, source, from } = button.dataset;
    if (from) return this.draw(+from);
    if (act === "only") return aiqa.desk.askOnly(source, button.closest("tr").querySelector(".title").textContent);
    if (act === "remove" && !button.dataset.sure) {
      button.dataset.sure = "1";
      button.textContent = "Really delete";
      return;
    }
    button.disabled = true;
    this.outcome.textContent = act === "again" ? "Reading…" : "";
    const told = await (act === "again" ? this.server.read_again({ source }) : this.server.remove({ source }));
    this.outcome.textContent = told.error ?? told;
    this.draw();
  }
}
