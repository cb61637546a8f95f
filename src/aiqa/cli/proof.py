"""`aiqa verify` and `aiqa key`: receipts checked, and the key that signs them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from aiqa.assistant import Assistant
from aiqa.cli import proof_output
from aiqa.cli.options import JsonOption, emit
from aiqa.config import Settings
from aiqa.documents.sandbox.pool import Limits, Parsing
from aiqa.errors import ReceiptError, SettingsError
from aiqa.receipts import checker
from aiqa.receipts.document_folder import DocumentFolder
from aiqa.receipts.signing_key import SigningKey
from aiqa.receipts.verification import Verification, verify

key_commands = typer.Typer(
    help="The key that signs receipts.", no_args_is_help=True, pretty_exceptions_enable=False
)


def verify_command(
    file: Annotated[Path | None, typer.Argument(help="A receipt of `aiqa ask --receipt`.")] = None,
    documents: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Compare with the files in this folder."),
    ] = None,
    index: Annotated[
        str | None, typer.Option(metavar="DIR", help="Compare with the documents of this index.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="PUBLIC", help="The public key that has to have signed it."),
    ] = None,
    write_checker: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a checker that runs without aiqa, and end."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Say whether a receipt is sound and its quotes still stand in the documents."""
    if write_checker:
        _write(write_checker, Path(checker.__file__).read_text("utf-8"))
        return
    if file is None or (documents and index):
        raise SettingsError(
            "Name one receipt, and --documents or --index if it is to be compared with documents."
        )
    found = _verified(_content(file), key, documents, index)
    data = {
        "holds": found.holds,
        "question": found.body.get("question"),
        "answer": found.body.get("text"),
        "checks": [one._asdict() for one in found.checks],
        "quotes": [asdict(one) for one in found.quotes],
    }
    emit(data, lambda: proof_output.print_verification(found, key), as_json=as_json)
    if not found.holds:
        raise typer.Exit(ReceiptError.exit_code)


@key_commands.command("show")
def show(*, as_json: JsonOption = False) -> None:
    """Print the public key, by which others know your receipts; the first call makes the key."""
    key = SigningKey()
    data = {"public": key.public, "file": str(key.file)}
    emit(data, lambda: proof_output.print_key(key.public), as_json=as_json)


def _verified(
    receipt: bytes, key: str | None, documents: Path | None, index: str | None
) -> Verification:
    with ExitStack() as stack:
        if index:
            return stack.enter_context(Assistant.open(index)).verify(receipt, key=key)
        if documents is None:
            return verify(receipt, key=key)
        s = Settings.load()
        limits = Limits(s.parse_seconds, s.parse_memory_mb, s.max_file_mb)
        parsing = stack.enter_context(Parsing(1, limits))
        return verify(receipt, key=key, documents=DocumentFolder(documents, parsing))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ReceiptError(f"{file} cannot be read: {error.strerror}.") from error


def _write(file: Path, content: str) -> None:
    try:
        file.write_text(content, "utf-8")
    except OSError as error:
        raise ReceiptError(f"{file} cannot be written: {error.strerror}.") from error
