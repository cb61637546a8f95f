"""What people call the formats of documents."""

from __future__ import annotations

from aiqa.server.interface_language import t

_NAMES = {
    "markdown": "Markdown",
    "text": "Text",
    "rst": "reStructuredText",
    "html": "Web page",
    "pdf": "PDF",
    "docx": "Word",
    "pptx": "PowerPoint",
    "xlsx": "Spreadsheet",
    "csv": "CSV",
    "json": "JSON",
    "epub": "E-book",
    "email": "E-mail",
    "xml": "XML",
    "notebook": "Notebook",
    "latex": "LaTeX",
    "asciidoc": "AsciiDoc",
    "org": "Org",
    "settings": "Configuration",
    "subtitles": "Subtitles",
    "code": "Source code",
    "calendar": "Calendar",
    "odt": "OpenDocument text",
    "odp": "OpenDocument slides",
    "rtf": "RTF",
    "doc": "Word (older)",
    "ppt": "PowerPoint (older)",
    "image": "Picture",
}


def format_name(name: str) -> str:
    """Return what people call the format ``name``."""
    return t(_NAMES.get(name, name))
