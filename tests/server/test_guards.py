"""The guards one by one, and the command line that sets them up."""

from __future__ import annotations

import logging
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from aiqa.cli import main
from aiqa.cli.main import app
from aiqa.errors import SettingsError
from aiqa.server.access_log import Journal
from aiqa.server.accounts import Accounts, add_user, remove_user
from aiqa.server.doors import Doors
from aiqa.server.limits import Rate
from tests.server.conftest import in_loop


def test_a_failure_is_told_without_its_insides_and_logged_with_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    inside = FastAPI()

    @inside.get("/fails")
    def fails() -> None:
        raise RuntimeError("the inside of it")

    answer = fetch(Journal(inside), "/fails")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "the inside of it" not in answer.text
    assert "the inside of it" in caplog.text


def fetch(application: object, path: str, **options: object) -> httpx.Response:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(application, raise_app_exceptions=False)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path, **options)  # type: ignore[arg-type]

    return in_loop(get)


@pytest.mark.parametrize(
    ("host", "status"), [("docs.example.org", 200), ("DOCS.example.org:443", 200), ("x.org", 421)]
)
def test_a_name_that_was_allowed_may_be_used(host: str, status: int) -> None:
    inside = FastAPI()
    inside.get("/")(lambda: "in")
    doors = Doors(inside, ["docs.example.org"], uploads=False, tools=False)
    assert fetch(doors, "/", headers={"Host": host}).status_code == status


def test_a_bucket_fills_again_in_time() -> None:
    now = 0.0
    rate = Rate(per_minute=60, burst=2, clock=lambda: now)
    assert [rate.wait("a"), rate.wait("a"), rate.wait("a")] == [0, 0, 1]
    assert rate.wait("b") == 0
    now = 0.5
    assert rate.wait("a") == 0.5
    now = 1.0
    assert rate.wait("a") == 0
    now = 100.0
    assert [rate.wait("a"), rate.wait("a"), rate.wait("a")] == [0, 0, 1]


def test_users_are_added_changed_and_removed(tmp_path: Path) -> None:
    file = tmp_path / "users"
    add_user(file, "ada", "correct horse")
    add_user(file, "bob", "battery staple")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "horse" not in file.read_text("utf-8")
    accounts = Accounts(file)
    assert accounts.admit("ada", "correct horse")
    assert accounts.knows("ada", "correct horse")
    assert not accounts.admit("ada", "battery staple")
    assert not accounts.admit("eve", "correct horse")
    add_user(file, "ada", "another horse")
    assert not accounts.knows("ada", "correct horse")
    assert accounts.admit("ada", "another horse")
    remove_user(file, "ada")
    assert "ada" not in accounts
    assert not accounts.admit("ada", "another horse")
    with pytest.raises(SettingsError, match="no user ada"):
        remove_user(file, "ada")
    for name, password in (("a:b", "long enough"), ("a b", "long enough"), ("ada", "short")):
        with pytest.raises(SettingsError):
            add_user(file, name, password)
    remove_user(file, "bob")
    with pytest.raises(SettingsError, match="nobody"):
        Accounts(file)
    file.write_text("ada:1:2\n", "utf-8")
    with pytest.raises(SettingsError, match="Line 1 of"):
        Accounts(file)


def test_a_user_is_added_from_the_terminal(tmp_path: Path) -> None:
    file = str(tmp_path / "users")
    result = CliRunner().invoke(app, ["chat-user", file, "ada"], input="correct horse\n" * 2)
    assert result.exit_code == 0
    assert "correct horse" not in result.output
    assert Accounts(Path(file)).admit("ada", "correct horse")


def test_everybody_is_let_in_only_if_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("aiqa.assistant.Assistant.warm_up", lambda _: None)
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.org"):  # noqa: S104
        monkeypatch.setattr(
            "sys.argv", ["aiqa", "chat", "--host", host, "--index", str(tmp_path / "index")]
        )
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        told = " ".join(capsys.readouterr().err.split())
        assert f"At {host} everybody who can reach this machine could ask" in told
        assert "--auth FILE" in told


def test_the_log_holds_questions_only_if_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    from aiqa.server.access_log import write_log

    logger = logging.getLogger("aiqa")
    try:
        for wanted in (False, True):
            write_log(questions=wanted)
            logging.getLogger("aiqa.questions").info("asked %r", "Where?")
            assert ("asked 'Where?'" in capsys.readouterr().err) is wanted
            logger.handlers.clear()
    finally:
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)
        logging.getLogger("aiqa.questions").setLevel(logging.NOTSET)
