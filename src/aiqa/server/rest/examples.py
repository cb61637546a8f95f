"""Answers as examples in the description of the REST interface."""

from __future__ import annotations

from typing import Any

DOCUMENT = "52ff494fed5a2edc81e67126d9b5a8fe30b95a3184074502961432a5c7e49bc8"
_PLACE: Any = {
    "document_id": DOCUMENT,
    "source": "corpus/society/senserobot-buyers-guide.md",
    "title": "SenseRobot: a guide for parents",
    "page": None,
    "section": "At a glance",
    "start": 354,
    "end": 368,
    "quote": "800 US dollars",
    "sentence_start": 341,
    "sentence_end": 368,
    "sentence": "Price: About 800 US dollars",
    "place": "table 1, row 6",
}
ANSWERED: Any = {
    "question": "What is the price of SenseRobot?",
    "text": "800 US dollars",
    "outcome": "answered",
    "abstained": False,
    "conflicts": False,
    "confidence": 0.75,
    "kind": "span",
    "citations": [_PLACE],
    "statements": [{"text": "800 US dollars", "confidence": 0.75, "citations": [_PLACE]}],
    "alternatives": [],
    "positions": [],
    "cause": None,
    "reason": None,
    "stated": 0.97,
    "interpreted": None,
    "timings_ms": {"retrieval": 21.3, "reading": 95.7, "total": 118.2},
    "unread": {"passages not read again": 3},
    "turn": {
        "question": "What is the price of SenseRobot?",
        "answer": "800 US dollars",
        "titles": ["SenseRobot: a guide for parents"],
    },
}
NOT_FOUND: Any = {
    "question": "Who keeps the lighthouse?",
    "text": None,
    "outcome": "not found",
    "abstained": True,
    "conflicts": False,
    "confidence": 0.03,
    "kind": "abstention",
    "citations": [],
    "statements": [],
    "alternatives": [],
    "positions": [],
    "cause": "not stated",
    "reason": "The documents don't seem to say.",
    "stated": 0.02,
    "interpreted": None,
    "timings_ms": {"total": 51.2},
    "unread": {},
}
