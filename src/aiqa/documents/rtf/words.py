"""The control words of Rich Text that matter, by what they do."""

from __future__ import annotations

CHARACTERS = {
    "emdash": "\u2014", "endash": "\u2013", "lquote": "\u2018", "rquote": "\u2019",
    "ldblquote": "\u201c", "rdblquote": "\u201d", "bullet": "\u2022", "tab": " ", "line": " ",
    "emspace": " ", "enspace": " ", "qmspace": " ", "softline": " ", "lbr": " ", "nestcell": " ",
    "nestrow": " ",
}  # fmt: skip
SYMBOLS = {"~": "\u00a0", "_": "-", "\\": "\\", "{": "{", "}": "}", "\t": " "}
ENDS = frozenset(("par", "page", "sect", "\n", "\r"))

PLACES = {
    "footnote": "note", "annotation": "comment", "shptxt": "box", "header": "page header",
    "headerl": "page header", "headerr": "page header", "headerf": "page header",
    "footer": "page footer", "footerl": "page footer", "footerr": "page footer",
    "footerf": "page footer", "listtext": "marker", "pntext": "marker", "title": "title",
    "atnauthor": "author", "fonttbl": "fonts", "stylesheet": "styles",
}  # fmt: skip
"""What is collected apart from the text, by the word that begins its group."""

ENTERED = frozenset(("shpinst", "shptxt", "annotation", "atnauthor", "ud", "shpgrp", "do",
                      "dptxbxtext"))  # fmt: skip
"""Groups that are read although they are marked as to be skipped where they are not known."""

SKIPPED = frozenset((
    "colortbl", "info", "pict", "objdata", "objclass", "objname", "fldinst", "listtable",
    "listoverridetable", "rsidtbl", "generator", "themedata", "nonshppict", "nonesttables",
    "shprslt", "sp",
    "revtbl", "filetbl", "upr", "xe", "tc", "private", "userprops", "ftnsep", "ftnsepc", "aftnsep",
    "aftnsepc", "datafield", "author", "operator", "subject", "keywords", "comment", "doccomm",
    "company", "manager", "category", "hlinkbase", "creatim", "revtim", "printim", "buptim",
))  # fmt: skip


FLAGS = {"v": "is_hidden", "htmlrtf": "is_dropped", "deleted": "is_dropped"}
FIELDS = {"f": "font", "uc": "after_unicode"}
FORMS = {"s": "style", "outlinelevel": "outline", "ilvl": "list_level"}
"""Words that set a field of the state of a group, or of the form of a paragraph."""
