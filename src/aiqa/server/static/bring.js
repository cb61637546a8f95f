// Documents from anywhere on the page: dropped, chosen, pasted as text, or those that come with aiqa.
class Bring {
  constructor(desk) {
    this.desk = desk;
    // Without the documents page nothing can be added.
    this.isAllowed = document.querySelector("#pages") !== null;
    if (!this.isAllowed) return;
    this.veil = desk.root.querySelector(".veil");
    this.chooser = desk.root.querySelector(".chooser");
    this.chooser.addEventListener("change", () => {
      this.files([...this.chooser.files]);
      this.chooser.value = "";
    });
    for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) document.addEventListener(kind, (event) => this.dragged(event));
    desk.log.addEventListener("click", (event) => this.pressed(event.target.closest("button")));
    desk.log.addEventListener("submit", (event) => this.submitted(event));
  }

  dragged(event) {
    // The documents page takes what is dropped on its own place.
    if (![...event.dataTransfer.types].includes("Files") || event.target.closest?.(".drop")) return;
    event.preventDefault();
    // It is left for no other element where it leaves the window.
    this.veil.hidden = event.type === "drop" || (event.type === "dragleave" && event.relatedTarget === null);
    if (event.type === "drop") droppedFiles(event.dataTransfer).then((files) => this.files(files));
  }

  // Goes to the documents page, which sends files and tells what becomes of each.
  files(files) {
    if (!files.length) return;
    document.querySelector("#documents-button").click();
    return aiqa.uploads.send(files);
  }

  text(title, text) {
    const name = (title.trim() || text.trim().split(/\s+/).slice(0, 6).join(" ")).replace(/[^\p{L}\p{N} -]+/gu, " ").trim();
    return this.files([new File([text], `${name.slice(0, 80) || t("Pasted text")}.txt`, { type: "text/plain" })]);
  }

  pressed(target) {
    if (!target) return;
    const form = this.desk.log.querySelector(".pasting");
    if (target.matches(".choose-files")) this.chooser.click();
    else if (target.matches(".paste-text")) {
      form.hidden = false;
      form.elements.title.focus();
    } else if (target.matches(".cancel-paste")) form.hidden = true;
    else if (target.matches(".bundled")) this.bundled(target);
  }

  submitted(event) {
    event.preventDefault();
    const { title, text } = event.target.elements;
    if (text.value.trim()) this.text(title.value, text.value);
  }

  async bundled(pressed) {
    const outcome = this.desk.log.querySelector(".outcome");
    pressed.disabled = true;
    outcome.textContent = t("The sample documents are being read, which takes about half a minute…");
    const told = await this.desk.server.bring_bundled({});
    outcome.textContent = told.error ?? told;
    pressed.disabled = false;
    if (!told.error) document.dispatchEvent(new CustomEvent("aiqa:documents"));
  }
}
