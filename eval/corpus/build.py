"""Render the HTML, PDF and DOCX documents of corpus/ from the Markdown files beside this script.

Run `python eval/corpus/build.py`. The same sources always give the same bytes.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from pathlib import Path

import docx
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from reportlab.lib import colors
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table

HERE = Path(__file__).parent
CORPUS = HERE.parents[1] / "corpus"

_STYLES = getSampleStyleSheet()
_BODY = ParagraphStyle(
    "body", parent=_STYLES["BodyText"], fontSize=10.5, leading=14.5, spaceAfter=5
)
_ITEM = ParagraphStyle("item", parent=_BODY, leftIndent=14, bulletIndent=2)


@dataclass(frozen=True)
class Source:
    """A source file: its front matter, and its Markdown as text and as a tree."""

    name: str
    meta: dict[str, str]
    body: str

    @property
    def blocks(self) -> list[SyntaxTreeNode]:
        """The top-level blocks."""
        return SyntaxTreeNode(_parser().parse(self.body)).children

    @property
    def date(self) -> datetime:
        """The document's own date."""
        return datetime.fromisoformat(self.meta["date"]).replace(tzinfo=UTC)


def main() -> None:
    """Render every source into its folder of the corpus."""
    renderers = {"html": to_html, "pdf": to_pdf, "docx": to_docx}
    for path in sorted(HERE.glob("*.md")):
        source = read(path)
        suffix = source.meta["format"]
        target = CORPUS / source.meta["folder"] / f"{source.name}.{suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(renderers[suffix](source))
        print(target.relative_to(CORPUS.parent))


def read(path: Path) -> Source:
    """The source at ``path``; raises ValueError if it has no front matter."""
    match = re.fullmatch(r"---\n(.*?)\n---\n(.*)", path.read_text("utf-8"), re.DOTALL)
    if not match:
        raise ValueError(f"{path} has no front matter")
    pairs = (line.partition(": ") for line in match[1].splitlines())
    return Source(path.stem, {key: value.strip('"') for key, _, value in pairs}, match[2])


def to_html(source: Source) -> bytes:
    """A page as web sites serve it, with navigation and a footer around the article."""
    title, description = escape(source.meta["title"]), escape(source.meta["description"])
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="description" content="{description}">
<meta name="date" content="{source.meta["date"]}">
</head>
<body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/topics">Topics</a></li>
<li><a href="/about">About</a></li></ul></nav></header>
<main>
<article>
{_parser().render(source.body)}</article>
</main>
<footer><p>From the aiqa demonstration corpus.</p></footer>
</body>
</html>
""".encode()


def to_pdf(source: Source) -> bytes:
    """An A5 booklet with a running footer."""
    out = BytesIO()
    title = source.meta["title"]

    def footer(canvas: Canvas, layout: SimpleDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(18 * mm, 10 * mm, title)
        canvas.drawRightString(130 * mm, 10 * mm, f"Page {layout.page}")

    layout = SimpleDocTemplate(
        out, pagesize=A5, title=title, author="aiqa", subject=source.meta["description"],
        leftMargin=18 * mm, rightMargin=18 * mm, topMargin=16 * mm, bottomMargin=18 * mm,
        invariant=1,
    )  # fmt: skip
    story = [flowable for block in source.blocks for flowable in _flowables(block)]
    layout.build(story, onFirstPage=footer, onLaterPages=footer)
    return out.getvalue()


def _flowables(block: SyntaxTreeNode) -> list[Flowable]:
    match block.type:
        case "heading":
            return [Paragraph(_inline(block), _STYLES[f"Heading{block.tag[1]}"])]
        case "paragraph":
            return [Paragraph(_inline(block), _BODY)]
        case "bullet_list" | "ordered_list":
            ordered = block.type == "ordered_list"
            return [
                Paragraph(_inline(item), _ITEM, bulletText=f"{number}." if ordered else "•")
                for number, item in enumerate(block.children, 1)
            ]
        case "table":
            rows = [[Paragraph(cell, _BODY) for cell in row] for row in _rows(block)]
            style = [
                ("GRID", (0, 0), (-1, -1), 0.5, colors.grey),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
            return [Table(rows, style=style, spaceBefore=4, spaceAfter=8)]
    raise ValueError(f"no rendering for {block.type}")


def to_docx(source: Source) -> bytes:
    """A Word document in the default template's styles."""
    document = docx.Document()
    properties = document.core_properties
    properties.title = source.meta["title"]
    properties.author = properties.last_modified_by = "aiqa"
    properties.created = properties.modified = source.date
    for block in source.blocks:
        _add(document, block)
    out = BytesIO()
    document.save(out)
    return _without_clock(out.getvalue())


def _add(document: docx.document.Document, block: SyntaxTreeNode) -> None:
    match block.type:
        case "heading":
            document.add_heading(_plain(block), int(block.tag[1]))
        case "paragraph":
            document.add_paragraph(_plain(block))
        case "bullet_list" | "ordered_list":
            style = "List Number" if block.type == "ordered_list" else "List Bullet"
            for item in block.children:
                document.add_paragraph(_plain(item), style=style)
        case "table":
            rows = [[re.sub(r"<[^>]+>", "", cell) for cell in row] for row in _rows(block)]
            table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
            for cells, words in zip(table.rows, rows, strict=True):
                for cell, text in zip(cells.cells, words, strict=True):
                    cell.text = text
        case _:
            raise ValueError(f"no rendering for {block.type}")


def _without_clock(data: bytes) -> bytes:
    """The same archive with every member dated 1980, so that its bytes do not change."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def _rows(table: SyntaxTreeNode) -> list[list[str]]:
    return [
        [_inline(cell) for cell in row.children] for part in table.children for row in part.children
    ]


def _inline(node: SyntaxTreeNode) -> str:
    """Inline text with the few tags that reportlab's paragraphs know."""
    if node.type in ("text", "code_inline"):
        return escape(node.content, quote=False)
    if node.type in ("softbreak", "hardbreak"):
        return " "
    inner = "".join(_inline(child) for child in node.children)
    tag = {"strong": "b", "em": "i"}.get(node.type)
    return f"<{tag}>{inner}</{tag}>" if tag else inner


def _plain(node: SyntaxTreeNode) -> str:
    if node.type in ("text", "code_inline"):
        return node.content
    return " " if node.type == "softbreak" else "".join(_plain(child) for child in node.children)


if __name__ == "__main__":
    main()
