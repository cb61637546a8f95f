"""Subtitles (SubRip, WebVTT, SBV): what is said, each cue with the time at which it is."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import CanonicalText, Content, one_line

_TIMES = re.compile(
    r"^[ \t]*((?:\d+:)?\d{1,2}:\d{2})[.,]\d{1,3}(?:[ \t]*-->.*|,\d+:\d{2}:\d{2}\.\d{3}[ \t]*)$",
    re.MULTILINE,
)
_SPEAKER = re.compile(r"<v(?:\.[^ >]*)?[ \t]+([^>]+)>")
_MARKUP = re.compile(r"</?[^<>\n]*>|\{\\[^{}\n]*\}")


def load(data: bytes) -> Content:
    """Return a paragraph for each cue, labelled with the hour, minute and second it begins at."""
    text = CanonicalText()
    for time, words in _cues(decode(data)):
        if words:
            text.paragraph(words, label=time)
    return text.content(title=None)


def _cues(source: str) -> Iterator[tuple[str, str]]:
    """Yield the time and the words of each cue, what stands between cues left out."""
    times = list(_TIMES.finditer(source))
    for number, found in enumerate(times, 1):
        end = times[number].start() if number < len(times) else len(source)
        cue = source[found.end() : end].lstrip("\n") + "\n"
        # An empty line ends a cue; after it stand the number of the next, or a comment.
        words = cue.partition("\n\n")[0]
        spoken = _SPEAKER.sub(r"\1: ", words).replace("[br]", " ")
        yield found[1], one_line(html.unescape(_MARKUP.sub("", spoken)))
