from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from aiqa.types import Citation, Document, Heading
from aiqa.web.render import passage


class Reader(HTMLParser):
    """Collects the page's text, and apart from it that of its <mark>."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.marked = ""
        self.whole = ""
        self._stack: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self._stack.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._stack.pop()

    def handle_data(self, data: str) -> None:
        if "span" not in self._stack:
            self.whole += data
        if "mark" in self._stack:
            self.marked += data


@given(
    before=st.text(max_size=900),
    quote=st.text(min_size=1, max_size=200),
    after=st.text(max_size=900),
    cut=st.integers(0, 900),
)
def test_the_marked_text_is_the_quote_and_the_rest_is_the_document(
    before: str, quote: str, after: str, cut: int
) -> None:
    text = before + quote + after
    headings = (Heading(1, before[cut : cut + 6], cut),) if before[cut : cut + 6].strip() else ()
    document = Document("id", "a.txt", "text", "T", text, headings=headings)
    start, end = len(before), len(before) + len(quote)
    citation = Citation("id", "a.txt", "T", None, "", start, end, quote, start, end, quote)
    reader = Reader()
    reader.feed(passage(document, citation))
    reader.close()
    assert reader.marked == quote
    assert reader.whole in text
    assert reader.tags <= {"mark", "b", "span"}
