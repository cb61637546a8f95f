"""Which addresses are told of changes, and how."""

from __future__ import annotations

import socket
from threading import Event
from typing import Any

import pytest

from aiqa.errors import SettingsError
from aiqa.standing import webhook
from aiqa.standing.store import Notice
from aiqa.standing.webhook import WebhookError, check_address, send
from tests.standing.conftest import FEE, Receiver


def resolve(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name mean these addresses."""

    def getaddrinfo(_: str, port: int, **__: Any) -> list[Any]:
        return [(None, None, 0, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def test_a_notice_is_posted_as_json_with_its_redline(receiver: Receiver, notice: Notice) -> None:
    send(receiver.url, notice, own_network=True, pause=lambda _: pytest.fail("no second attempt"))
    (got,) = receiver.got
    assert got["question"] == FEE
    assert got["before"] == {"outcome": "answered", "words": "4 crowns", "places": ["docs/fees.md"]}
    assert got["redline"] == "[-4-]{+5+} crowns\n— docs/fees.md"
    assert got["redline_html"] == "<del>4</del><ins>5</ins> crowns<br>— docs/fees.md"
    assert (receiver.keys, receiver.paths) == ([notice.id], ["/told?by=aiqa"])


def test_a_redirect_is_not_followed(receiver: Receiver, notice: Notice) -> None:
    receiver.replies = [302, 307, 301]
    with pytest.raises(WebhookError, match="status 301"):
        send(receiver.url, notice, own_network=True, pause=lambda _: None)
    assert receiver.paths == ["/told?by=aiqa"] * 3


def test_a_reply_that_does_not_come_is_given_up(
    receiver: Receiver, notice: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "SECONDS", 0.05)
    monkeypatch.setattr(webhook, "PAUSES", ())
    done = Event()
    receiver.before_reply = lambda: done.wait(10)
    with pytest.raises(WebhookError, match="did not reply"):
        send(receiver.url, notice, own_network=True, pause=lambda _: None)
    done.set()


@pytest.mark.parametrize(
    ("address", "own_network", "allowed"),
    [
        ("93.184.215.14", False, True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", False, True),
        ("127.0.0.1", False, False),
        ("10.1.2.3", False, False),
        ("192.168.1.7", False, False),
        ("100.64.0.1", False, False),
        ("::1", False, False),
        ("fd00::1", False, False),
        ("::ffff:127.0.0.1", False, False),
        ("64:ff9b::a00:1", False, False),
        ("2002:7f00:1::", False, False),
        ("127.0.0.1", True, True),
        ("::1", True, True),
        ("192.168.1.7", True, True),
        ("fd00::1", True, True),
        ("169.254.169.254", True, False),
        ("::ffff:169.254.169.254", True, False),
        ("fe80::1%eth0", True, False),
        ("0.0.0.0", True, False),  # noqa: S104
        ("224.0.0.1", True, False),
        ("255.255.255.255", True, False),
    ],
)
def test_only_public_addresses_are_told_unless_the_user_says_so(
    address: str,
    own_network: bool,  # noqa: FBT001
    allowed: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve(monkeypatch, address)
    if allowed:
        check_address("https://me.example/hook", own_network=own_network)
        return
    with pytest.raises(SettingsError, match=r"not public|never used"):
        check_address("https://me.example/hook", own_network=own_network)


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve(monkeypatch, "93.184.215.14", "10.0.0.1")
    with pytest.raises(SettingsError, match="not public"):
        check_address("https://me.example/hook", own_network=False)


def test_a_name_that_comes_to_mean_this_machine_is_not_told(
    receiver: Receiver, notice: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"https://me.example:{receiver.server.server_port}/hook"
    resolve(monkeypatch, "93.184.215.14")
    check_address(url, own_network=False)
    resolve(monkeypatch, "127.0.0.1")
    with pytest.raises(WebhookError, match="not public"):
        send(url, notice, own_network=False, pause=lambda _: None)
    assert receiver.got == []


def test_the_address_that_was_checked_is_the_one_connected(
    receiver: Receiver, notice: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    resolved = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *rest: Any, **options: Any) -> list[Any]:
        asked.append(host)
        if asked.count("me.example") > 1:
            return resolved("127.0.0.2", port, *rest, **options)  # the name means another now
        return resolved(host.replace("me.example", "127.0.0.1"), port, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    url = f"http://me.example:{receiver.server.server_port}/hook"
    send(url, notice, own_network=True, pause=lambda _: None)
    assert receiver.paths == ["/hook"]
    assert asked.count("me.example") == 1


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://me.example/hook", "no http or https"),
        ("file:///etc/passwd", "no http or https"),
        ("https://", "no http or https"),
        ("https://me:secret@me.example/", "a name or a password"),
        ("https://me.example:99999/", "no address"),
        ("http://me.example/hook", "over https only"),
    ],
)
def test_other_addresses_are_refused(url: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, "93.184.215.14")
    with pytest.raises(SettingsError, match=told):
        check_address(url, own_network=False)
