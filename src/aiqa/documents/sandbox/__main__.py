"""The entry point of the process that parses files; see ``aiqa.documents.sandbox.pool``.

``python -P -m aiqa.documents.sandbox FD MEMORY_MB MAX_FILE_MB`` confines itself before it imports
what parses files, and then serves requests from the socket ``FD``.
"""

from __future__ import annotations

import resource
import sys

from aiqa.documents.sandbox.confinement import confine, end_with_parent

_MB = 1_000_000


def main() -> None:
    """Serve until the other end hangs up."""
    handle, memory_mb, max_file_mb = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MB, memory_mb * _MB))
    confine()
    end_with_parent()
    from aiqa.documents.sandbox.worker import serve_requests

    serve_requests(handle, max_file_mb * _MB)


if __name__ == "__main__":
    main()
