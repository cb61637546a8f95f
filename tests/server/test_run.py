"""Starting the server from the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aiqa.cli import main
from aiqa.server import Service, serve
from tests.conftest import Open
from tests.server.conftest import free_port


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


def test_the_chat_begins_without_an_index_unless_nothing_can_be_added(
    tmp_path: Path, open_assistant: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr("aiqa.assistant.Assistant.warm_up", lambda _: None)
    monkeypatch.setattr("aiqa.server.run.create", lambda *_: None)
    monkeypatch.setattr("aiqa.server.run.guarded", lambda *_: None)
    monkeypatch.setattr("aiqa.server.run.Server.run", lambda *_: None)
    assistant, other = open_assistant(tmp_path / "index"), open_assistant(tmp_path / "other")
    serve(assistant, Service(port=int(free_port())))
    assert assistant.status().documents == 0
    serve(other, Service(port=int(free_port()), read_only=True))
    assert not other.store.has_index


def test_users_who_are_not_known_do_not_share_a_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("aiqa.assistant.Assistant.warm_up", lambda _: None)
    options = ["--host", "0.0.0.0", "--without-auth", "--history"]  # noqa: S104
    monkeypatch.setattr("sys.argv", ["aiqa", "chat", "--index", str(tmp_path / "index"), *options])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "would read each other's conversations" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("package", ["gradio", "limits"])
@pytest.mark.parametrize("command", ["chat --index index", "chat-user users ada"])
def test_a_missing_package_is_an_error_that_names_the_extra(
    package: str, command: str, tmp_path: Path
) -> None:
    code = f"import sys; sys.modules[{package!r}] = None; from aiqa.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", code, *command.split()],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert ended.returncode == 7
    told = " ".join(ended.stderr.split())
    assert f"The server needs {package}, which is not installed." in told
    assert "pip install 'aiqa[server]'" in told


def test_a_proxy_is_named_by_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--trusted-proxy", "proxy.example.org", "--index", str(tmp_path / "index")]
    monkeypatch.setattr("sys.argv", ["aiqa", "chat", *options])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "is neither an address nor a network" in " ".join(capsys.readouterr().err.split())


def test_uploads_do_not_stay_where_they_wait_when_the_server_is_terminated(
    tmp_path: Path, open_assistant: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def terminated(*_: object) -> None:
        (Path(os.environ["GRADIO_TEMP_DIR"]) / "contract.txt").write_text("Secret.", "utf-8")
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    monkeypatch.setattr("aiqa.server.run.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("aiqa.server.claimed_folder._FRESH_SECONDS", 0)
    monkeypatch.setattr("aiqa.assistant.Assistant.warm_up", lambda _: None)
    monkeypatch.setattr("aiqa.server.run.create", lambda *_: None)
    monkeypatch.setattr("aiqa.server.run.guarded", lambda *_: None)
    monkeypatch.setattr("aiqa.server.run.Server.run", terminated)
    killed = tmp_path / "aiqa-uploads-killed"
    killed.mkdir()
    (killed / "old.txt").write_text("Left by a server that was killed.", "utf-8")
    with pytest.raises(SystemExit) as ended:
        serve(open_assistant(tmp_path / "index"), Service(port=int(free_port())))
    assert ended.value.code == 128 + signal.SIGTERM
    assert list(tmp_path.glob("aiqa-uploads-*")) == []


def test_programs_are_served_without_the_page_and_what_it_needs(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Service] = []
    monkeypatch.setattr("aiqa.server.serve", lambda _, service, **__: served.append(service))
    for command in ("serve", "chat"):
        options = ["--index", str(index), "--per-minute", "7"]
        monkeypatch.setattr("sys.argv", ["aiqa", command, *options])
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
    assert [(one.page, one.per_minute) for one in served] == [(False, 7), (True, 7)]
    code = (
        "import sys; from aiqa import Assistant\n"
        "from aiqa.server.run import Service, create\n"
        f"create(Assistant.open({str(index)!r}), Service(page=False, mcp=True))\n"
        "assert 'gradio' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
