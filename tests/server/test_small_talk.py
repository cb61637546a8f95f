"""What is said to the product, and what is not."""

from __future__ import annotations

import pytest

from aiqa import Assistant
from aiqa.server.small_talk import small_talk
from aiqa.server.unknown_words import is_gibberish


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("Hello there!", "greeting"),
        ("good morning", "greeting"),
        ("help", "help"),
        ("What can you do?", "help"),
        ("who are you", "help"),
        ("What's in here?", "documents"),
        ("which documents do you have?", "documents"),
        ("What are these documents about?", "documents"),
        ("Thank you very much!", "thanks"),
        ("ok", "thanks"),
        ("Bye", "farewell"),
        ("How do I get help?", None),
        ("What is the policy about?", None),
        ("Which documents are required?", None),
        ("What documents do I need to travel?", None),
        ("Who says hello?", None),
        ("What is it about?", None),
        ("Good Friday", None),
    ],
)
def test_only_what_is_said_to_the_product_is_small_talk(said: str, topic: str | None) -> None:
    assert small_talk(said) == topic


@pytest.mark.parametrize("question", ["asdf qwer", "xyzzy?"])
def test_a_question_without_any_word_is_gibberish(question: str, assistant: Assistant) -> None:
    assert is_gibberish(question, assistant)


@pytest.mark.parametrize(
    "question", ["Who kept the lighthouse?", "Petrel", "lighthous keeper", "1887", "谁是负责人"]
)
def test_a_question_with_a_word_of_language_or_documents_is_none(
    question: str, assistant: Assistant
) -> None:
    assert not is_gibberish(question, assistant)
