// How strict, how many sources, which look: kept in this browser.
const Settings = {
  start(dialog, given) {
    this.given = given;
    this.kept = Keep.read("settings", {});
    const least = dialog.querySelector("#least");
    const shown = dialog.querySelector("#shown");
    least.value = this.kept.least ?? given.least;
    shown.value = this.kept.sources ?? 3;
    const tell = () => {
      dialog.querySelector("output").textContent = `${Math.round(least.value * 100)}%`;
      dialog.querySelector(".consequence").textContent = this.consequence(+least.value);
    };
    least.addEventListener("input", () => {
      this.kept.least = +least.value;
      tell();
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
    dialog.addEventListener("close", () => Keep.write("settings", this.kept));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.look());
    tell();
    this.look();
  },

  // What was measured of this strictness: rows are in order, from the least strict on.
  consequence(least) {
    const rows = this.given.risks.filter((row) => row.least <= least + 1e-9);
    return rows.at(-1)?.told ?? "How many of the answers shown at this setting are right was not measured well enough to be promised. A higher confidence shows fewer answers and fewer wrong ones.";
  },

  look() {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const look = this.kept.look && this.kept.look !== "system" ? this.kept.look : system;
    document.body.classList.toggle("dark", look === "dark");
  },

  // What of it goes with a question.
  asked() {
    const { least, sources } = this.kept;
    return { sources: sources ?? 3, ...(least === undefined ? {} : { least }) };
  },
};
