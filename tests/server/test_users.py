"""The file of users, and the command that writes it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from typer.testing import CliRunner

from aiqa.cli.main import app
from aiqa.errors import CatalogError, SettingsError
from aiqa.server.history import History, history_file
from aiqa.server.private_file import PrivateFile
from aiqa.server.users import Users, add_user, remove_user


def test_users_are_added_changed_and_removed(tmp_path: Path) -> None:
    file = tmp_path / "users"
    add_user(file, "ada", "correct horse")
    add_user(file, "bob", "battery staple")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "horse" not in file.read_text("utf-8")
    assert file.read_text("utf-8").startswith("ada:$argon2id$")
    users = Users(file)
    assert users.verify("ada", "correct horse")
    assert users.was_verified("ada", "correct horse")
    assert not users.was_verified("ada", "battery staple")
    assert not users.verify("ada", "battery staple")
    assert not users.verify("eve", "correct horse")
    before = users.fingerprint("ada")
    add_user(file, "ada", "another horse")
    assert users.fingerprint("ada") != before
    assert not users.was_verified("ada", "correct horse")
    assert users.verify("ada", "another horse")
    remove_user(file, "ada")
    assert "ada" not in users
    assert users.fingerprint("ada") == ""
    assert not users.verify("ada", "another horse")
    with pytest.raises(SettingsError, match="has no user ada"):
        remove_user(file, "ada")
    for name, password in (("a:b", "long enough"), ("a b", "long enough"), ("ada", "short")):
        with pytest.raises(SettingsError):
            add_user(file, name, password)
    remove_user(file, "bob")
    with pytest.raises(SettingsError, match="has no users"):
        Users(file)
    file.write_text("ada:1:2\n", "utf-8")
    with pytest.raises(SettingsError, match="line 1 is not a user"):
        Users(file)


def scrypt_line(name: str, password: str) -> str:
    """A line as earlier versions wrote it, with cheaper costs."""
    salt = b"0123456789abcdef"
    digest = hashlib.scrypt(password.encode(), salt=salt, n=1024, r=8, p=1)
    return f"{name}:1024:8:1:{salt.hex()}:{digest.hex()}\n"


def test_files_of_earlier_versions_work_and_are_rehashed_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "users"
    old = scrypt_line("bob", "battery staple")
    file.write_text(scrypt_line("ada", "correct horse") + old, "utf-8")
    users = Users(file)
    assert not users.verify("ada", "battery staple")
    assert file.read_text("utf-8") == scrypt_line("ada", "correct horse") + old
    assert users.verify("ada", "correct horse")
    assert users.was_verified("ada", "correct horse")
    ada, bob = file.read_text("utf-8").splitlines(keepends=True)
    assert ada.startswith("ada:$argon2id$")
    assert bob == old
    assert users.verify("ada", "correct horse")
    assert users.verify("bob", "battery staple")


def test_an_old_hash_is_kept_where_the_file_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "users"
    file.write_text(scrypt_line("ada", "correct horse"), "utf-8")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    assert Users(file).verify("ada", "correct horse")
    assert file.read_text("utf-8") == scrypt_line("ada", "correct horse")
    assert "keeps its old hash" in caplog.text


def test_an_old_hash_is_kept_while_the_database_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "users"
    file.write_text(scrypt_line("ada", "correct horse"), "utf-8")

    def refuse(*_: object) -> None:
        raise CatalogError("The database is away.")

    monkeypatch.setattr(PrivateFile, "update", refuse)
    assert Users(file).verify("ada", "correct horse")
    assert "keeps its old hash: The database is away." in caplog.text


def test_a_user_is_added_from_the_terminal(tmp_path: Path) -> None:
    file = str(tmp_path / "users")
    result = CliRunner().invoke(app, ["chat-user", file, "ada"], input="correct horse\n" * 2)
    assert result.exit_code == 0
    assert "correct horse" not in result.output
    assert Users(Path(file)).verify("ada", "correct horse")


def test_a_user_who_is_removed_leaves_no_conversation(tmp_path: Path) -> None:
    file, index = tmp_path / "users", tmp_path / "index"
    add_user(file, "ada", "correct horse")
    add_user(file, "bob", "battery staple")
    remove = ["chat-user", str(file), "ada", "--remove", "--index", str(index)]
    told = CliRunner().invoke(app, remove)
    assert told.exit_code == 0
    assert "There is no" in told.output
    add_user(file, "ada", "correct horse")
    history = History(history_file(index))
    for name in ("ada", "bob"):
        history.add(name, "c1", {"id": "t1", "question": "Secret?"}, "Secret?")
    told = CliRunner().invoke(app, remove)
    assert told.exit_code == 0
    assert "Conversations of ada in" in told.output
    assert "ada" not in Users(file)
    assert history.conversations("ada") == []
    assert len(history.conversations("bob")) == 1


def test_a_reader_is_one_until_added_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "users"
    told = CliRunner().invoke(
        app,
        ["chat-user", str(file), "eve", "--role", "reader"],
        input="correct horse\ncorrect horse\n",
    )
    assert told.exit_code == 0, told.output
    users = Users(file)
    assert users.verify("eve", "correct horse")
    assert users.role("eve") == "reader"
    assert users.role("nobody") is None
    as_reader = users.fingerprint("eve")
    add_user(file, "eve", "correct horse")
    assert users.role("eve") == "editor"
    assert users.fingerprint("eve") != as_reader
    add_user(file, "eve", "correct horse", "admin")
    assert Users(file).role("eve") == "admin"
    assert users.verify("eve", "correct horse")


def test_a_password_that_is_replaced_while_it_is_looked_at_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "users"
    add_user(file, "ada", "correct horse")
    users = Users(file)
    verify = Argon2Hasher.verify

    def slow(self: Argon2Hasher, password: str, hash: str) -> bool:  # noqa: A002
        right = verify(self, password, hash)
        monkeypatch.undo()
        add_user(file, "ada", "another horse")
        return right

    monkeypatch.setattr(Argon2Hasher, "verify", slow)
    assert not users.verify("ada", "correct horse")
    assert not users.was_verified("ada", "correct horse")
    assert users.verify("ada", "another horse")


def test_a_user_without_a_password_has_none_that_fits(tmp_path: Path) -> None:
    file = tmp_path / "users"
    told = CliRunner().invoke(app, ["chat-user", str(file), "ada", "--without-password"])
    assert told.exit_code == 0, told.output
    users = Users(file)
    assert users.role("ada") == "editor"
    for password in ("", "!", "correct horse"):
        assert not users.verify("ada", password)
        assert not users.was_verified("ada", password)
