from hypothesis import given
from hypothesis import strategies as st

from aiqa.text.list_markers import LIST_MARKER
from aiqa.text.sentences import sentences


def slices(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


def test_abbreviations_and_initials_do_not_end_a_sentence() -> None:
    assert slices("Dr. L. Peizhang spoke. It cost 8.3 billion dollars! Why?") == [
        "Dr. L. Peizhang spoke.",
        "It cost 8.3 billion dollars!",
        "Why?",
    ]


def test_a_line_is_never_joined_to_the_next_and_list_markers_are_left_out() -> None:
    assert slices("Tools\n- a hammer\n- a saw\n2. a plane") == [
        "Tools",
        "a hammer",
        "a saw",
        "a plane",
    ]


def test_other_scripts_and_emoji_keep_their_offsets() -> None:
    assert slices("😀 Hello. שלום עולם. 你好。再见。") == [
        "😀 Hello.",
        "שלום עולם.",
        "你好。",
        "再见。",
    ]


@given(st.text())
def test_sentences_are_ordered_trimmed_slices_that_leave_only_markers_and_blanks(text: str) -> None:
    position = 0
    for span in sentences(text):
        assert position <= span.start < span.end <= len(text)
        words = text[span.start : span.end]
        assert words == words.strip()
        gap = text[position : span.start]
        assert all(not part.strip() or LIST_MARKER.fullmatch(part) for part in gap.split("\n"))
        position = span.end
