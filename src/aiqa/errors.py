"""The exceptions of aiqa, with the exit code of the command line for each.

    AiqaError                    1
    ├── SettingsError            2   a setting, option or environment variable is wrong
    ├── SourceError              3   a path is missing, empty or unreadable
    │   └── DocumentError        3   one file could not be turned into text
    ├── CatalogError             4   the index folder is missing, damaged or of another kind
    │   └── LockedIndexError     4   another process is writing to it
    ├── QuestionError            5   the question is empty, too long or filtered to nothing
    ├── GoldError                6   a gold set does not follow its format
    ├── DependencyError          7   a package or model is missing or was altered
    ├── FeedbackError            8   feedback does not match its documents, or cannot be stored
    └── ReceiptError            10   a receipt, its key or an audit log cannot be used

Exit code 9 means that figures of ``aiqa eval`` are below their thresholds, and exit code 10 also
that a receipt or an audit log does not hold.

Every message says what happened; ``remedy`` says what to do.
"""


class AiqaError(Exception):
    """Base class of all errors of aiqa; ``str(error)`` is a message for users."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


class SettingsError(AiqaError):
    """A setting from a file, the environment or an argument is not usable."""

    exit_code = 2


class SourceError(AiqaError):
    """A path given to ``ingest`` or ``remove`` is missing, empty or unreadable."""

    exit_code = 3


class DocumentError(SourceError):
    """One file could not be turned into text; other files are unaffected."""


class CatalogError(AiqaError):
    """The index folder is missing, damaged, locked, or was built by another version or embedder."""

    exit_code = 4


class LockedIndexError(CatalogError):
    """Another process is writing to the index; nothing was changed."""


class QuestionError(AiqaError):
    """The question is empty or too long, or no document matches its filters."""

    exit_code = 5


class GoldError(AiqaError):
    """A gold set cannot be read or a row of it breaks the format."""

    exit_code = 6


class DependencyError(AiqaError):
    """A package, model or data file that aiqa needs is missing or altered."""

    exit_code = 7


class FeedbackError(AiqaError):
    """Feedback does not match its documents, or cannot be stored or read."""

    exit_code = 8


class ReceiptError(AiqaError):
    """A receipt or a record cannot be made, or a key or an audit log cannot be used."""

    exit_code = 10
