"""The tables that servers of an index share beside its catalog."""

FEEDBACK = (
    """
    CREATE TABLE feedback (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, feedback bytea NOT NULL
    )
    """,
)
"""The rows of ``FeedbackTable``."""

HISTORY = (
    """
    CREATE TABLE conversations (
        owner text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, name bytea NOT NULL,
        folded_name bytea NOT NULL, changed double precision NOT NULL,
        bytes bigint NOT NULL DEFAULT 0, PRIMARY KEY (owner, id)
    )
    """,
    """
    CREATE TABLE turns (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner text COLLATE "C" NOT NULL,
        conversation text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
        record bytea NOT NULL, words bytea NOT NULL, UNIQUE (owner, conversation, id),
        FOREIGN KEY (owner, conversation) REFERENCES conversations ON DELETE CASCADE
    )
    """,
    "CREATE INDEX turns_in_order ON turns (owner, conversation, number)",
)
"""The conversations of ``server.shared_history``."""

ACCOUNTS = (
    """
    CREATE TABLE private_texts (
        title text PRIMARY KEY, version bigint NOT NULL, text text NOT NULL
    )
    """,
)
"""The texts of ``server.shared_text``."""

SESSIONS = (
    "CREATE TABLE session_key (one boolean PRIMARY KEY CHECK (one), key text NOT NULL)",
    "CREATE TABLE signed_out (session text PRIMARY KEY, expires double precision NOT NULL)",
    "CREATE TABLE ended_sessions (account text PRIMARY KEY, ended double precision NOT NULL)",
)
"""The state of ``server.shared_sessions``."""
