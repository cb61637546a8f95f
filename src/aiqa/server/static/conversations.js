// The conversations of this browser: the list beside the talk, and the one that is open.
class Conversations {
  constructor(nav, server, show) {
    this.list = nav.querySelector(".kept");
    this.server = server;
    this.show = show;
    this.all = Keep.read("conversations", []);
    this.current = null;
    nav.querySelector(".new").addEventListener("click", () => this.begin());
    if (matchMedia("(max-width: 760px)").matches) nav.querySelector(".drawer").open = false;
    this.draw();
  }

  turns() {
    return this.current ? Keep.read(`turns.${this.current}`, []) : [];
  }

  begin() {
    this.current = null;
    this.draw();
    this.show([], true);
  }

  // Keeps a record, in a new conversation if none is open; its name is its first question.
  add(record) {
    if (!this.current) {
      this.current = crypto.getRandomValues(new Uint32Array(2)).join("-");
      this.all.unshift({ id: this.current, name: record.question.slice(0, 80) });
    }
    const turns = [...this.turns(), record];
    const room = Keep.write(`turns.${this.current}`, turns) && Keep.write("conversations", this.all);
    this.draw();
    return room;
  }

  async open(id) {
    this.current = id;
    this.draw();
    this.show(await this.server.reopen({ turns: this.turns(), ...Settings.asked() }), true);
  }

  rename(id, name) {
    const kept = this.all.find((one) => one.id === id);
    if (name.trim()) kept.name = name.trim().slice(0, 80);
    Keep.write("conversations", this.all);
    this.draw();
  }

  remove(id) {
    this.all = this.all.filter((one) => one.id !== id);
    Keep.write("conversations", this.all);
    Keep.remove(`turns.${id}`);
    if (this.current === id) this.begin();
    this.draw();
  }

  async exported(kept, form) {
    const turns = Keep.read(`turns.${kept.id}`, []);
    const file = kept.name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "conversation";
    if (form === "json") {
      const text = JSON.stringify({ name: kept.name, turns }, null, 1);
      Keep.download(`${file}.json`, "application/json", text);
    } else {
      const text = await this.server.markdown({ name: kept.name, turns });
      Keep.download(`${file}.md`, "text/markdown", text);
    }
  }

  draw() {
    this.list.replaceChildren(...this.all.map((kept) => this.item(kept)));
  }

  item(kept) {
    const item = document.createElement("li");
    const open = button(kept.name, "open-conversation", () => this.open(kept.id));
    open.dir = "auto";
    item.append(open);
    if (kept.id !== this.current) return item;
    open.setAttribute("aria-current", "true");
    const tools = document.createElement("div");
    tools.className = "tools";
    tools.append(
      button("Rename", "plain", () => this.renaming(item, kept)),
      button("Markdown", "plain", () => this.exported(kept, "markdown"), "Export as Markdown"),
      button("JSON", "plain", () => this.exported(kept, "json"), "Export as JSON"),
      button("Delete", "plain", (event) => this.deleting(event.currentTarget, kept)),
    );
    item.append(tools);
    return item;
  }

  renaming(item, kept) {
    const box = document.createElement("input");
    box.value = kept.name;
    box.maxLength = 80;
    box.setAttribute("aria-label", "New name");
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.rename(kept.id, box.value);
      if (event.key === "Escape") this.draw();
    });
    box.addEventListener("blur", () => box.isConnected && this.rename(kept.id, box.value));
    item.replaceChildren(box);
    box.select();
  }

  // Twice, since what is deleted is gone.
  deleting(pressed, kept) {
    if (pressed.dataset.sure) return this.remove(kept.id);
    pressed.dataset.sure = "1";
    pressed.textContent = "Really delete";
  }
}

function button(text, kind, act, label) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = kind;
  made.textContent = text;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}
