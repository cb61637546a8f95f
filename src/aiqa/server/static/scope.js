// Which documents are asked: collections, formats, single documents.
class Scope {
  constructor(details, server) {
    this.details = details;
    this.server = server;
    this.chosen = { collections: new Set(), formats: new Set(), sources: new Set() };
    this.titles = new Map();
    this.choices = details.querySelector(".choices");
    details.addEventListener("toggle", () => details.open && this.draw(""));
    this.choices.addEventListener("change", (event) => this.changed(event.target));
    this.choices.addEventListener("input", (event) => {
      if (event.target.type !== "search") return;
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.draw(event.target.value), 200);
    });
    this.choices.addEventListener("click", (event) => event.target.closest(".all") && this.clear());
  }

  async draw(text) {
    this.choices.innerHTML = await this.server.scope({ text });
    for (const box of this.choices.querySelectorAll("[type=checkbox]")) {
      box.checked = this.chosen[box.name].has(box.value);
    }
    const search = this.choices.querySelector("[type=search]");
    if (search && text) {
      search.focus();
      search.setSelectionRange(text.length, text.length);
    }
  }

  changed(box) {
    if (box.type !== "checkbox") return;
    this.chosen[box.name][box.checked ? "add" : "delete"](box.value);
    this.titles.set(box.value, box.labels[0].textContent.trim());
    this.tell();
  }

  only(source, title) {
    this.clear();
    this.titles.set(source, title);
    this.chosen.sources.add(source);
    this.tell();
  }

  clear() {
    for (const kind of Object.values(this.chosen)) kind.clear();
    for (const box of this.choices.querySelectorAll("[type=checkbox]")) box.checked = false;
    this.tell();
  }

  // Chooses what an address or an earlier question names; sources that are unknown here remain.
  async restore(chosen) {
    for (const [kind, names] of Object.entries(this.chosen)) {
      names.clear();
      for (const name of chosen?.[kind] ?? []) names.add(name);
    }
    if (this.chosen.sources.size) await this.draw("");
    for (const box of this.choices.querySelectorAll("[type=checkbox]")) {
      box.checked = this.chosen[box.name].has(box.value);
      this.titles.set(box.value, box.labels[0].textContent.trim());
    }
    this.tell();
  }

  tell() {
    this.details.dispatchEvent(new CustomEvent("scoped", { bubbles: true }));
    const { sources, ...groups } = this.chosen;
    const named = Object.values(groups).flatMap((kind) => [...kind]);
    named.push(...[...sources].map((source) => this.titles.get(source) ?? source));
    const told = named.length ? `Asking only ${named.slice(0, 3).join(", ")}${named.length > 3 ? ` and ${named.length - 3} more` : ""}` : "Asking all documents";
    this.details.querySelector(".asking").textContent = told;
  }

  asked() {
    return Object.fromEntries(Object.entries(this.chosen).map(([kind, names]) => [kind, [...names]]));
  }
}
