"""The web chat: a page by Gradio and what stands around it, served from this machine."""

from importlib.util import find_spec

from aiqa.errors import DependencyError


def _missing(package: str) -> DependencyError:
    return DependencyError(
        f"The server needs {package}, which is not installed.", "Run `pip install 'aiqa[server]'`."
    )


# These are imported when they are used: Gradio takes seconds.
for _package in ("gradio", "python_multipart"):
    if find_spec(_package) is None:
        raise _missing(_package)
try:
    from aiqa.server.run import Service, serve
except ModuleNotFoundError as error:
    if error.name is None or error.name.startswith("aiqa"):
        raise
    raise _missing(error.name) from error

__all__ = ["Service", "serve"]
