// How strict, how many sources, which look and language: kept in this browser.
const Settings = {
  start(dialog, given, server) {
    this.kept = Keep.read("settings", {});
    this.dialog = dialog;
    this.server = server;
    this.risks = [];
    const least = dialog.querySelector("#least");
    const shown = dialog.querySelector("#shown");
    least.value = this.kept.least ?? given.least;
    shown.value = this.kept.sources ?? 3;
    least.addEventListener("input", () => {
      this.kept.least = +least.value;
      this.tell();
    });
    shown.addEventListener("input", () => {
      if (shown.checkValidity() && shown.value) this.kept.sources = +shown.value;
    });
    const look = this.kept.look ?? "system";
    for (const radio of dialog.querySelectorAll("[name=look]")) {
      radio.checked = radio.value === look;
      radio.addEventListener("change", () => {
        this.kept.look = radio.value;
        this.look();
      });
    }
    const language = dialog.querySelector("#language");
    for (const [code, name] of Object.entries(Language.all)) language.add(new Option(name, code));
    for (const option of language.options) option.lang = option.value;
    language.value = Language.current;
    dialog.addEventListener("close", () => {
      const isOther = language.value !== Language.current;
      if (isOther) this.kept.language = language.value;
      Keep.write("settings", this.kept);
      // The address says what was open.
      if (isOther) location.reload();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.look());
    this.tell();
    this.look();
  },

  async open() {
    this.dialog.showModal();
    const { risks, html, error, user } = await this.server.promise({});
    const account = this.dialog.querySelector(".signed-in");
    account.hidden = !user;
    account.querySelector("p").textContent = t("You are signed in as {name}.", { name: user ?? "" });
    this.risks = risks ?? [];
    const promise = this.dialog.querySelector(".promise");
    if (error) promise.textContent = error;
    else promise.innerHTML = html;
    this.tell();
  },

  // What was measured of this strictness: rows are in order, from the least strict on.
  tell() {
    const least = +this.dialog.querySelector("#least").value;
    const rows = this.risks.filter((row) => row.least <= least + 1e-9);
    const unknown = t("How many of the answers shown at this setting are right was not measured well enough to be promised. A higher confidence shows fewer answers and fewer wrong ones.");
    this.dialog.querySelector("output").textContent = percent(least);
    this.dialog.querySelector(".consequence").textContent = rows.at(-1)?.told ?? unknown;
  },

  look() {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const look = this.kept.look && this.kept.look !== "system" ? this.kept.look : system;
    document.body.classList.toggle("dark", look === "dark");
  },

  // What of it goes with a question.
  asked() {
    const { least, sources } = this.kept;
    return { sources: sources ?? 3, language: Language.current, ...(least === undefined ? {} : { least }) };
  },
};
