// The language of the page's own texts: what was chosen, else the first of the browser's languages
// that there is. Answers stay in the language of their documents.
const Language = {
  all: { en: "English", de: "Deutsch", fr: "Français", es: "Español", zh: "中文" },
  // Of English there are only the texts with several forms.
  texts: ENGLISH,

  // Resolves once the texts are there.
  ready() {
    this.loading ??= this.load();
    return this.loading;
  },

  async load() {
    const wanted = [Keep.read("settings", {}).language, ...navigator.languages];
    this.current = wanted.map((one) => `${one}`.slice(0, 2).toLowerCase()).find((one) => one in this.all) ?? "en";
    this.hold();
    // So that the server writes answers and their parts in the same language.
    document.cookie = `aiqa-language=${this.current}; path=/; max-age=31536000; SameSite=Strict`;
    if (this.current === "en") return;
    // Without them the page still works, in English.
    const answer = await fetch(`texts/${this.current}.json`).catch(() => null);
    if (answer?.ok) this.texts = await answer.json();
    this.follow();
  },

  // Keeps what Gradio draws, and draws again when it likes, in the language.
  follow() {
    const say = () => document.querySelectorAll("#masthead, [role=tablist]").forEach((part) => this.translate(part));
    new MutationObserver(say).observe(document.body, { childList: true, characterData: true, subtree: true });
    say();
  },

  // Says which language the page is in, also after Gradio has said that it is the browser's.
  hold() {
    const page = document.documentElement;
    const say = () => page.lang !== this.current && page.setAttribute("lang", this.current);
    new MutationObserver(say).observe(page, { attributeFilter: ["lang"] });
    say();
  },

  // Puts a part of the page that has no words of documents into the language.
  translate(part) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.data.trim();
      const translated = Object.hasOwn(this.texts, text) ? this.texts[text] : text;
      // Words that are the same in both languages are no change, which would be followed again.
      if (typeof translated === "string" && translated !== text) node.data = node.data.replace(text, () => translated);
    }
    for (const name of ["aria-label", "placeholder", "title"]) {
      for (const one of part.querySelectorAll(`[${name}]`)) one.setAttribute(name, t(one.getAttribute(name)));
    }
  },
};

// A text of the table in the page's language, with the values for its {names}; one with several
// forms of a noun is given in the form for the number "count".
function t(text, values = {}) {
  const found = Object.hasOwn(Language.texts, text) ? Language.texts[text] : text;
  const translated = typeof found === "string" ? found : found[new Intl.PluralRules(Language.current).select(values.count)] ?? found.other;
  const written = (value) => (typeof value === "number" ? value.toLocaleString(Language.current) : value);
  return translated.replace(/\{(\w+)\}/g, (all, name) => (name in values ? written(values[name]) : all));
}

// A share of 1 as whole per cent.
function percent(share) {
  return new Intl.NumberFormat(Language.current, { style: "percent" }).format(share);
}

// Runs what makes a part of the page work, once the part is in the page's language.
async function begin(part, start) {
  await Language.ready();
  Language.translate(part);
  start();
}
