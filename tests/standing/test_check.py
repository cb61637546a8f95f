"""Standing questions are told of when, and only when, their answers change."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from aiqa import Answer, Assistant
from aiqa.errors import CatalogError, QuestionError
from aiqa.standing.answer import StandingAnswer
from aiqa.standing.check import check_standing, set_channel, stand, tell, tell_terminal
from aiqa.standing.store import Channel, Notice, StandingStore
from tests.standing.conftest import CREW, FEE, Receiver, write_fee


def shown(assistant: Assistant) -> list[tuple[str, str | None, str | None]]:
    """What a terminal is told: question, former and present words."""
    told: list[Notice] = []
    tell_terminal(StandingStore(assistant.folder), told.extend)
    return [(one.question, one.before.words, one.after.words) for one in told]


def test_a_change_of_words_is_told_once(museum: Assistant) -> None:
    stand(museum, FEE)
    stand(museum, CREW)
    assert check_standing(museum)
    assert shown(museum) == []
    write_fee(museum, "5 crowns")
    assert check_standing(museum)
    assert check_standing(museum)
    ((question, before, after),) = shown(museum)
    assert (question, "4 crowns" in str(before), "5 crowns" in str(after)) == (FEE, True, True)
    assert shown(museum) == []


def test_text_that_moves_or_comes_beside_it_is_not_told(museum: Assistant) -> None:
    stand(museum, FEE)
    write_fee(museum, "4 crowns", before="A few words about the harbour's ropes.\n\n")
    assert check_standing(museum)
    assert shown(museum) == []


def test_a_new_place_and_a_new_outcome_are_told(museum: Assistant) -> None:
    asked = stand(museum, FEE)
    write_fee(museum, "4 crowns", heading="Museum")
    check_standing(museum)
    museum.remove("docs/fees.md")
    check_standing(museum)
    told: list[Notice] = []
    tell_terminal(StandingStore(museum.folder), told.extend)
    moved, gone = told
    assert moved.before == asked.answer
    assert (moved.after.words, moved.after.outcome) == (asked.answer.words, "answered")
    assert moved.after.places == ("docs/fees.md, § Museum",)
    assert gone.after.outcome in ("unsure", "not found")
    assert gone.after.words is None


def test_nothing_is_lost_or_told_twice_by_a_crash(
    museum: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(museum, FEE)
    stand(museum, CREW)
    museum.remove("docs/rescue.docx")
    write_fee(museum, "5 crowns")
    ask = museum.ask_unlogged

    def killed(question: str) -> Answer:
        if question == CREW:
            raise KeyboardInterrupt
        return ask(question)

    monkeypatch.setattr(museum, "ask_unlogged", killed)
    with pytest.raises(KeyboardInterrupt):
        check_standing(museum)

    def unread(_: Sequence[Notice]) -> None:
        raise KeyboardInterrupt  # before anybody has read it

    with pytest.raises(KeyboardInterrupt):
        tell_terminal(StandingStore(museum.folder), unread)
    monkeypatch.setattr(museum, "ask_unlogged", ask)
    check_standing(museum)
    assert sorted(question for question, _, _ in shown(museum)) == sorted([FEE, CREW])
    check_standing(museum)
    assert shown(museum) == []


def test_nothing_is_asked_while_the_index_is_written(museum: Assistant) -> None:
    stand(museum, FEE)
    write_fee(museum, "5 crowns")
    with museum.store.index.writing():
        assert not check_standing(museum)
    assert shown(museum) == []
    assert check_standing(museum)
    assert len(shown(museum)) == 1


def test_a_webhook_that_fails_is_told_with_the_next_check_in_order(
    museum: Assistant, receiver: Receiver
) -> None:
    store = StandingStore(museum.folder)
    stand(museum, FEE)
    set_channel(store, Channel("webhook", receiver.url, own_network=True))
    pauses: list[float] = []
    troubles: list[str] = []
    for fee, replies in (("5 crowns", [500, 503, 500]), ("6 crowns", [])):
        write_fee(museum, fee)
        check_standing(museum)
        receiver.replies = replies
        tell(store, pauses.append, troubles.append)
        if replies:
            assert "replied with status 500" in store.errors()[0][1]
    assert pauses == [1.0, 4.0]
    assert len(troubles) == 1
    first, *_, second = receiver.got
    assert first["id"] != second["id"]
    assert "{+5+}" in first["redline"]
    assert "{+6+}" in second["redline"]
    assert receiver.keys == [first["id"]] * 4 + [second["id"]]
    assert store.errors() == []
    tell(store, pauses.append, troubles.append)
    assert len(receiver.got) == 5


def test_a_question_stands_once_and_can_be_removed(museum: Assistant) -> None:
    store = StandingStore(museum.folder)
    kept = stand(museum, f" {FEE} ")
    with pytest.raises(QuestionError, match="already"):
        stand(museum, FEE)
    assert [one.text for one in store.questions()] == [FEE]
    assert store.remove(kept.number) == kept
    with pytest.raises(QuestionError, match="no standing question"):
        store.remove(kept.number)


def test_a_damaged_file_is_told(museum: Assistant) -> None:
    stand(museum, FEE)
    store = StandingStore(museum.folder)
    store.path.write_bytes(b"no database at all" * 100)
    with pytest.raises(CatalogError, match=r"standing questions .* cannot be used"):
        store.questions()


def test_confidence_and_offsets_are_not_compared(museum: Assistant) -> None:
    answer = museum.ask(FEE)
    again = museum.ask(FEE, min_confidence=0.0)
    assert StandingAnswer.of(answer) == StandingAnswer.of(again)
    assert StandingAnswer.from_json(StandingAnswer.of(answer).as_json()) == StandingAnswer.of(
        answer
    )
