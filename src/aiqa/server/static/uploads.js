// Files and texts on their way into the index, shown in every ".uploads-view" of the page.
class Uploads {
  constructor() {
    this.local = new Map();
    this.listed = "";
    this.completions = null;
    document.addEventListener("click", (event) => this.pressed(event.target.closest?.(".uploads-view button")));
    addEventListener("beforeunload", (event) => [...this.local.values()].some((one) => one.abort) && event.preventDefault());
    document.addEventListener("visibilitychange", () => this.look());
  }

  // Takes files; small ones go first, together, and each large one by itself.
  send(files, { collection = "" } = {}) {
    const suffixes = document.querySelector("[data-suffixes]")?.dataset.suffixes.split(" ");
    const isRead = ({ name }) => !suffixes || suffixes.some((suffix) => name.toLowerCase().endsWith(suffix));
    for (const file of files) {
      if (!isRead(file)) this.note(file.name, t("could not be read: there is no loader for files of this format."));
    }
    const sized = [...files].filter(isRead).sort((one, other) => one.size - other.size);
    let queue = Promise.resolve();
    for (const group of grouped(sized)) {
      const entry = this.note(group.length === 1 ? group[0].name : t("{count} files", { count: group.length }), t("waiting to be sent"));
      entry.state = "waiting";
      entry.abort = () => this.end(entry);
      queue = queue.then(() => entry.abort && this.sendGroup(group, collection, entry));
    }
    this.draw();
  }

  // Takes a text as a document of that title.
  async paste(title, text, { collection = "" } = {}) {
    const { ok, told } = await post("uploads/text", { title, text, collection });
    if (!ok) this.note(title || t("The text"), told);
    await this.look();
  }

  note(name, told) {
    const entry = { id: crypto.getRandomValues(new Uint32Array(2)).join("-"), name, told, state: "failed" };
    this.local.set(entry.id, entry);
    this.draw();
    return entry;
  }

  async sendGroup(group, collection, entry) {
    const sent = await this.transfer(group, entry);
    if (sent.cancelled) return;
    entry.abort = null;
    const { ok, told } = sent.paths ? await post("uploads", { paths: sent.paths, collection }) : sent;
    if (ok) this.end(entry);
    else Object.assign(entry, { told: t("could not be added: {why}", { why: told }), state: "failed" });
    this.draw();
    await this.look();
  }

  transfer(group, entry) {
    return new Promise((settle) => {
      const request = new XMLHttpRequest();
      const body = new FormData();
      for (const file of group) body.append("files", file);
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        entry.share = loaded / total;
        entry.told = t("being sent {share}", { share: percent(entry.share) });
        this.draw();
      });
      request.addEventListener("load", () => {
        const told = request.responseText;
        if (request.status === 429) setTimeout(() => settle(this.transfer(group, entry)), wait(request.getResponseHeader("Retry-After")));
        else settle(request.status === 200 ? { ok: true, paths: JSON.parse(told) } : { ok: false, told });
      });
      request.addEventListener("error", () => settle({ ok: false, told: t("The server cannot be reached.") }));
      request.addEventListener("abort", () => settle({ cancelled: true }));
      entry.abort = () => {
        request.abort();
        this.end(entry);
      };
      request.open("POST", "gradio_api/upload");
      request.send(body);
    });
  }

  end(entry) {
    entry.abort = null;
    this.local.delete(entry.id);
    this.draw();
  }

  // Asks what became of the uploads, again and again while something is being done.
  async look() {
    clearTimeout(this.soon);
    if (document.hidden || document.querySelector("[data-suffixes]") === null) return;
    const response = await fetch("uploads").catch(() => null);
    if (response?.ok) {
      const { html, busy, completions } = await response.json();
      this.listed = html;
      if (this.completions !== null && completions !== this.completions) document.dispatchEvent(new CustomEvent("aiqa:documents"));
      this.completions = completions;
      this.draw();
      if (!busy) return;
    }
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.look(), 1000);
  }

  draw() {
    for (const view of document.querySelectorAll(".uploads-view")) this.drawIn(view);
  }

  // Draws only what is new, so that the focus stays where it is.
  drawIn(view) {
    const list = document.createElement("ul");
    list.className = "arrivals";
    list.innerHTML = this.listed;
    list.append(...[...this.local.values()].map(localItem));
    if (list.innerHTML === (view.querySelector(".arrivals")?.innerHTML ?? "")) return;
    const refocus = focusKept(view);
    const told = view.querySelector("[role=status]") ?? document.createElement("p");
    told.className = "unseen";
    told.setAttribute("role", "status");
    view.replaceChildren(told);
    const ended = list.querySelectorAll(".arrivals > :not(.waiting, .reading, .asks)").length;
    const done = document.createElement("button");
    Object.assign(done, { type: "button", className: "plain clear-uploads", textContent: t("Clear the list") });
    if (list.children.length) view.append(list);
    if (ended) view.append(done);
    // Read out when one more is done, but not at each percent.
    const summary = list.children.length ? t("{done} of {count} uploads are done.", { done: ended, count: list.children.length }) : "";
    if (told.textContent !== summary) told.textContent = summary;
    refocus();
  }

  async pressed(button) {
    if (!button) return;
    const { upload, act, local } = button.dataset;
    if (local) return this.local.get(local)?.abort?.();
    if (upload) await post(`uploads/${upload}`, { act });
    else {
      for (const entry of this.local.values()) if (!entry.abort) this.local.delete(entry.id);
      await post("uploads/clear", {});
    }
    await this.look();
  }
}

// Files that were dropped, with those in folders.
async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  return entries.length ? (await Promise.all(entries.map(filesIn))).flat() : [...transfer.files];
}

async function filesIn(entry) {
  if (entry.isFile) return [await new Promise((settle, fail) => entry.file(settle, fail))];
  const reader = entry.createReader();
  const inside = [];
  for (;;) {
    // A reader gives a hundred at most at a time, and none at the end.
    const some = await new Promise((settle, fail) => reader.readEntries(settle, fail));
    if (!some.length) return (await Promise.all(inside.map(filesIn))).flat();
    // What systems hide in folders are no documents.
    inside.push(...some.filter(({ name }) => !name.startsWith(".")));
  }
}

// Puts the focus back on the control of the same name after a part of the page was drawn anew.
function focusKept(part) {
  const { activeElement: held } = document;
  const name = part.contains(held) && (held.getAttribute("aria-label") ?? `${held.name} ${held.value}`);
  return () => {
    if (!name) return;
    const controls = [...part.querySelectorAll("button, input")];
    controls.find((one) => (one.getAttribute("aria-label") ?? `${one.name} ${one.value}`) === name)?.focus();
  };
}

const TOGETHER = { files: 50, bytes: 4_000_000 };

function grouped(files) {
  const groups = [];
  let bytes = 0;
  for (const file of files) {
    if (!groups.length || bytes + file.size > TOGETHER.bytes || groups.at(-1).length === TOGETHER.files) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1).push(file);
    bytes += file.size;
  }
  return groups;
}

function localItem({ id, name, told, state, share, abort }) {
  const item = document.createElement("li");
  item.className = state;
  const [called, said] = [document.createElement("bdi"), document.createElement("span")];
  called.textContent = name;
  said.textContent = told;
  item.append(called, " ", said);
  if (share !== undefined && abort) item.append(Object.assign(document.createElement("progress"), { value: share, ariaLabel: name }));
  if (abort) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "plain", textContent: t("Cancel"), ariaLabel: t("{act}: {name}", { act: t("Cancel"), name }) });
    button.dataset.local = id;
    item.append(button);
  }
  return item;
}

// What the server says to JSON; it may say to wait.
async function post(path, data) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(data) }).catch(() => null);
  if (!response) return { ok: false, told: t("The server cannot be reached.") };
  if (response.status === 429) {
    await new Promise((settle) => setTimeout(settle, wait(response.headers.get("Retry-After"))));
    return post(path, data);
  }
  return { ok: response.ok, told: response.ok ? "" : await response.text() };
}

function wait(seconds) {
  return 1000 * (+seconds || 1);
}
