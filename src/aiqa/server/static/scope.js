// Which documents are asked: folders, collections, types, dates, single documents.
class Scope {
  constructor(details, server) {
    this.details = details;
    this.server = server;
    this.chosen = { sources: new Set(), folders: new Set(), collections: new Set(), formats: new Set() };
    this.dates = { since: "", until: "" };
    this.names = new Map();
    this.choices = details.querySelector(".choices");
    details.addEventListener("toggle", () => details.open && this.draw(""));
    details.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    document.addEventListener("aiqa:documents", () => details.open && this.draw(this.text ?? ""));
    this.choices.addEventListener("change", (event) => this.changed(event.target));
    this.choices.addEventListener("input", (event) => {
      if (event.target.type !== "search") return;
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.draw(event.target.value), 200);
    });
    this.choices.addEventListener("click", (event) => event.target.closest(".all") && this.clear());
  }

  close() {
    this.details.open = false;
    this.details.querySelector("summary").focus();
  }

  async draw(text) {
    const isTyping = this.choices.contains(document.activeElement) && document.activeElement.type === "search";
    this.text = text;
    const drawn = await this.server.scope({ text });
    if (this.text !== text) return;
    const refocus = focusKept(this.choices);
    if (drawn.error) this.choices.textContent = drawn.error;
    else this.choices.innerHTML = drawn;
    this.mark();
    refocus();
    const search = this.choices.querySelector("[type=search]");
    if (search && isTyping) {
      search.focus();
      search.setSelectionRange(text.length, text.length);
    }
  }

  mark() {
    for (const box of this.choices.querySelectorAll("[type=checkbox]")) {
      box.checked = this.chosen[box.name].has(box.value);
      this.names.set(`${box.name} ${box.value}`, box.dataset.label);
    }
    for (const box of this.choices.querySelectorAll("[type=date]")) box.value = this.dates[box.name];
  }

  changed(box) {
    if (box.type === "checkbox") this.chosen[box.name][box.checked ? "add" : "delete"](box.value);
    else if (box.type === "date") this.dates[box.name] = box.value;
    else return;
    this.tell();
  }

  only(source, title) {
    this.clear();
    this.names.set(`sources ${source}`, title);
    this.chosen.sources.add(source);
    this.tell();
  }

  clear() {
    for (const kind of Object.values(this.chosen)) kind.clear();
    this.dates = { since: "", until: "" };
    this.mark();
    this.tell();
  }

  // Chooses again what was asked with an earlier question.
  async restore({ since, until, ...kinds }) {
    for (const [kind, names] of Object.entries(this.chosen)) {
      names.clear();
      for (const name of kinds[kind] ?? []) names.add(name);
    }
    this.dates = { since: since ?? "", until: until ?? "" };
    if (this.chosen.sources.size) await this.draw("");
    this.mark();
    this.tell();
  }

  tell() {
    this.details.dispatchEvent(new CustomEvent("scoped", { bubbles: true }));
    const named = Object.entries(this.chosen).flatMap(([kind, names]) => [...names].map((name) => this.names.get(`${kind} ${name}`) ?? name));
    const { since, until } = this.dates;
    if (since) named.push(t("from {day}", { day: since }));
    if (until) named.push(t("to {day}", { day: until }));
    this.details.querySelector(".asking").textContent = scopeName(named);
  }

  asked() {
    const kinds = Object.entries(this.chosen).map(([kind, names]) => [kind, [...names]]);
    const dates = Object.entries(this.dates).filter(([, day]) => day);
    return Object.fromEntries([...kinds, ...dates]);
  }
}

const MOST_NAMED = 3;

// Which documents are asked, by the names of what was chosen.
function scopeName(named) {
  if (!named.length) return t("Asking all documents");
  const names = named.slice(0, MOST_NAMED).join(t(", "));
  const count = named.length - MOST_NAMED;
  return count > 0 ? t("Asking only {names} and {count} more", { names, count }) : t("Asking only {names}", { names });
}
