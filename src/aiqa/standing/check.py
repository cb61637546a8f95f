"""Standing questions asked again, and their changes told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from aiqa.assistant import Assistant
from aiqa.errors import AiqaError
from aiqa.standing.answer import StandingAnswer
from aiqa.standing.feed import write_feed
from aiqa.standing.store import Channel, Notice, StandingQuestion, StandingStore
from aiqa.standing.webhook import WebhookError, check_address, send


def stand(assistant: Assistant, question: str) -> StandingQuestion:
    """Ask ``question`` and keep it as a standing one; it is told of when its answer changes.

    Raises:
        QuestionError: it is empty, too long, or stands already.
        CatalogError: there is no usable index.
    """
    with assistant.store.index.reading():
        answer = StandingAnswer.of(assistant.ask(question))
        return StandingStore(assistant.folder).add(question.strip(), answer, stamp(assistant))


def check_standing(assistant: Assistant) -> bool:
    """Ask every standing question that has not been asked of the present documents.

    Returns whether they were asked: while a process writes, they are not, as half of its changes
    say nothing.

    Raises:
        CatalogError: there is no usable index, or another process is asking.
    """
    store = StandingStore(assistant.folder)
    with store.locked():
        if is_being_written(assistant.folder):
            return False
        with assistant.store.index.reading():
            now = stamp(assistant)
            for question in store.questions():
                if question.stamp != now:
                    answer = StandingAnswer.of(assistant.ask_unlogged(question.text))
                    store.keep(question, answer, now)
    return True


def tell(
    store: StandingStore, pause: Callable[[float], object], on_trouble: Callable[[str], object]
) -> None:
    """Tell what waits to the feed and the webhook; what cannot be told goes on waiting.

    ``pause`` waits some seconds before a webhook is tried again; ``on_trouble`` is told in a
    sentence what failed.

    Raises:
        CatalogError: another process is telling.
    """
    with store.locked():
        for channel in store.channels():
            for notice in store.waiting(channel.name):
                try:
                    _tell(store, channel, notice, pause)
                except (WebhookError, OSError, AiqaError) as error:
                    store.failed(notice, channel.name, str(error))
                    on_trouble(f"The {channel.name} {channel.shown} was not told: {error}")
                    break
                store.told(notice, channel.name)


def tell_terminal(store: StandingStore, show: Callable[[Sequence[Notice]], object]) -> None:
    """Have ``show`` print what no terminal has shown yet, if anything."""
    with store.locked():
        notices = store.waiting("terminal")
        show(notices)
        for notice in notices:
            store.told(notice, "terminal")


def set_channel(store: StandingStore, channel: Channel) -> None:
    """Tell changes there from now on, if that is allowed.

    Raises:
        SettingsError: the address of a webhook must not be used, or a feed cannot be written.
    """
    if channel.name == "webhook":
        check_address(channel.target, own_network=channel.own_network)
    else:
        write_feed(store, Path(channel.target))
    store.set_channel(channel)


def stamp(assistant: Assistant) -> str:
    """Return what changes whenever the documents of the index do."""
    catalog = assistant.store.index.catalog
    return str(catalog.stamp(catalog.generation))


def is_being_written(folder: Path) -> bool:
    """Tell whether a process is changing the index in ``folder``."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / "write.lock", timeout=0, is_singleton=False):
            return False
    except Timeout:
        return True
    except OSError:
        return False  # in a folder that cannot be written, nobody writes


def _tell(
    store: StandingStore, channel: Channel, notice: Notice, pause: Callable[[float], object]
) -> None:
    if channel.name == "webhook":
        send(channel.target, notice, own_network=channel.own_network, pause=pause)
    else:
        write_feed(store, Path(channel.target))
