"""Questions of which no word is known: typed by accident, or not in a language."""

from __future__ import annotations

import re

from aiqa.assistant import Assistant
from aiqa.text.analysis import content_terms

_WORD = re.compile(r"[^\W\d_]{2,}")

_MOST_WORDS = 6


def is_gibberish(question: str, assistant: Assistant) -> bool:
    """Tell whether neither the documents nor the embedder's vocabulary have a word of a question.

    The vocabulary of a language model holds the words of its languages whole, and what is no word
    in pieces. Numbers are no words, so "2017?" is not gibberish.
    """
    words = _WORD.findall(question)[:_MOST_WORDS]
    return bool(words) and not any(
        _is_word(word, assistant) or _stands_in(word, assistant) for word in words
    )


def _is_word(word: str, assistant: Assistant) -> bool:
    pieces = assistant.embedder.count_tokens(word) - assistant.embedder.count_tokens("")
    return pieces == 1 or not word.isascii()


def _stands_in(word: str, assistant: Assistant) -> bool:
    sought = set(content_terms(word))
    hits = assistant.passages(word, k=3) if sought else []
    return any(sought & set(content_terms(hit.chunk.text)) for hit in hits)
