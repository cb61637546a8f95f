"""Follow-up questions: what is made of them, and what is left alone."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiqa import ChatTurn
from aiqa.embedders import Embedder
from aiqa.query_rewriting import QueryRewriter
from tests.conftest import Open

ROBOT = ChatTurn(
    "How much does SenseRobot cost?", "about 800 US dollars", ("SenseRobot: a guide for parents",)
)
PROFILE = ChatTurn("Who is the chief executive of DeepSeek?", "Liang Wenfeng")
BAN = ChatTurn("What did South Korea do about DeepSeek?", "Downloads of DeepSeek are banned.")
PRICE = ChatTurn("What is the price of SenseRobot?", "about 800 US dollars")
OWNED = ChatTurn("What is SenseRobot's price?", "about 800 US dollars")
RULES = ChatTurn("What are the rules of chess?")
BATTLE = ChatTurn("When was the Battle of Hastings?", "1066")
PUMP = ChatTurn("When was the water pump ordered?", "in May")
SICK = ChatTurn("From which day do employees need a doctor's note?", "the third")
FERRY = ChatTurn("How often does the ferry sail in winter?", "twice a day")
CRITICAL = ChatTurn("How quickly are critical incidents answered?", "within an hour")
REPORT = ChatTurn("How are incidents reported?", "by telephone")
HOME = ChatTurn("On how many days is working from home possible?", "two")
LEAVE = ChatTurn("Can customers terminate the agreement?", "yes")
FAIR = ChatTurn("When does the summer fair take place?", "in July")
NOTE = ChatTurn("How much does the new water pump cost?", "900 crowns")
BANNED = ChatTurn("Which country banned downloads of DeepSeek?", "South Korea")
FUND = ChatTurn("How large is the national AI investment fund?", "60 billion yuan")


@pytest.fixture(scope="module")
def interpreter(embedder: Embedder) -> QueryRewriter:
    return QueryRewriter(embedder)


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        (ROBOT, "Who makes it?", "Who makes SenseRobot?"),
        (ROBOT, "and what are its games?", "what are SenseRobot's games?"),
        (ROBOT, "Why is it so cheap?", "Why is SenseRobot so cheap?"),
        (PROFILE, "What did he study?", "What did Liang Wenfeng study?"),
        (PROFILE, "Where was his school?", "Where was Liang Wenfeng's school?"),
        (BAN, "and in Australia?", "What did Australia do about DeepSeek?"),
        (BAN, "What about Japan?", "What did Japan do about DeepSeek?"),
        (FUND, "And in dollars?", "How large is the national AI investment fund in dollars?"),
        (FUND, "Since when?", "Since when is the national AI investment fund?"),
        (PRICE, "Who makes it?", "Who makes SenseRobot?"),
        (PRICE, "And the weight?", "What is the weight of SenseRobot?"),
        (PRICE, "What about Whale Robot?", "What is the price of Whale Robot?"),
        (OWNED, "How old is it?", "How old is SenseRobot?"),
        (RULES, "Who made them?", "Who made the rules of chess?"),
        (BATTLE, "Who won it?", "Who won the Battle of Hastings?"),
        (PUMP, "Who paid for it?", "Who paid for the water pump?"),
        (SICK, "And apprentices?", "From which day do apprentices need a doctor's note?"),
        (FERRY, "In summer?", "How often does the ferry sail in summer?"),
        (BAN, "Why is that?", "Why did South Korea do about DeepSeek?"),
        (BAN, "Why?", "Why did South Korea do about DeepSeek?"),
        (CRITICAL, "And minor ones?", "How quickly are minor incidents answered?"),
        (REPORT, "Why not by e-mail?", "Why are incidents not reported by e-mail?"),
        (HOME, "Can trainees do that too?", "Can trainees do working from home too?"),
        (HOME, "How much is paid then?", "Working from home: How much is paid?"),
        (LEAVE, "Can we do that online?", "Can we terminate the agreement online?"),
        (LEAVE, "What if that fails?", "What if the agreement fails?"),
        (FAIR, "Who organises it?", "Who organises the summer fair?"),
        (NOTE, "Who pays for it?", "Who pays for the new water pump?"),
        (
            BANNED,
            "and which one forbade it?",
            "which country forbade downloads of DeepSeek?",
        ),
    ],
)
def test_what_is_left_out_is_filled_in(
    interpreter: QueryRewriter, before: ChatTurn, question: str, meant: str
) -> None:
    assert interpreter.interpret(question, [before]) == meant


def test_a_request_is_not_taken_for_what_it_asks_about(interpreter: QueryRewriter) -> None:
    request = ChatTurn("Tell me whether trainees can work at home", "They may")
    made = interpreter.interpret("Can interns do that too?", [request])
    assert "Tell me" not in (made or "")


def test_an_entity_stays_the_topic_over_several_turns(interpreter: QueryRewriter) -> None:
    history = [ROBOT, ChatTurn("Who makes SenseRobot?", "SenseTime")]
    made = interpreter.interpret("Is it sold to schools?", history)
    assert made == "Is SenseRobot sold to schools?"


@pytest.mark.parametrize(
    "question",
    [
        "Which company makes the chatbot DeepSeek?",
        "What is quantisation?",
        "How often does Bao Yu play with his robot?",
        "How much smaller does a model become when it is stored with eight instead of 32 bits?",
        "What are the side effects of ibuprofen?",
        "What are the three demands the system makes on itself?",
        "What did it cost to train DeepSeek's model?",
        "How do I bake a cheesecake?",
        "What year was the transformer invented?",
        "Who is the landlord?",
        "mileage rate own car",
        "Does the ferry carry what it finds?",
        "vector index kinds",
        "senserobot price",
        "senserobot weight?",
        "whale robot address",
        "backup codes",
        "Is it illegal to fly a drone over a crowd?",
        "What does it mean when the lamp blinks red?",
        "Who was it that built the first chess machine?",
        "I have lost my badge. Where do I report that?",
        "What do I owe if the deposit is kept then?",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(
    interpreter: QueryRewriter, question: str
) -> None:
    assert interpreter.interpret(question, [ROBOT]) is None


@pytest.mark.parametrize("question", ["Who makes it?", "And in Australia?", "Why?"])
def test_without_a_history_nothing_is_filled_in(interpreter: QueryRewriter, question: str) -> None:
    assert interpreter.interpret(question, []) is None


@pytest.mark.parametrize(
    ("request_", "meant"),
    [
        ("explain quantisation", "What is quantisation?"),
        ("Tell me about DeepSeek.", "What is DeepSeek?"),
        ("please name the six dragons of Hangzhou", "What are the six dragons of Hangzhou?"),
        ("list all public holidays", "What are public holidays?"),
        ("Explain how the robot plays.", None),
        ("Tell me who makes SenseRobot.", None),
        ("name of the maker", None),
        ("Describe its history", None),
    ],
)
def test_a_request_to_explain_or_to_name_is_a_question(
    interpreter: QueryRewriter, request_: str, meant: str | None
) -> None:
    assert interpreter.interpret(request_, []) == meant
    assert meant is None or interpreter.interpret(request_, [BAN]) == meant


def test_markup_in_the_history_is_text(interpreter: QueryRewriter) -> None:
    hostile = ChatTurn("<script>alert(1)</script> {0} %s \\1 AND title:x", "<img onerror=x>")
    made = interpreter.interpret("Who makes it?", [hostile, ROBOT])
    assert made == "Who makes SenseRobot?"
    assert isinstance(interpreter.interpret("And why that?", [hostile]), str | None)


SAID = st.sampled_from(
    [
        "what",
        "who",
        "why",
        "and",
        "about",
        "in",
        "it",
        "its",
        "he",
        "they",
        "that",
        "the",
        "one",
        "other",
        "there",
        "is",
        "does",
        "cost",
        "robot",
        "fund",
        "DeepSeek",
        "Australia",
        "China's",
        "model",
        "2030",
        "<b>",
        "/",
        "?",
        ".",
        "'",
        "“",
        "é",
        "中",
    ]
)
TEXT = st.lists(SAID, min_size=1, max_size=9).map(" ".join)


@settings(max_examples=60)
@given(st.lists(TEXT, max_size=3), TEXT, st.none() | TEXT)
def test_every_word_was_said(
    interpreter: QueryRewriter, questions: list[str], question: str, answer: str | None
) -> None:
    history = [ChatTurn(text, answer, ("The title of a document",)) for text in questions]
    made = interpreter.interpret(question, history)
    assert made == interpreter.interpret(question, history)
    inputs = " ".join([question, *questions, answer or "", "The title of a document"])
    known = {word.lower() for word in re.findall(r"\w+", inputs)} | {"s"}
    assert {word.lower() for word in re.findall(r"\w+", made or "")} <= known


def test_a_dialogue_is_answered_with_what_was_meant(open_assistant: Open, harbour: Path) -> None:
    assistant = open_assistant(harbour.parent / "index")
    assistant.ingest(harbour)
    first = assistant.ask("When was the lighthouse lit?", min_confidence=0.0)
    asked = "What oil does it burn?"
    second = assistant.ask(asked, history=[ChatTurn.of(first)], min_confidence=0.0)
    assert first.interpreted is None
    assert second.question == asked
    assert second.interpreted == "What oil does the lighthouse burn?"
    assert second.citations[0].source.endswith("lighthouse.md")
    assert "rapeseed oil" in (second.text or "")
    alone = assistant.ask(second.interpreted, min_confidence=0.0)
    assert (alone.text, alone.interpreted) == (second.text, None)


def test_an_exchange_remembers_the_question_as_it_was_understood(
    open_assistant: Open, harbour: Path
) -> None:
    assistant = open_assistant(harbour.parent / "index")
    assistant.ingest(harbour)
    before = ChatTurn("Where is the lighthouse?", "on Gull Rock")
    answer = assistant.ask("Who kept it?", history=[before], min_confidence=0.0)
    kept = ChatTurn.of(answer)
    assert kept.question == answer.interpreted == "Who kept the lighthouse?"
    assert (kept.answer, kept.titles) == (answer.text, (answer.citations[0].title,))
