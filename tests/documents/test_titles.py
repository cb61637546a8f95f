"""Titles: what documents are called that do not say it themselves."""

from __future__ import annotations

import pytest

from aiqa.documents.registry import load_document
from aiqa.documents.titles import written_title


@pytest.mark.parametrize(
    ("source", "text", "title"),
    [
        ("legal/mutual-nda.txt", "This NDA is signed by both.", "Mutual NDA"),
        ("us-employment.csv", "year,jobs\n2020,3\n", "US employment"),
        ("minutes/2022-04-12.txt", "All were present.", "Minutes 2022-04-12"),
        ("2022-04-12.txt", "All were present.", "2022-04-12"),
        ("q3_report-fy14.txt", "Sales rose.", "Q3 report FY14"),
        ("My%20tide%20tables.txt", "High at noon.", "My tide tables"),
        ("guide-to-github.txt", "Use GitHub. Guide us. A guide.", "Guide to GitHub"),
        ("TIDES.txt", "Tides rise.", "TIDES"),
        ("a-glossary.txt", "A SHORT GLOSSARY\nfor readers", "A glossary"),
    ],
)
def test_a_file_without_a_title_is_called_what_people_would_write(
    source: str, text: str, title: str
) -> None:
    assert load_document(text.encode(), source).title == title


@pytest.mark.parametrize(
    "title",
    ["Microsoft Word - x.doc", "bod-19-02.pdf", "PowerPoint Presentation", "Untitled", " "],
)
def test_what_a_program_filled_in_is_no_title(title: str) -> None:
    assert written_title(title) is None
    page = f"<title>{title}</title><h2>Ferry times</h2><p>Daily.</p>"
    assert load_document(page.encode(), "a.html").title == "Ferry times"


@pytest.mark.parametrize("title", ["How to write README.md", "Page layout", "The Book of Tides"])
def test_what_people_wrote_is_a_title(title: str) -> None:
    assert written_title(f" {title}\n") == title
