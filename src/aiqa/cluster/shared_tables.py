"""The tables that servers of an index share beside its catalog."""

FEEDBACK = (
    """
    CREATE TABLE feedback (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, feedback bytea NOT NULL
    )
    """,
)
"""The rows of ``FeedbackTable``."""
