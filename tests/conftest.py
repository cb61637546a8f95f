"""What tests share: the real embedder (loaded once), real files of every format, a real index."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import gettempdir

import docx
import hypothesis
import pytest
from reportlab.lib.pagesizes import A6
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder, open_embedder

# Machines can be slow, and in CI a verdict must not hang on which examples chance brought up.
hypothesis.settings.register_profile(
    "aiqa", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True
)
hypothesis.settings.load_profile("aiqa")

# The key of search structures is the tests' own.
os.environ["XDG_STATE_HOME"] = str(Path(gettempdir()) / f"aiqa-tests-{os.getuid()}")

# Haystack and LangSmith, which read these when they are imported, tell nobody of tests.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
os.environ["LANGSMITH_TRACING"] = "false"

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
GOLD = ROOT / "eval" / "gold.jsonl"

MARKDOWN = """\
# The lighthouse

The lighthouse on Gull Rock was lit in 1887. Its lamp burns *rapeseed oil*.

## Keepers

- Ada Moor kept it from 1887.
- Tom Reed followed her.

| Keeper | Years |
|--------|-------|
| Ada Moor | 23 |
| Tom Reed | 11 |

```
lamp = on
```
"""

HTML = """\
<!doctype html><html lang="en"><head><title>Harbour rules</title></head><body>
<nav><a href="/">Home</a> <a href="/news">News</a></nav>
<main><article><h1>Harbour rules</h1>
<p>Boats longer than twelve metres must report to the harbour master before they enter.
The office is open from six in the morning.</p>
<h2>Fees</h2>
<table><tr><th>Boat</th><th>Fee</th></tr><tr><td>Dinghy</td><td>4 crowns</td></tr></table>
<p>Fees are due on the day of arrival &amp; are not paid back.</p>
</article></main><footer>All rights reserved by the harbour office.</footer>
<script>alert("never text")</script></body></html>
"""

TEXT = """\
The tide tables for Gull Rock are printed every
winter by the harbour office. A copy costs one crown.

Spring tides follow the new and the full moon.
"""


def write_pdf(path: Path, pages: list[list[str]], **options: str) -> Path:
    """A PDF with these paragraphs on these pages; the first of a page is its heading."""
    styles = getSampleStyleSheet()
    story = []
    for heading, *paragraphs in pages:
        story.append(Paragraph(heading, styles["Heading1"]))
        story.extend(Paragraph(paragraph, styles["BodyText"]) for paragraph in paragraphs)
        story.append(PageBreak())
    SimpleDocTemplate(str(path), pagesize=A6, title="Boat log", **options).build(story)
    return path


def write_docx(path: Path) -> Path:
    """A Word file with headings, a list and a table."""
    document = docx.Document()
    document.core_properties.title = "Rescue plan"
    document.add_heading("Rescue plan", 1)
    document.add_paragraph("The lifeboat is crewed by nine volunteers.")
    document.add_heading("Signals", 2)
    document.add_paragraph("Two red flares call the crew.", style="List Bullet")
    document.add_paragraph("One green flare sends it home.", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for row, cells in zip(table.rows, (("Role", "Name"), ("Cox", "Jane Park")), strict=True):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words
    for cell in table.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True
    document.save(str(path))
    return path


@pytest.fixture(scope="session")
def harbour_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents of ``harbour``, written once, as old as files at rest are."""
    folder = tmp_path_factory.mktemp("harbour") / "docs"
    folder.mkdir()
    (folder / "lighthouse.md").write_text(MARKDOWN, "utf-8")
    (folder / "rules.html").write_text(HTML, "utf-8")
    (folder / "tides.txt").write_text(TEXT, "utf-8")
    write_pdf(
        folder / "log.pdf",
        [
            ["May", "The schooner Petrel came in with a broken mast and a cargo of salt."],
            ["June", "The Petrel sailed again after twenty days in the yard."],
        ],
    )
    write_docx(folder / "rescue.docx")
    age(*folder.iterdir())
    return folder


def age(*files: Path) -> None:
    """Give ``files`` a time of change long ago, as files at rest have."""
    for file in files:
        os.utime(file, ns=(10**18, 10**18))


@pytest.fixture
def harbour(tmp_path: Path, harbour_files: Path) -> Path:
    """A folder with one document of each format about one small harbour."""
    return shutil.copytree(harbour_files, tmp_path / "docs")


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The bundled embedder, loaded once."""
    return open_embedder()


Open = Callable[..., Assistant]


@pytest.fixture
def open_assistant(embedder: Embedder) -> Iterator[Open]:
    """Opens assistants that share the loaded embedder, and closes them."""
    opened = []

    def open_(folder: Path, **settings: object) -> Assistant:
        assistant = Assistant(folder, Settings.load(**settings), embedder=embedder)
        opened.append(assistant)
        return assistant

    yield open_
    for assistant in opened:
        assistant.close()


@pytest.fixture(scope="session")
def corpus_index(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """An index of the bundled corpus, built once, in a project folder of its own."""
    project = tmp_path_factory.mktemp("project")
    (project / "corpus").symlink_to(CORPUS)
    folder = project / "index"
    with Assistant(folder, Settings.load(), embedder=embedder) as assistant:
        assistant.ingest(project / "corpus")
    return folder


@pytest.fixture(scope="session")
def harbour_index(harbour_files: Path, embedder: Embedder) -> Path:
    """An index of ``harbour_files``, built once, for ``index`` to copy."""
    folder = harbour_files.parent / "index"
    with Assistant(folder, Settings.load(), embedder=embedder) as assistant:
        assistant.ingest(harbour_files)
    return folder


@pytest.fixture
def index(harbour: Path, harbour_index: Path) -> Path:
    """An index of ``harbour``, beside it."""
    return shutil.copytree(harbour_index, harbour.parent / "index")


@pytest.fixture
def assistant(index: Path, open_assistant: Open) -> Assistant:
    """An assistant over ``index``."""
    return open_assistant(index)
