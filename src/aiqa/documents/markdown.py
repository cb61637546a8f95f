"""Markdown (CommonMark and GitHub tables) as markdown-it-py reads it."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import CanonicalText, Content


def load(data: bytes) -> Content:
    """The text a reader of the rendered page sees, without markup and without raw HTML."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    text = CanonicalText()
    for node in SyntaxTreeNode(parser.parse(_without_front_matter(decode(data)))).children:
        _block(node, text)
    return text.content(title=None)


def _without_front_matter(source: str) -> str:
    if source.startswith("---\n"):
        _, end, rest = source[4:].partition("\n---\n")
        return rest if end else source
    return source


def _block(node: SyntaxTreeNode, text: CanonicalText) -> None:
    match node.type:
        case "heading":
            text.heading(int(node.tag[1]), _inline(node))
        case "paragraph":
            text.paragraph(_inline(node))
        case "bullet_list" | "ordered_list":
            _list(node, text)
        case "table":
            rows = [
                [_inline(cell) for cell in row.children]
                for part in node.children
                for row in part.children
            ]
            text.table(rows, header=True)
        case "fence" | "code_block":
            text.code(node.content)
        case "html_block" | "hr":
            pass
        case _:
            for child in node.children:
                _block(child, text)


def _list(node: SyntaxTreeNode, text: CanonicalText) -> None:
    """Add a list, nested lists included, as consecutive lines."""
    number = int(node.attrs.get("start", 1))
    for position, item in enumerate(node.children, number):
        marker = f"{position}." if node.type == "ordered_list" else "-"
        for child in item.children:
            if child.type == "paragraph":
                text.list_item(_inline(child), marker)
                marker = ""
            else:
                _block(child, text)


def _inline(node: SyntaxTreeNode) -> str:
    """Text of all inline parts: emphasis and links give their words, images their description."""
    if node.type in ("text", "code_inline"):
        return node.content
    if node.type in ("softbreak", "hardbreak"):
        return " "
    if node.type == "html_inline":
        return ""
    return "".join(_inline(child) for child in node.children)
