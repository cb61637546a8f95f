"""Text to terms: the stemmed words that lexical search matches and the reader compares."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tantivy

_QUESTION_WORDS = [
    "about", "am", "any", "been", "can", "could", "did", "do", "does", "doing", "from", "had",
    "has", "have", "how", "i", "its", "many", "may", "me", "much", "my", "s", "shall", "should",
    "so", "than", "them", "those", "we", "were", "what", "when", "where", "which", "who", "whom",
    "whose", "why", "would", "you", "your",
]  # fmt: skip
"""Words of questions that say nothing of their subject, beside tantivy's English stop words."""


def terms(text: str) -> list[str]:
    """Stems of the words of ``text`` that say something of its subject, in order."""
    return content_terms(text) or all_terms(text)


def content_terms(text: str) -> list[str]:
    """The same, but none where no word says anything of a subject."""
    return list(_content_analyzer().analyze(text))


def all_terms(text: str) -> list[str]:
    """Stems of all words of ``text``, in order."""
    return list(analyzer().analyze(text))


@cache
def analyzer() -> tantivy.TextAnalyzer:
    """Words to lower-case English stems without accents; all words are kept."""
    return _chain()


@cache
def _content_analyzer() -> tantivy.TextAnalyzer:
    from tantivy import Filter

    return _chain(Filter.stopword("english"), Filter.custom_stopword(_QUESTION_WORDS))


def _chain(*stop_words: tantivy.Filter) -> tantivy.TextAnalyzer:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (Filter.lowercase(), Filter.ascii_fold(), *stop_words, Filter.stemmer("english")):
        builder = builder.filter(step)
    return builder.build()


def folded(text: str) -> str:
    """Return ``text`` without case and line breaks: what is the same words wherever they stand."""
    return " ".join(text.casefold().split())
