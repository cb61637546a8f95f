// A blank question is not sent: the page takes one at a time, and it would hold up the next.
for (const kind of ["keydown", "keypress", "click"]) {
  addEventListener(kind, (event) => {
    const box = event.target.closest?.("#question");
    const sends = kind === "click" ? event.target.closest("button") : event.key === "Enter";
    if (!box || !sends || box.querySelector("textarea").value.trim()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
}

// A click on a source's chip shows the passages of that answer and goes to the one meant.
document.addEventListener("click", (event) => {
  const chip = event.target.closest("a.chip");
  if (!chip) return;
  event.preventDefault();
  const card = document.getElementById(chip.getAttribute("href").slice(1));
  if (!card) return;
  for (const group of document.querySelectorAll(".sources-of")) {
    group.classList.toggle("shown", group.contains(card));
  }
  for (const other of document.querySelectorAll(".card.chosen")) other.classList.remove("chosen");
  card.classList.add("chosen");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  card.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  card.focus({ preventScroll: true });
});

// A new answer is brought into view once it is drawn.
document.addEventListener("DOMContentLoaded", () => {
  document.documentElement.lang = "en";
  let turns = 0;
  new MutationObserver(() => {
    const drawn = document.querySelectorAll("#conversation .turn");
    if (drawn.length > turns) drawn[drawn.length - 1].scrollIntoView({ block: "nearest" });
    turns = drawn.length;
  }).observe(document.body, { childList: true, subtree: true });
});
