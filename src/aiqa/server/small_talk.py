"""What is said to the product rather than asked of the documents: greetings, thanks, help."""

from __future__ import annotations

import re
from typing import Literal

Topic = Literal["greeting", "help", "documents", "thanks", "farewell"]
"""What the product answers itself."""

_YOU = r"(?:you|u|this|it|aiqa|this (?:app|bot|chat|page|tool|thing)|the bot)"
_THESE = r"(?:the|these|those|your|my|all|our)"
_HOLD = r"(?:documents?|docs?|files?|sources?|papers?|texts?)"
_HELLO = (
    r"(?:hi+|hello+|hey+|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|greetings|hallo"
    r"|bonjour|hola|servus|moin|guten (?:tag|morgen|abend))"
)
_THANKS = r"(?:thanks|thank you|thank u|thx|ty|cheers|merci|danke|gracias|much appreciated)"

_TOPICS: dict[Topic, tuple[str, ...]] = {
    "greeting": (
        rf"{_HELLO}(?: (?:there|all|everyone|aiqa|again|bot))?(?: how are {_YOU}(?: doing)?)?",
        rf"how are {_YOU}(?: doing)?(?: today)?",
        r"nice to meet you",
    ),
    "help": (
        r"(?:please )?help(?: me)?(?: please)?",
        (
            rf"(?:what|how) (?:can|could|do|does|is|are|should) {_YOU}"
            r"(?: (?:do|work|help|answer|offer|use|used|for|help me|help me with|do for me))*"
        ),
        rf"(?:what|who) (?:is|are) {_YOU}",
        rf"how (?:do|can|should) i use {_YOU}",
        r"what can i (?:ask|do|ask you|do here|ask here)",
        r"how does (?:this|it|aiqa|this (?:app|chat|page|tool)) work",
        r"(?:instructions|usage|menu|start|test|testing)",
        rf"are {_YOU} (?:an? )?(?:ai|human|robot|bot|person|chatgpt|real|llm)",
    ),
    "documents": (
        (
            rf"(?:what|which) {_HOLD} (?:do|can|did|have|are|is)(?: (?:you|i|we|there|here"
            r"|available|loaded|indexed|in here|have|got|know|know about|ask|ask about|read))*"
        ),
        rf"(?:list|show|show me)(?: me)?(?: all)?(?: {_THESE})*(?: of)?(?: {_THESE})? {_HOLD}",
        rf"what (?:is|are)(?: {_THESE})? {_HOLD}(?: (?:all|here))? about",
        r"what (?:is|are|s) (?:in )?(?:here|this|these|in here)(?: all)? ?(?:about)?",
        r"what (?:do|can) you know(?: about)?",
        r"what (?:topics|subjects)(?: (?:are|do|can|you|there|here|cover|covered|i|ask|about))*",
        rf"how many {_HOLD} (?:do|are|is)(?: (?:you|there|i|we|here|have|in here))*",
        r"(?:give me an |an )?overview",
        rf"(?:summari[sz]e|give me a summary of)(?: all)? {_THESE} {_HOLD}",
    ),
    "thanks": (
        (
            rf"(?:ok |okay |great |perfect |super |cool )?{_THANKS}(?: (?:a lot|so much|very much"
            r"|you|for your help|that helps?|that helped|aiqa|again))*"
        ),
        (
            r"(?:great|perfect|super|cool|nice|ok|okay|good|awesome|wonderful|excellent|got it)"
            r"(?: (?:job|work|answer|that helps?))?"
        ),
    ),
    "farewell": (r"(?:bye+|good ?bye|bye bye|see you(?: later)?|good night|ciao|tschüss|cu)",),
}
_PATTERNS = {
    topic: [re.compile(pattern) for pattern in patterns] for topic, patterns in _TOPICS.items()
}
_NOT_WORDS = re.compile(r"[^\w]+")


def small_talk(question: str) -> Topic | None:
    """Return what the product is asked by ``question``; None where the documents are asked.

    The whole of it has to be small talk: "help" is, "How do I get help?" is not.
    """
    contracted = re.sub(r"['’]s\b", " is", re.sub(r"['’]re\b", " are", question.casefold()))
    wording = " ".join(_NOT_WORDS.sub(" ", contracted).split())
    for topic, patterns in _PATTERNS.items():
        if any(pattern.fullmatch(wording) for pattern in patterns):
            return topic
    return None
