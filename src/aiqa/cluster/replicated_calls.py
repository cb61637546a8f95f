"""Calls to all shards at once, each to one of its replicas, and to another if that one is late."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from aiqa.errors import CatalogError

_LOOK_SECONDS = 0.05
"""How often calls that have failed are looked for among those that wait."""

_REST_SECONDS = 30.0
"""How long a replica that was late or has failed is asked only where no other is."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds after which a shard is asked again elsewhere, and a replica counts as late.

    A call that has not been answered after twice the ``limit`` is given up.
    """

    second: float = 0.25
    limit: float = 1.0


class ReplicatedCalls:
    """Calls actors of Ray: ``shards`` has for each shard its replicas, which take turns.

    Any thread may call. Replicas give the same answers, so whichever comes first is taken.
    """

    def __init__(
        self, ray: Any, shards: Sequence[Sequence[Any]], patience: Patience | None = None
    ) -> None:
        self._ray = ray
        self._shards = shards
        self._patience = patience or Patience()
        self._rests_until: dict[tuple[int, int], float] = {}
        self._turns = count()

    def ask(self, method: str, values: Sequence[Sequence[object]]) -> list[Any]:
        """Call ``method`` of every shard with its ``values``; return the answers in their order.

        Raises:
            CatalogError: a shard has not answered, or all its replicas have failed.
        """
        call = _Call(self._ray, self._shards, method, values)
        turn = next(self._turns)
        for shard in range(len(self._shards)):
            call.send(shard, self._order(shard, turn))
        begun = time.monotonic()
        second, limit = self._patience.second, self._patience.limit
        call.wait(begun + second)
        for shard in call.missing():
            call.send_again(shard)
        call.wait(begun + limit)
        self._rest(call.late())
        call.wait(begun + 2 * limit)
        self._rest(call.failed)
        return call.answers()

    def _order(self, shard: int, turn: int) -> list[int]:
        """Return the replicas of ``shard`` as they are to be asked."""
        size = len(self._shards[shard])
        order = [(turn + shard + step) % size for step in range(size)]
        now = time.monotonic()
        return sorted(order, key=lambda replica: self._rests_until.get((shard, replica), 0) > now)

    def _rest(self, replicas: Sequence[tuple[int, int]]) -> None:
        until = time.monotonic() + _REST_SECONDS
        self._rests_until.update(dict.fromkeys(replicas, until))


class _Call:
    """One method called of all shards."""

    def __init__(
        self,
        ray: Any,
        shards: Sequence[Sequence[Any]],
        method: str,
        values: Sequence[Sequence[object]],
    ) -> None:
        self._ray = ray
        self._shards = shards
        self._method = method
        self._values = values
        self._waiting: dict[Any, tuple[int, int]] = {}
        self._left: dict[int, list[int]] = {}
        self._answers: dict[int, Any] = {}
        self._errors: dict[int, Exception] = {}
        self.failed: list[tuple[int, int]] = []

    def send(self, shard: int, replicas: list[int]) -> None:
        """Ask the first of the ``replicas``, and keep the others in mind."""
        self._left[shard] = replicas
        self.send_again(shard)

    def send_again(self, shard: int) -> None:
        """Ask the next replica of ``shard``, if there is one that was not asked."""
        if self._left[shard]:
            replica = self._left[shard].pop(0)
            actor = self._shards[shard][replica]
            call = getattr(actor, self._method).remote(*self._values[shard])
            self._waiting[call] = shard, replica

    def wait(self, until: float) -> None:
        """Take in answers until all shards have answered, or that time has come."""
        while self._waiting and (missing := len(self.missing())):
            left = until - time.monotonic()
            if left <= 0:
                return
            ready, _ = self._ray.wait(
                list(self._waiting),
                num_returns=min(missing, len(self._waiting)),
                timeout=min(left, _LOOK_SECONDS),
            )
            for call in ready:
                self._take(call)

    def missing(self) -> list[int]:
        """Return the shards that have not answered."""
        return [shard for shard in range(len(self._shards)) if shard not in self._answers]

    def late(self) -> list[tuple[int, int]]:
        """Return the replicas that are still waited for."""
        return list(self._waiting.values())

    def answers(self) -> list[Any]:
        """Return what each shard has answered.

        Raises:
            CatalogError: one has not.
        """
        for shard in self.missing():
            error = self._errors.get(shard)
            if isinstance(error, CatalogError):
                raise error
            raise CatalogError(
                f"Shard {shard + 1} of {len(self._shards)} does not answer.",
                "Try again; if it stays so, look at the nodes of the Ray cluster.",
            ) from error
        return [self._answers[shard] for shard in range(len(self._shards))]

    def _take(self, call: Any) -> None:
        shard, replica = self._waiting.pop(call)
        try:
            self._answers.setdefault(shard, self._ray.get(call))
        except self._ray.exceptions.RayTaskError as error:
            self._fail(shard, replica, error.cause)
        except self._ray.exceptions.RayError as error:
            self._fail(shard, replica, error)

    def _fail(self, shard: int, replica: int, error: Exception) -> None:
        self.failed.append((shard, replica))
        self._errors[shard] = error
        if shard not in self._answers:
            self.send_again(shard)
