// Conversations that this browser keeps, a row for each turn: two tabs never overwrite each other.
class BrowserHistory {
  database() {
    this.opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open("aiqa", 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("conversations", { keyPath: "id" });
        request.result.createObjectStore("turns", { keyPath: ["conversation", "at", "id"] });
      };
      request.onsuccess = () => {
        request.result.onversionchange = () => request.result.close();
        resolve(request.result);
      };
      request.onerror = () => reject(request.error);
    }).then(async (database) => {
      await this.moveOld(database);
      return database;
    });
    return this.opened;
  }

  // The newest first; those with all words of the text.
  async list(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const all = await this.read("conversations", (store) => store.getAll());
    all.sort((one, other) => other.changed - one.changed);
    if (!words.length) return all;
    const said = new Map(all.map(({ id, name }) => [id, name.toLowerCase()]));
    for (const turn of await this.read("turns", (store) => store.getAll())) {
      said.set(turn.conversation, `${said.get(turn.conversation)}\n${turn.words}`);
    }
    return all.filter(({ id }) => words.every((word) => said.get(id).includes(word)));
  }

  // At most so many turns from the start on; the last ones if it is null.
  async turns(id, start, most) {
    const keys = await this.read("turns", (store) => store.getAllKeys(turnsOf(id)));
    const first = start ?? Math.max(keys.length - most, 0);
    const chosen = keys.slice(first, first + most);
    if (!chosen.length) return { records: [], start: first, count: keys.length };
    const range = IDBKeyRange.bound(chosen[0], chosen.at(-1));
    const rows = await this.read("turns", (store) => store.getAll(range));
    return { records: rows.map((row) => row.record), start: first, count: keys.length };
  }

  async add(id, record) {
    const words = `${record.question}\n${record.answer.text ?? ""}`.toLowerCase();
    await this.write((conversations, turns) => {
      conversations.get(id).onsuccess = ({ target }) => {
        const name = record.question.slice(0, 80);
        conversations.put({ name, ...target.result, id, changed: Date.now() });
      };
      turns.openCursor(turnsOf(id), "prev").onsuccess = ({ target }) => {
        const at = Math.max(Date.now(), (target.result?.value.at ?? 0) + 1);
        turns.put({ conversation: id, at, id: record.id, words, record });
      };
    });
  }

  async rename(id, name) {
    await this.write((conversations) => {
      conversations.get(id).onsuccess = ({ target }) => target.result && conversations.put({ ...target.result, name });
    });
  }

  // Deletes all without an id.
  async delete(id) {
    await this.write((conversations, turns) => {
      if (id) conversations.delete(id);
      else conversations.clear();
      if (id) turns.delete(turnsOf(id));
      else turns.clear();
    });
  }

  // Takes over what earlier versions kept, each conversation under a name of its own.
  async moveOld(database) {
    const old = Keep.read("conversations", []);
    if (!old.length) return;
    const transaction = database.transaction(["conversations", "turns"], "readwrite");
    old.forEach(({ id, name }, place) => {
      transaction.objectStore("conversations").put({ id, name: `${name}`, changed: old.length - place });
      Keep.read(`turns.${id}`, []).forEach((record, at) => {
        const words = `${record.question}\n${record.answer?.text ?? ""}`.toLowerCase();
        transaction.objectStore("turns").put({ conversation: id, at, id: `${record.id}`, words, record });
      });
    });
    await ended(transaction);
    for (const { id } of old) Keep.remove(`turns.${id}`);
    Keep.remove("conversations");
  }

  async read(name, ask) {
    const database = await this.database();
    const request = ask(database.transaction(name).objectStore(name));
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  async write(change) {
    const transaction = (await this.database()).transaction(["conversations", "turns"], "readwrite");
    change(transaction.objectStore("conversations"), transaction.objectStore("turns"));
    await ended(transaction);
  }
}

// The keys of a conversation's turns, in order.
function turnsOf(id) {
  return IDBKeyRange.bound([id], [id, []]);
}

function ended(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
}
