// The part of the page's address after "#", which browsers send to nobody: which conversation or
// shared answer is open, what is asked, and which place of a document is shown beside it.
const Address = {
  read() {
    const parts = new URLSearchParams(location.hash.slice(1));
    const [id, ...numbers] = (parts.get("place") ?? "").split(".");
    const [start, end, from, to] = numbers.map(Number);
    const place = /^[0-9a-f]{64}$/.test(id) && numbers.every((number) => number >= 0) && end >= start
      ? { document: id, start, end, ...(to === undefined ? {} : { sentence_start: from, sentence_end: to }) }
      : null;
    for (const name of place ? ["page", "at"] : []) if (/^\d+$/.test(parts.get(name) ?? "")) place[name] = +parts.get(name);
    return {
      conversation: /^[A-Za-z0-9-]{1,40}$/.exec(parts.get("conversation") ?? "")?.[0] ?? null,
      answer: parts.get("answer"),
      scope: {
        ...Object.fromEntries(["sources", "folders", "collections", "formats"].map((kind) => [kind, parts.getAll(kind)])),
        ...Object.fromEntries(["since", "until"].map((day) => [day, /^\d{4}-\d\d-\d\d$/.exec(parts.get(day) ?? "")?.[0]])),
      },
      place,
      view: parts.get("view") === "text" ? "text" : "page",
    };
  },

  // Makes it the page's address, as a new step of the browser's history or in place of the last.
  write({ conversation, answer, scope, place, view }, step) {
    const parts = new URLSearchParams();
    if (conversation) parts.set("conversation", conversation);
    if (answer) parts.set("answer", answer);
    for (const [kind, chosen] of Object.entries(scope)) for (const one of [chosen].flat()) parts.append(kind, one);
    if (place) {
      const { document: id, start, end, sentence_start: from, sentence_end: to } = place;
      parts.set("place", [id, start, end, from, to].filter((part) => part !== undefined).join("."));
      for (const name of ["page", "at"]) if (place[name] !== undefined) parts.set(name, place[name]);
      if (view === "text") parts.set("view", view);
    }
    const hash = `${parts}` && `#${parts}`;
    if (hash === location.hash) return;
    history[step ? "pushState" : "replaceState"](null, "", `${location.pathname}${location.search}${hash}`);
  },
};
