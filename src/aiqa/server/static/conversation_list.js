// The list of conversations beside the talk, and what can be done with the one that is open.
class ConversationList {
  constructor(nav, conversations) {
    this.nav = nav;
    this.conversations = conversations;
    this.history = conversations.history;
    this.list = nav.querySelector(".kept");
    this.search = nav.querySelector(".find-conversation");
    this.all = [];
    nav.querySelector(".new").addEventListener("click", () => conversations.begin());
    nav.querySelector(".delete-all").addEventListener("click", ({ currentTarget }) => this.sure(currentTarget, () => this.remove(null)));
    this.search.addEventListener("input", () => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.load(), 200);
    });
    if (this.history instanceof ServerHistory) this.offerMove();
    if (matchMedia("(max-width: 760px)").matches) nav.querySelector(".drawer").open = false;
  }

  // Offers to move here what this browser kept before the server did.
  async offerMove() {
    const browser = new BrowserHistory();
    const kept = (await browser.list("")).reverse();
    if (!kept.length) return;
    const text = t("Move {count} conversations from this browser here", { count: kept.length });
    const pressed = button(text, "plain", async () => {
      pressed.disabled = true;
      if (await this.attempt(() => this.move(browser, kept))) pressed.remove();
      pressed.disabled = false;
    });
    this.nav.querySelector(".delete-all").before(pressed);
  }

  async move(browser, kept) {
    for (const { id, name } of kept) {
      const { records } = await browser.turns(id, 0, Infinity);
      for (const record of records) await this.history.add(id, record);
      await this.history.rename(id, name);
      await browser.delete(id);
    }
    await this.load();
  }

  async load() {
    await this.attempt(async () => {
      const text = this.search.value;
      const all = await this.history.list(text);
      // Else more was typed meanwhile, and what that finds may have come before this.
      if (text === this.search.value) this.all = all;
    });
    this.draw();
  }

  // Does something that may fail, and says why it did. Resolves to whether it was done.
  async attempt(act) {
    const told = this.nav.querySelector(".trouble");
    try {
      await act();
      told.textContent = "";
      return true;
    } catch (error) {
      told.textContent = error.message;
      return false;
    }
  }

  draw() {
    // Not while a name is being typed, or a deletion confirmed.
    if (this.list.querySelector("input, [data-sure]")) return;
    const isSearched = Boolean(this.search.value.trim());
    this.nav.querySelector(".no-conversation").hidden = !isSearched || this.all.length > 0;
    this.nav.querySelector(".delete-all").hidden = isSearched || this.all.length === 0;
    const focused = document.activeElement?.closest(".kept li")?.dataset.id;
    this.list.replaceChildren(...this.all.map((kept) => this.item(kept)));
    if (focused) this.list.querySelector(`[data-id="${CSS.escape(focused)}"] button`)?.focus();
    const open = this.all.find(({ id }) => id === this.conversations.current);
    document.title = open ? `${open.name} – aiqa` : "aiqa";
  }

  item(kept) {
    const item = document.createElement("li");
    item.dataset.id = kept.id;
    const open = button(kept.name, "open-conversation", () => this.conversations.open(kept.id));
    open.dir = "auto";
    item.append(open);
    if (this.conversations.unseen.has(kept.id)) {
      const mark = document.createElement("span");
      mark.className = "new-answer";
      mark.textContent = t("new answer");
      open.append(" ", mark);
    }
    if (kept.id !== this.conversations.current) return item;
    open.setAttribute("aria-current", "true");
    const tools = document.createElement("div");
    tools.className = "tools";
    tools.append(
      button(t("Rename"), "plain", () => this.renaming(item, kept)),
      button("Markdown", "plain", () => this.attempt(() => this.export(kept, "markdown")), t("Export as Markdown")),
      button("JSON", "plain", () => this.attempt(() => this.export(kept, "json")), t("Export as JSON")),
      button(t("Delete"), "plain", ({ currentTarget }) => this.sure(currentTarget, () => this.remove(kept.id))),
    );
    item.append(tools);
    return item;
  }

  renaming(item, kept) {
    const box = document.createElement("input");
    box.value = kept.name;
    box.maxLength = 80;
    box.setAttribute("aria-label", t("New name"));
    let isDone = false;
    const done = async (name) => {
      // Taking it away makes it lose the focus, which ends the renaming, too.
      if (isDone) return;
      isDone = true;
      const isByKey = document.activeElement === box;
      box.remove();
      const isKept = !name.trim() || (await this.attempt(() => this.conversations.rename(kept.id, name.trim())));
      if (isKept) await this.load();
      else this.draw();
      if (isByKey) this.list.querySelector("[aria-current]")?.focus();
    };
    box.addEventListener("keydown", ({ key }) => {
      if (key === "Enter") done(box.value);
      if (key === "Escape") done("");
    });
    box.addEventListener("blur", () => done(box.value));
    item.replaceChildren(box);
    box.select();
  }

  // Asks once more, for some seconds, since what is deleted is gone.
  sure(pressed, act) {
    if (pressed.dataset.sure) {
      delete pressed.dataset.sure;
      return act();
    }
    const text = pressed.textContent;
    pressed.dataset.sure = "1";
    pressed.textContent = t("Really delete");
    setTimeout(() => {
      delete pressed.dataset.sure;
      pressed.textContent = text;
      this.draw();
    }, 5000);
  }

  async remove(id) {
    if (!(await this.attempt(() => this.conversations.remove(id)))) return;
    await this.load();
    this.nav.querySelector(".new").focus();
  }

  // A long conversation is fetched and written in parts.
  async export({ id, name }, form) {
    const file = name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "conversation";
    const parts = [];
    for (let start = 0, count = 1; start < count; start += ConversationList.PART) {
      const page = await this.history.turns(id, start, ConversationList.PART);
      count = page.count;
      parts.push(form === "json" ? page.records : await this.markdown(start ? "" : name, page.records));
    }
    if (form === "json") Keep.download(`${file}.json`, "application/json", JSON.stringify({ name, turns: parts.flat() }, null, 1));
    else Keep.download(`${file}.md`, "text/markdown", parts.join("\n"));
  }

  markdown(name, turns) {
    const address = `${location.origin}${location.pathname}`;
    return this.conversations.desk.server.markdown({ name, turns, address });
  }
}
ConversationList.PART = 200;

function button(text, kind, act, label) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = kind;
  made.textContent = text;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}
