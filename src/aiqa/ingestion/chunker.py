"""Documents to chunks: runs of whole sentences within one section, sized in tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from aiqa.ingestion.block_context import lead_in_ends, lead_ins, pieces
from aiqa.text.sentences import sentences
from aiqa.text.tokens import count_tokens
from aiqa.types import Chunk, Document, Heading, Span, heading_path

_WINDOW = 2000
"""Characters beyond which a sentence is cut before it is measured: tokenisers take quadratic time
over long runs without a blank."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """A piece of a document, such as a sentence, with its size by both tokenisers.

    ``leads`` says that it introduces the list or table after it.
    """

    span: Span
    tokens: int
    pieces: int
    leads: bool = False


class Chunker:
    """Cuts documents into chunks of about ``target`` cl100k_base tokens.

    A chunk is a run of whole sentences and rows of tables of one section; only one that is itself
    too long is cut, at the coarsest boundary inside it. No chunk ends between a list or table and
    what introduces it, and one that begins inside of a list has its introduction as ``lead``. Up
    to ``overlap`` tokens of whole sentences are repeated from the chunk before. With its context in
    front no chunk is longer than ``limit`` pieces, counted by ``count_pieces`` (the embedder's own
    tokeniser), so nothing of it is cut off when it is embedded.
    """

    def __init__(
        self, target: int, overlap: int, limit: int, count_pieces: Callable[[str], int]
    ) -> None:
        self._target = target
        self._overlap = overlap
        self._limit = limit
        self._count_pieces = count_pieces
        self._special = count_pieces("")

    def chunks(self, document: Document) -> list[Chunk]:
        """Return the chunks of ``document`` in order; each slices its text exactly."""
        leads = lead_ins(document)
        return [
            chunk
            for path, section in _sections(document)
            for chunk in self._section_chunks(document, path, section, leads)
        ]

    def embedded_text(self, chunk: Chunk) -> str:
        """Return what is embedded: the text of ``chunk`` under as much context as has room."""
        context = self._context(chunk.context)
        return f"{context}\n{chunk.text}" if context else chunk.text

    def _context(self, context: str) -> str:
        """Cut the end of ``context`` at a blank if it takes more than a third of the limit."""
        while context and self._count_pieces(context) > self._limit // 3:
            words = context.split(" ")
            context = " ".join(words[: len(words) * 3 // 4])
        return context

    def _section_chunks(
        self, document: Document, path: tuple[str, ...], section: Span, leads: Sequence[str]
    ) -> Iterator[Chunk]:
        context = self._context(heading_path((document.title, *path)))
        inside = {leads[number] for number in document.block_numbers(section)} - {""}
        longest = max(map(self._count_pieces, inside), default=0)
        own = self._count_pieces(context) if context else self._special
        # The context and its lead-in together take at most a third; see ``_context``.
        room = self._limit - min(own + longest, max(own, self._limit // 3))
        units = self._units(document, section, room)
        for run in self._runs(units, room):
            yield _chunk(document, path, Span(run[0].span.start, run[-1].span.end), leads)

    def _units(self, document: Document, section: Span, room: int) -> list[_Unit]:
        text = document.text
        most = min(self._target, room)
        lead_ins = lead_in_ends(document, section)
        units = []
        for span in (part for whole in pieces(document, section) for part in _windows(text, whole)):
            unit = self._unit(text, span)
            if not text[span.start : span.end].strip():
                continue
            if max(unit.tokens, unit.pieces) <= most:
                units.append(replace(unit, leads=span.end in lead_ins))
            else:
                units.extend(self._unit(text, piece) for piece in self._cut(text, span, most))
        return units

    def _unit(self, text: str, span: Span) -> _Unit:
        words = text[span.start : span.end]
        return _Unit(span, count_tokens(words), self._count_pieces(words) - self._special)

    def _cut(self, text: str, span: Span, most: int) -> Iterator[Span]:
        """Yield pieces of one overlong sentence, none larger than ``most``."""
        from semantic_text_splitter import TextSplitter

        def size(piece: str) -> int:
            return max(count_tokens(piece), self._count_pieces(piece) - self._special)

        splitter = TextSplitter.from_callback(size, most)
        for offset, piece in splitter.chunk_indices(text[span.start : span.end]):
            yield Span(span.start + offset, span.start + offset + len(piece))

    def _runs(self, units: list[_Unit], room: int) -> Iterator[list[_Unit]]:
        """Group units so that the chunks of a section are about equally long."""
        total = sum(unit.tokens for unit in units)
        aim = total / max(1, -(-total // self._target))
        run: list[_Unit] = []
        for unit in units:
            tokens = sum(u.tokens for u in run)
            full = run and (
                # Past the aim once more than half of the next sentence would stick out.
                tokens + unit.tokens / 2 > aim
                or tokens + unit.tokens > self._target
                or sum(u.pieces for u in run) + unit.pieces > room
            )
            is_led = run and run[-1].leads and run[-1].pieces + unit.pieces <= room
            if full and is_led and len(run) > 1:
                yield run[:-1]
                run = [run[-1]]
            elif full and not is_led:
                yield run
                run = self._carried(run, unit, room)
            run.append(unit)
        if run:
            yield run

    def _carried(self, run: list[_Unit], following: _Unit, room: int) -> list[_Unit]:
        """Return the last sentences of ``run`` that the next chunk repeats."""
        carried: list[_Unit] = []
        tokens, pieces = 0, following.pieces
        for unit in reversed(run[1:]):
            tokens, pieces = tokens + unit.tokens, pieces + unit.pieces
            if tokens > self._overlap or tokens + following.tokens > self._target or pieces > room:
                break
            carried.insert(0, unit)
        return carried


def _windows(text: str, span: Span) -> Iterator[Span]:
    """Cut ``span`` into parts of at most ``_WINDOW`` characters, at a blank where there is one."""
    start = span.start
    while span.end - start > _WINDOW:
        blank = text.rfind(" ", start + 1, start + _WINDOW)
        end = blank if blank > 0 else start + _WINDOW
        yield Span(start, end)
        start = end + 1 if blank > 0 else end
    yield Span(start, span.end)


def whole_chunk(document: Document, within: Span | None = None) -> Chunk:
    """Return ``document``, or what stands ``within`` it, as one chunk of any size."""
    span = within or Span(0, len(document.text))
    return _chunk(document, _path(document, span.start), span, lead_ins(document))


def _chunk(document: Document, path: tuple[str, ...], span: Span, leads: Sequence[str]) -> Chunk:
    number = document.block_number(span.start)
    return Chunk(
        document_id=document.id,
        source=document.source,
        title=document.title,
        format=document.format,
        section=path,
        page=document.page_at(span.start),
        start=span.start,
        end=span.end,
        text=document.text[span.start : span.end],
        sentences=tuple(sentences(document.text, span.start, span.end)),
        lead="" if number is None else leads[number],
    )


def _sections(document: Document) -> Iterator[tuple[tuple[str, ...], Span]]:
    """Yield the heading path and body of each section; the title is not repeated in the path.

    A heading that nothing stands under is its own body: it may be all that a slide says.
    """
    first = document.headings[0].start if document.headings else len(document.text)
    yield (), Span(0, first)
    for number, heading in enumerate(document.headings):
        following = document.headings[number + 1] if number + 1 < len(document.headings) else None
        body = Span(
            heading.start + len(heading.title), following.start if following else len(document.text)
        )
        path = _path(document, heading.start)
        if not document.text[body.start : body.end].strip() and not _has_parts(heading, following):
            body = Span(heading.start, body.end)
        yield path, body


def _path(document: Document, offset: int) -> tuple[str, ...]:
    """Return the headings above ``offset``, but the one that repeats the document's title."""
    path = document.section_at(offset)
    return path[1:] if path and path[0] == document.title else path


def _has_parts(heading: Heading, following: Heading | None) -> bool:
    return following is not None and following.level > heading.level
