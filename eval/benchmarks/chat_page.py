"""What a visitor of the chat waits for, and what the page costs.

``python -m eval.benchmarks.chat_page [--index DIR] [--questions 60] [--gold FILE]``

Starts ``aiqa chat`` over an index of the documents of FILE, opens it in Debian's Chromium, and asks
questions of FILE in random order, as one conversation. Prints what the first visit loads and when
the page can be used; how long after Enter the first passages and the answer are drawn; how far the
layout shifts (Cumulative Layout Shift, of the worst five seconds); how many questions were
rewritten, though all of them are complete; the memory of the server and of the page's scripts
before the first question, and every so often; and what the page logs as errors. Example questions
are tried in the meantime unless the index has them already.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from eval.benchmarks.startup import free_port
from playwright.sync_api import Page, sync_playwright

GOLD = Path(__file__).parents[1] / "gold.jsonl"
SEED = 7
_LOOKED_AT_MS = 300
_TIMES_TOLD = 5
"""How often memory is told of."""

_SHIFTS = """
window.moved = 0;
let [first, last, sum] = [-Infinity, -Infinity, 0];
new PerformanceObserver((list) => {
  for (const { hadRecentInput, startTime, value } of list.getEntries()) {
    if (hadRecentInput) continue;
    if (startTime - last > 1000 || startTime - first > 5000) [first, sum] = [startTime, 0];
    [last, sum] = [startTime, sum + value];
    window.moved = Math.max(window.moved, sum);
  }
}).observe({ type: "layout-shift", buffered: true });
const usable = () => globalThis.aiqa?.desk && document.querySelector("#question");
const watch = () => {
  if (usable()) window.usable = performance.now();
  else requestAnimationFrame(watch);
};
watch();
"""

_WATCH = """
(question) => {
  const box = document.querySelector("#question");
  const log = document.querySelector(".log");
  const before = log.querySelector(".turn:last-of-type");
  box.value = question;
  box.focus();
  window.answered = new Promise((resolve) => {
    let start = 0;
    let passages = null;
    const look = () => {
      const turn = log.querySelector(".turn:last-of-type");
      if (!turn || turn === before) return;
      if (passages === null && turn.querySelector(".found")) passages = performance.now() - start;
      if (!turn.querySelector(".reply:not(.waiting)")) return;
      observer.disconnect();
      const answer = performance.now() - start;
      const rewritten = turn.querySelector(".interpreted q")?.textContent ?? null;
      resolve({ passages: passages ?? answer, answer, rewritten });
    };
    const observer = new MutationObserver(look);
    observer.observe(log, { childList: true, subtree: true });
    box.addEventListener("keydown", () => { start = performance.now(); }, { once: true });
  });
}
"""
"""Begins to watch for the answer to a question that is typed already."""


def ask(page: Page, question: str) -> Any:
    """Ask as a person does, who then looks at the answer for a moment."""
    page.evaluate(_WATCH, question)
    page.keyboard.press("Enter")
    result = page.evaluate("window.answered")
    page.wait_for_timeout(_LOOKED_AT_MS)
    return result


@contextmanager
def chat(index: str) -> Iterator[tuple[str, int]]:
    """Serve the chat; give its address and the number of its process."""
    command = [sys.executable, "-m", "aiqa", "chat", "--index", index, "--port", free_port()]
    command += ["--per-minute", "100000"]
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdout=pipe, stderr=null, text=True) as process:  # noqa: S603
        try:
            told = (
                re.search(r"The chat is at (http://\S+);", line) for line in process.stdout or ()
            )
            yield next(match[1] for match in told if match), process.pid
        finally:
            process.send_signal(signal.SIGINT)


def resident_mib(pid: int) -> int:
    """Return the memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) // 1024 if found else 0


def scripts_mib(page: Page) -> float:
    """Return the memory of the page's scripts after it was cleared."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    return used / 1e6


def first_visit(page: Page, address: str) -> None:
    """Open the page and print what that takes."""
    page.goto(address)
    page.wait_for_function("window.usable")
    page.wait_for_load_state("networkidle")
    loaded = page.evaluate(
        "['resource', 'navigation'].flatMap(kind => performance.getEntriesByType(kind))"
        ".map(({ transferSize }) => transferSize)"
    )
    print(f"first visit: {len(loaded)} requests, {sum(loaded) / 1000:.0f} kB")
    print(f"usable after: {page.evaluate('window.usable'):.0f} ms")


def told(name: str, times: Sequence[float]) -> None:
    """Print the median and the 95th percentile of milliseconds."""
    late = quantiles(times, n=20)[-1]
    print(f"{name}: median {median(times):.0f} ms, 95th percentile {late:.0f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", default="index")
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--gold", type=Path, default=GOLD)
    options = parser.parse_args()
    lines = options.gold.read_text("utf-8").splitlines()
    questions = [row["question"] for row in map(json.loads, lines) if not row.get("history")]
    random.Random(SEED).shuffle(questions)  # noqa: S311
    asked = [questions[at % len(questions)] for at in range(options.questions)]
    errors: list[str] = []
    with chat(options.index) as (address, pid), sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.add_init_script(_SHIFTS)
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        first_visit(page, address)
        print(f"memory: server {resident_mib(pid)} MiB, scripts {scripts_mib(page):.1f} MB")
        results = []
        for number, question in enumerate(asked, 1):
            results.append(ask(page, question))
            if number % max(len(asked) // _TIMES_TOLD, 1) == 0:
                memory = f"server {resident_mib(pid)} MiB, scripts {scripts_mib(page):.1f} MB"
                print(f"memory after {number} questions: {memory}")
        told("first passages", [result["passages"] for result in results])
        told("answer", [result["answer"] for result in results])
        print(f"layout shift: {page.evaluate('window.moved'):.4f}")
        rewritten = [result["rewritten"] for result in results if result["rewritten"]]
        print(
            f"complete questions that were rewritten: {len(rewritten)} of {len(asked)}", *rewritten
        )
        print(f"errors: {len(errors)}", *errors, sep="\n")
        browser.close()


if __name__ == "__main__":
    main()
