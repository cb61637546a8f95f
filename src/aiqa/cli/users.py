"""`aiqa chat-user` and `aiqa chat-token`: say who may use what `aiqa chat` serves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aiqa.cli import output
from aiqa.cli.options import INDEX, IndexOption, JsonOption, emit
from aiqa.errors import SettingsError
from aiqa.storage.opening import is_cluster, locate

if TYPE_CHECKING:
    from aiqa.server.private_file import PrivateText
    from aiqa.server.users import Role

    Accounts = Path | PrivateText

FileArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="The file of users; `database` is that of a cluster's index."
    ),
]
NameArgument = Annotated[str, typer.Argument(help="The user's name.")]
RoleOption = Annotated[
    str,
    typer.Option(
        metavar="reader|editor|admin",
        help="Readers ask; editors add documents, and remove their own; admins remove any.",
    ),
]


def chat_user(
    file: FileArgument,
    name: NameArgument,
    index: IndexOption = INDEX,
    role: RoleOption = "editor",
    *,
    without_password: Annotated[
        bool, typer.Option("--without-password", help="A user who signs in by OpenID Connect.")
    ] = False,
    remove: Annotated[
        bool,
        typer.Option(
            "--remove",
            help="Take the user out instead, with the tokens, and with the conversations kept for"
            " the index.",
        ),
    ] = False,
) -> None:
    """Add a user for `aiqa chat --auth FILE`, or reset a password and role."""
    from aiqa.server.tokens import revoke_all
    from aiqa.server.users import add_user, remove_user

    if remove:
        with _accounts(index, file) as (users, tokens):
            remove_user(users, name)
            revoke_all(tokens, name)
        output.print_done(f"{name} is no longer in {file}.")
        _forget(index, name)
        return
    wanted = _role(role)
    password = None
    if not without_password:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    with _accounts(index, file) as (users, _):
        add_user(users, name, password, wanted)
    output.print_done(f"{name} is in {file} now, as {wanted}.")


def chat_token(
    file: FileArgument,
    name: NameArgument,
    index: IndexOption = INDEX,
    label: Annotated[str, typer.Option(help="What the token is for, as you will know it.")] = "",
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until it expires.")] = 90,
    role: RoleOption = "reader",
    revoke: Annotated[
        str | None, typer.Option(metavar="ID", help="End the token of this id; `all` ends all.")
    ] = None,
    *,
    list_all: Annotated[bool, typer.Option("--list", help="List the user's tokens.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a token, with which a program may use the chat as a user, or end one."""
    from aiqa.server.tokens import add_token, revoke_all, revoke_token, tokens_of
    from aiqa.server.users import Users

    with _accounts(index, file) as (users, kept):
        if list_all:
            found = tokens_of(kept, name)
            rows = [asdict(one) for one in found]
            emit({"tokens": rows}, lambda: output.print_tokens(found), as_json=as_json)
        elif revoke:
            ended = revoke_all(kept, name) if revoke == "all" else revoke_token(kept, name, revoke)
            output.print_done(f"Tokens of {name} that have ended: {ended}.")
        else:
            if name not in Users(users):
                raise SettingsError(f"{file} has no user {name}.", "Add one with `aiqa chat-user`.")
            token = add_token(kept, name, label, days, _role(role))
            emit({"token": token}, lambda: output.print_token(token), as_json=as_json)


@contextmanager
def _accounts(index: str, file: Path) -> Iterator[tuple[Accounts, Accounts]]:
    """Yield where users are listed and where their tokens are."""
    from aiqa.server.shared_state import kept_accounts

    with closing(locate(index)) as location:
        yield kept_accounts(location, file)


def _role(name: str) -> Role:
    match name:
        case "reader" | "editor" | "admin":
            return name
    raise SettingsError(f"There is no role {name!r}.", "Roles are reader, editor and admin.")


def _forget(index: str, name: str) -> None:
    """Delete what is kept of a user beside the index."""
    from aiqa.server.history import history_file
    from aiqa.server.owners import Owners, owners_file
    from aiqa.server.shared_state import kept_conversations

    with closing(locate(index)) as location:
        if owners_file(location.folder).is_file():
            Owners(owners_file(location.folder)).forget(name)
        kept = history_file(location.folder)
        place = location.name if is_cluster(index) else str(kept)
        if is_cluster(index) or kept.is_file():
            kept_conversations(location).delete(name)
            output.print_done(f"Conversations of {name} in {place} are deleted.")
        else:
            output.print_done(f"There is no {kept} with conversations; see --index.")
