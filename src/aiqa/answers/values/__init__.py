"""Values of answers as typed values that can be compared: quantities, dates, names, polarity."""

from aiqa.answers.values.names import ProperName
from aiqa.answers.values.reading import Value, related, value_of
from aiqa.answers.values.relation import Relation

__all__ = ["ProperName", "Relation", "Value", "related", "value_of"]
