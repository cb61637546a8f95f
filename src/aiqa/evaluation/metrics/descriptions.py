"""Descriptions and formats of the figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A figure's name for people and what it says."""

    name: str
    meaning: str


GLOSSARY: dict[str, Term] = {
    "em": Term("Exact match", "answers equal to a gold wording, by SQuAD's rules"),
    "f1": Term("Token F1", "words shared with the best gold wording, by SQuAD's rules"),
    "recall@1": Term("Recall@1", "questions with evidence in the first passage"),
    "recall@5": Term("Recall@5", "questions with evidence among the first 5 passages"),
    "recall@20": Term("Recall@20", "questions with evidence among the first 20 passages"),
    "mrr": Term("MRR", "mean of 1 / rank of the first passage with evidence"),
    "ndcg@10": Term("nDCG@10", "how near the first 10 passages come to the ideal order"),
    "sentence_f1": Term("Sentence F1", "sentences shared with the evidence"),
    "right": Term("Right answers", "answerable questions whose answer is right if one is made"),
    "verbatim": Term("Verbatim", "citations that are exact slices of their document"),
    "citation_precision": Term("Citation precision", "citations that overlap the evidence"),
    "passage_precision": Term("Passage precision", "citations in a passage that has evidence"),
    "citation_recall": Term("Citation recall", "pieces of evidence that are cited"),
    "answered": Term("Answered", "answerable questions that were shown an answer"),
    "abstained": Term("Refused", "unanswerable questions that were refused an answer"),
    "shown_right": Term("Right when shown", "shown answers that are right"),
    "shown_precision": Term("Well sourced", "shown answers whose first citation is evidence"),
    "answerable_right": Term("Right shown", "answerable questions that were shown a right answer"),
    "answerable_wrong": Term(
        "Wrong shown", "answerable ones shown a wrong answer; lower is better"
    ),
    "answerable_unsure_right": Term(
        "Unsure, right one there", "answerable ones with the right one among possible answers"
    ),
    "answerable_unsure_wrong": Term(
        "Unsure, none right", "answerable ones with only wrong possible answers; lower is better"
    ),
    "answerable_not_found": Term(
        "Not found", "answerable ones that were told there is no answer; lower is better"
    ),
    "unanswerable_answered": Term(
        "Answered without one", "unanswerable ones shown an answer; lower is better"
    ),
    "unanswerable_unsure": Term(
        "Unsure without one", "unanswerable ones shown possible answers; lower is better"
    ),
    "unanswerable_not_found": Term(
        "Rightly not found", "unanswerable ones that were told there is no answer"
    ),
    "em_abstaining": Term("Exact match, abstaining", "SQuAD 2.0's: a right refusal counts as 1"),
    "f1_abstaining": Term("Token F1, abstaining", "SQuAD 2.0's: a right refusal counts as 1"),
    "auroc": Term("AUROC", "how surely confidence parts answerable from unanswerable questions"),
    "ap": Term("Average precision", "of finding the answerable questions by confidence"),
    "auroc_right": Term("AUROC of right", "how surely confidence parts right answers from others"),
    "aurc": Term("AURC", "mean share of wrong answers over all strictnesses; lower is better"),
    "coverage@1%": Term("Coverage at 1 %", "questions answered if 1 in 100 answers may be wrong"),
    "coverage@5%": Term("Coverage at 5 %", "questions answered if 1 in 20 answers may be wrong"),
    "coverage@10%": Term("Coverage at 10 %", "questions answered if 1 in 10 may be wrong"),
    "risk@50%": Term("Risk at 50 %", "wrong among the more confident half; lower is better"),
    "ece": Term("Calibration error", "gap between confidence and accuracy; lower is better"),
}
