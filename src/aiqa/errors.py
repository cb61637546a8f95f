"""Everything aiqa raises on purpose, and the exit code the command line gives each.

    AiqaError                    1
    ├── SettingsError            2   a setting, option or environment variable is wrong
    ├── SourceError              3   a path is missing, empty or unreadable
    │   └── DocumentError        3   one file could not be turned into text
    ├── CatalogError             4   the index folder is missing, damaged or of another kind
    ├── QuestionError            5   the question cannot be answered as it was put
    ├── GoldError                6   a gold set does not follow its format
    ├── DependencyError          7   a package or model is missing or was altered
    └── FeedbackError            8   feedback does not fit its documents, or cannot be kept

9 is the exit code of ``aiqa eval`` where figures fall short of what they were held to.

Every message says what happened and to what; ``remedy`` says what to do about it.
"""


class AiqaError(Exception):
    """Base of all deliberate errors: ``str(error)`` is written for the person who reads it."""

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


class QuestionError(AiqaError):
    """The question is empty, too long or filtered to nothing that exists."""

    exit_code = 5


class GoldError(AiqaError):
    """A gold set cannot be read or a row of it breaks the format."""

    exit_code = 6


class DependencyError(AiqaError):
    """A package, model or data file that aiqa needs is missing or altered."""

    exit_code = 7


class FeedbackError(AiqaError):
    """What somebody thinks of an answer does not fit the documents, or cannot be kept or read."""

    exit_code = 8
