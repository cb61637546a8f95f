"""Questions that sentences of rules answer: conditions, periods, limits, reasons and duties."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiqa.drafting.wording import has_name, is_unclear, mid_sentence, of_reader
from aiqa.query_rewriting.noun_phrases import BE, MODAL, phrases, words
from aiqa.text.analysis import content_terms
from aiqa.types import Document

_MOST_CONDITION_WORDS = 12
_LEAST_CONDITION_WORDS = 3
_MOST_SUBJECT_WORDS = 7
_LEAST_TERMS = 4

_CONDITION = re.compile(r"(If|When) ([^,;:()]{10,90}), ((?:then )?.{10,})")
_WISH = re.compile(
    r"you(?:['’]d| would| do not| don['’]t)? "
    r"(?:like|want|wish|prefer|need|have (?:any )?questions)\b"
    r"|you(?:['’]re| are|['’]re not| are not| aren['’]t)(?: not)? (?:un)?(?:sure|certain)\b"
)
"""A condition that only says what somebody has in mind."""

_MODAL = "|".join(sorted(MODAL))
_UNIT = r"(?:business |working |calendar )?(?:minutes|hours|days|weeks|months|years)"
_NUMBER = r"(?:\d[\d,]*|two|three|four|five|six|seven|eight|ten|twelve|fifteen|thirty|sixty|ninety)"
_WITHIN = re.compile(
    rf"(?P<subject>[^,;:()]{{3,60}}?) (?P<modal>{_MODAL}) (?P<act>[^,;:()]{{3,60}}?) within "
    rf"(?:{_NUMBER}|\w+ \({_NUMBER}\)) (?P<unit>{_UNIT})"
    r"(?P<since>(?: (?:of|after|from|following) [^,;:().]{3,50})?)[.,;]"
)
_LIMIT = re.compile(
    rf"(?P<subject>[^,;:()]{{3,60}}?) (?P<modal>{_MODAL}) (?P<act>(?:not )?[a-z]+(?: [a-z]+)?) "
    r"(?:at least|at most|up to|no more than|more than|no fewer than|a (?:maximum|minimum) of) "
    rf"{_NUMBER} (?P<unit>[a-z]+s)(?P<rest>(?: [^,;:().]{{3,40}})?)[.,;]"
)
_ALLOWED = re.compile(
    r"(?P<subject>[^,;:()]{3,50}?) (?P<verb>is|are|may|can) (?:not )?"
    r"(?P<rest>(?:be )?(?:allowed|covered|permitted|required|accepted|reimbursed|refunded|"
    r"refundable|eligible|exchanged|transferred|forbidden|prohibited|mandatory)\b[^,;:()]{0,60})\."
)
_AGE = re.compile(
    rf"(?P<subject>[^,;:()]{{3,50}}?) must be (?:at least )?{_NUMBER} years old(?: or older)? "
    r"(?P<act>to [^,;:()]{5,60})\."
)
_LASTS = re.compile(
    r"(?:Each|Every|A|An) (?P<subject>[^,;:()]{3,40}?) (?:expires|is valid|lasts) "
    rf"(?:after|for|within) {_NUMBER} {_UNIT}"
)
_SUM = re.compile(
    r"(?P<subject>[^,;:()]{3,60}?) (?P<verb>is|are) (?:up to |about |only |at most )?[$€£] ?\d"
)
_REASON = re.compile(r"(?P<clause>[^,;:()]{10,90}),? because (?!of\b)")
_DUTY = re.compile(r"[^,;:()]{3,60} (?:is|are) responsible for (?P<duty>[^,;:()]{6,70})\.")
_MEANING = re.compile(
    r"(?:[\"“][^\"”]+[\"”],? (?:or|and) )?[\"“](?P<term>[^\"”]{3,40})[\"”] "
    r"(?:means|refers to|is defined as) (?!these |this )"
)
_PURPOSE = re.compile(r"The (?P<kind>purpose|aim|goal) of (?P<thing>[^,;:()]{5,60}?) is to ")


def rule_questions(text: str, document: Document) -> Iterator[str]:
    """Yield the questions that the sentence ``text`` answers as a rule, a limit or a reason."""
    for question in _all_questions(text, document):
        asked = question.removesuffix("?")
        if not is_unclear(asked.replace("that is", "")) and "  " not in asked:
            yield question


def _all_questions(text: str, document: Document) -> Iterator[str]:
    if condition := _CONDITION.match(text):
        yield from _what_happens(*condition.groups())
    if (found := _WITHIN.match(text)) and (who := _subject(found["subject"], document)):
        event = of_reader(found["since"]).strip().partition(" ")[2]
        after = f" after {event}" if event else ""
        yield f"How soon{after} {found['modal']} {who} {of_reader(found['act'])}?"
    if (found := _LIMIT.match(text)) and (who := _subject(found["subject"], document)):
        rest = of_reader(found["rest"])
        yield f"How many {found['unit']} {found['modal']} {who} {found['act']}{rest}?"
    yield from _amounts(text, document)
    if (found := _ALLOWED.match(text)) and (who := _subject(found["subject"], document)):
        asked = f"{found['verb'].title()} {who} {of_reader(found['rest'])}?"
        if has_name(who) or len(set(content_terms(asked))) >= _LEAST_TERMS:
            yield asked
    if found := _REASON.match(text):
        yield from _why(found["clause"], document)
    if (found := _DUTY.match(text)) and has_name(text[1:]):
        yield f"Who is responsible for {found['duty']}?"
    if found := _MEANING.match(text):
        yield f"What does “{found['term']}” mean?"
    if (found := _PURPOSE.match(text)) and (thing := _subject(found["thing"], document)):
        yield f"What is the {found['kind']} of {thing}?"


def _amounts(text: str, document: Document) -> Iterator[str]:
    """Yield "How old must I be to …?", "How long is a ticket valid?" or "How much is the fee?"."""
    if (found := _AGE.match(text)) and (who := _subject(found["subject"], document)):
        yield f"How old must {who} be {of_reader(found['act'])}?"
    if (found := _LASTS.match(text)) and _subject(f"the {found['subject']}", document):
        article = "an" if found["subject"][0] in "aeiou" else "a"
        yield f"How long is {article} {found['subject']} valid?"
    if (found := _SUM.match(text)) and (what := _subject(found["subject"], document)):
        yield f"How much {found['verb']} {what}?"


def _what_happens(begins: str, condition: str, consequence: str) -> Iterator[str]:
    """Yield "What happens if the lamp fails?", or "What should I do if I lose my key?"."""
    tokens = words(condition)
    has_verb = any(token.is_verb and token.tag != "VBG" for token in tokens[1:])
    says_whom = tokens[0].tag != "VBG" and tokens[0].lower not in ("applicable", "necessary")
    # "The changes" are clear only where they were spoken of.
    is_clear = tokens[0].lower != "the" or has_name(phrases(condition)[0].text)
    if not (has_verb and says_whom and is_clear):
        return
    if not _LEAST_CONDITION_WORDS < len(tokens) <= _MOST_CONDITION_WORDS:
        return
    first = words(consequence.removeprefix("then "))[0]
    if first.text == "I" or _WISH.match(condition):
        return
    # "A question arrives in the morning" says nothing of where.
    if not (tokens[0].lower == "you" or has_name(condition)):
        return
    asks_reader = first.lower in ("you", "please") or first.tag == "VB"
    when = f"{begins.lower()} {of_reader(condition)}"
    if asks_reader and tokens[0].lower == "you":
        yield f"What should I do {when}?"
    elif not asks_reader:
        yield f"What happens {when}?"


def _why(clause: str, document: Document) -> Iterator[str]:
    """Yield "Why has SenseRobot become affordable?" for "SenseRobot has become affordable"."""
    tokens = words(clause)
    auxiliaries = BE | MODAL | {"has", "have"}
    at = next((i for i, token in enumerate(tokens) if token.lower in auxiliaries), 0)
    if not 0 < at < len(tokens) - 1:
        return
    subject = _subject(clause[: tokens[at].start].strip(), document)
    if subject and has_name(subject):
        yield f"Why {tokens[at].lower} {subject} {clause[tokens[at].end :].strip()}?"


def _subject(text: str, document: Document) -> str:
    """Return a subject as it stands within a sentence; empty if it is not one that is clear."""
    if text.casefold() == "you":
        return "I"
    found = phrases(text)
    whole = f"{found[0].article or ''} {found[0].text}".strip() if found else ""
    if len(found) != 1 or whole.casefold() != text.casefold() or not found[0].says_something:
        return ""
    if len(found[0].words) > _MOST_SUBJECT_WORDS or is_unclear(text):
        return ""
    return mid_sentence(text, document)
