"""Hybrid retrieval: dense and lexical candidates, fused by their scores."""

from aiqa.retrieval.retriever import FollowUp, Retriever

__all__ = ["FollowUp", "Retriever"]
