// Fills and filters the table of questions. Texts are only ever set as text, never as HTML.
"use strict";
const BATCH = 50;
const all = JSON.parse(document.getElementById("data").textContent);
const body = document.getElementById("rows");
const search = document.getElementById("search");
const verdict = document.getElementById("verdict");
const more = document.getElementById("more");
let chosen = all;
let drawn = 0;

for (const row of all) {
  row.text = JSON.stringify([row.id, row.question, row.gold, row.answer, row.tags, row.citations, row.verdict]).toLowerCase();
}
for (const name of [...new Set(all.map((row) => row.verdict))].sort()) {
  verdict.append(new Option(`${name} (${all.filter((row) => row.verdict === name).length})`, name));
}

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function line(row) {
  const percent = `${Math.round(100 * row.confidence)} %`;
  const question = element("td", "", element("div", "", row.question), element("div", "tags", [row.id, ...row.tags].join(" · ")));
  const gold = element("td", "");
  for (const wording of row.gold) gold.append(element("div", "", wording));
  if (!row.gold.length) gold.append(element("div", "withheld", "no gold wording"));
  const answer = element("td", "");
  if (!row.shown) answer.append(element("div", "withheld", row.answer ? `${row.outcome === "unsure" ? `Unsure, the right one ${row.candidate_right ? "" : "not "}among the candidates` : "Not shown"}, at ${percent}:` : "Nothing found"));
  for (const cited of row.citations) {
    answer.append(
      element("div", "", cited.before, element("mark", "", cited.quote), cited.after),
      element("div", "place", cited.place),
    );
  }
  const details = row.confidence === null ? [] : [`confidence ${percent}`];
  if (row.f1 !== null) details.push(`F1 ${row.f1.toFixed(2)}`);
  if (row.rank !== null) details.push(`evidence at rank ${row.rank}`);
  const judged = element(
    "td", "",
    element("span", row.wrong ? "verdict wrong" : "verdict", row.verdict),
    element("div", "detail", details.join(", ")),
  );
  return element("tr", "", question, gold, answer, judged);
}

function draw() {
  body.append(...chosen.slice(drawn, drawn + BATCH).map(line));
  drawn = Math.min(drawn + BATCH, chosen.length);
  more.hidden = drawn >= chosen.length;
}

function choose() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  chosen = all.filter((row) => (!verdict.value || row.verdict === verdict.value) && words.every((word) => row.text.includes(word)));
  document.getElementById("count").textContent = `${chosen.length} of ${all.length} questions`;
  body.replaceChildren();
  drawn = 0;
  draw();
}

search.addEventListener("input", choose);
verdict.addEventListener("change", choose);
more.addEventListener("click", draw);
for (const button of document.querySelectorAll("[data-verdict]")) {
  button.addEventListener("click", () => {
    verdict.value = button.dataset.verdict;
    choose();
    document.getElementById("questions-title").scrollIntoView();
  });
}
choose();
