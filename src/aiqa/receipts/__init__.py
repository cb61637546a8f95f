"""Receipts: signed proofs of answers, their checks, and the audit log."""
