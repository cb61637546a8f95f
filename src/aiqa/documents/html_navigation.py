"""What a web page holds beside its content: menus, links to other pages, cookie banners."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiqa.documents.html_elements import element_words, is_hidden, names

if TYPE_CHECKING:
    from lxml.etree import _Element

_MENU_ROLES = frozenset(("navigation", "menu", "menubar", "search", "toolbar", "tablist"))
_MENU_NAMES = re.compile(
    r"(?<![a-z])(?:nav|navbar|navigation|menu|breadcrumbs?|pagination|pager|share|sharing|social|"
    r"toolbar|skip|related|sitemap|footer|sidebar|topbar|links)(?![a-z])"
)
_BANNER_NAMES = re.compile(r"(?<![a-z])(?:cookies?|gdpr|consent)(?![a-z])")
_MARGINS = frozenset(("header", "footer", "aside"))
_MARGIN_ROLES = frozenset(("banner", "contentinfo", "complementary"))
_CHECKED = (
    "nav", "header", "footer", "aside", "div", "section", "ul", "ol", "p", "table", "form",
    "dialog", "a", "span", "small", "search",
)  # fmt: skip
_RIGHTS = re.compile(r"©|\(c\)|copyright|all rights reserved", re.IGNORECASE)
_YEARS = re.compile(r"(?:1[89]|20)\d\d")

_FEWEST_LINKS = 3
_MOST_LINK_WORDS = 6
"""Words of a link in a menu, on average; the titles of a reading list are longer."""

_MENU_SHARE = 0.5
"""Of the words of what is named like a menu, or stands in a margin: those that are links."""

_LINKS_SHARE = 0.8
"""The same of what is not."""

_NAV_SHARE = 0.3
_MOST_BANNER_WORDS = 200
_MOST_RIGHTS_WORDS = 30
_MOST_FORM_WORDS = 20
_LEAST_LEFT = 0.1
"""Of a page's words: where less would be left, the page is all of links, and is kept."""


def remove_navigation(body: _Element) -> None:
    """Take out of ``body`` what leads to other pages rather than says something itself."""
    content = _content(body)
    found = _outermost(body, content)
    whole = len(element_words(body).split())
    lost = sum(len(element_words(element).split()) for element in found)
    if whole - lost <= _LEAST_LEFT * whole:
        return
    for element in found:
        element.drop_tree()


def _content(body: _Element) -> frozenset[_Element]:
    """Return all elements of the content: in its main part, or after the first main heading."""
    mains = [element for element in body.iter("main", "article", "div") if _is_main(element)]
    if mains:
        return frozenset(inner for main in mains for inner in main.iter("*"))
    heading = next(body.iter("h1"), None)
    if heading is None:
        return frozenset()
    elements = list(body.iter("*"))
    after = elements[elements.index(heading) :]
    margins = [element for element in elements if _is_margin(element)]
    return frozenset(after).difference(*(margin.iter("*") for margin in margins))


def _is_main(element: _Element) -> bool:
    return element.tag in ("main", "article") or element.get("role") == "main"


def _is_margin(element: _Element) -> bool:
    return element.tag in _MARGINS or bool(names(element) & _MARGIN_ROLES)


def _in_margin(element: _Element) -> bool:
    return any(map(_is_margin, (element, *element.iterancestors())))


def _outermost(body: _Element, content: frozenset[_Element]) -> list[_Element]:
    """Return the elements to take out, none of them within another."""
    found: list[_Element] = []
    stack = [body]
    while stack:
        element = stack.pop()
        if element is not body and element.tag in _CHECKED and _is_noise(element, content):
            found.append(element)
        else:
            stack.extend(child for child in element if isinstance(child.tag, str))
    return found


def _is_noise(element: _Element, content: frozenset[_Element]) -> bool:
    if element.tag == "a":
        return element_words(element).lower().startswith(("skip to ", "jump to "))
    if is_hidden(element) or _holds_content(element):
        return False
    words = element_words(element)
    count = len(words.split())
    return (
        (count <= _MOST_BANNER_WORDS and bool(_BANNER_NAMES.search(_named(element))))
        or (count <= _MOST_FORM_WORDS and _is_search(element))
        or (count <= _MOST_RIGHTS_WORDS and _is_rights(words) and _in_margin(element))
        or _is_menu(element, count, content)
    )


def _is_menu(element: _Element, words: int, content: frozenset[_Element]) -> bool:
    """Whether ``element`` is made of links, more of them the less it is called a menu."""
    lengths = [len(element_words(link).split()) for link in element.iter("a", "button")]
    links = sum(1 for length in lengths if length)
    linked = sum(lengths)
    if element.tag == "nav" or names(element) & _MENU_ROLES:
        return linked >= _NAV_SHARE * words or words <= _MOST_FORM_WORDS
    if links < _FEWEST_LINKS or linked > _MOST_LINK_WORDS * links:
        return False
    is_named = bool(_MENU_NAMES.search(_named(element)))
    if element in content and not is_named:
        return False
    return linked >= words * (_MENU_SHARE if is_named or _in_margin(element) else _LINKS_SHARE)


def _named(element: _Element) -> str:
    return f"{element.get('class', '')} {element.get('id', '')}".lower()


def _holds_content(element: _Element) -> bool:
    return any(True for _ in element.iter("h1", "main", "article"))


def _is_search(form: _Element) -> bool:
    """Whether ``form`` is there to search the site or to log in."""
    return form.tag == "search" or (
        form.tag == "form"
        and any(
            control.get("type", "").lower() in ("search", "password")
            for control in form.iter("input")
        )
    )


def _is_rights(words: str) -> bool:
    """Whether ``words`` only claim rights; with a telephone number, say, they tell more."""
    return bool(_RIGHTS.search(words)) and not re.search(r"\d|@", _YEARS.sub("", words))
