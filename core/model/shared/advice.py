"""Advice that fits its reader and the moment: each step says when it is true, and which right it needs in Jobferry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Door(StrEnum):
    """Who reads the advice, and where: the first four in the console, the others with the names of settings."""

    VIEWER = "viewer"
    OFFICE = "office"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    API = "api"
    COMMAND_LINE = "command_line"


class Outcome(StrEnum):
    """What became of the send, or of what a page or a call was to do."""

    BLOCKED = "blocked"
    """The preview shows that it cannot be sent."""
    NOTED = "noted"
    """The preview shows it, and the send is possible."""
    RETRIES = "retries"
    """Jobferry tries again by itself."""
    GAVE_UP = "gave_up"
    """Jobferry has used up its tries."""
    STOPPED = "stopped"
    """It failed. Only a person can start it again."""
    HELD = "held"
    """It waits with its whole connection or account until somebody resumes that."""
    WARNED = "warned"
    """It was sent, with this warning."""
    REFUSED = "refused"
    """A page or a call could not do its work. Nothing tries it again."""


PROGRAMS = frozenset({Door.API, Door.COMMAND_LINE})
AT_THE_MACHINE = frozenset({Door.COMMAND_LINE})


class Right(StrEnum):
    SEND = "send"
    MANAGE = "manage"
    OPERATE = "operate"


_RIGHTS: Mapping[Door, frozenset[Right]] = {
    Door.VIEWER: frozenset(),
    Door.OFFICE: frozenset({Right.SEND}),
    Door.ADMINISTRATOR: frozenset({Right.SEND, Right.MANAGE}),
    Door.OPERATOR: frozenset(Right),
    Door.API: frozenset({Right.SEND, Right.MANAGE}),
    Door.COMMAND_LINE: frozenset(Right),
}
_WHOM = {
    Right.SEND: "a sender or administrator",
    Right.MANAGE: "a Jobferry administrator",
    Right.OPERATE: "the Jobferry operator",
}
ALWAYS = frozenset(Outcome)


@dataclass(frozen=True, slots=True)
class Step:
    """`do` is an imperative clause without its full stop, such as `send the job again`; or a whole sentence about
    Jobferry, if nobody has to do anything. Who lacks the right that it `needs` is told whom to ask. `first` is what
    stands before it, such as `Or` or `If it is billed,`. `named` is what programs and commands call it. A command or a
    setting of the machine is told `AT_THE_MACHINE` only: a caller of the API cannot type it."""

    do: str
    needs: Right | None = None
    first: str = ""
    only: frozenset[Outcome] = ALWAYS
    named: str = ""
    named_at: frozenset[Door] = PROGRAMS

    def told(self, door: Door) -> str:
        """The step as a sentence for this reader."""
        asks = self.needs is not None and self.needs not in _RIGHTS[door]
        words = f"ask {_WHOM[self.needs]} to {self.do}" if self.needs and asks else self.do
        text = f"{self.first} {words}".strip()
        name = f" ({self.named})" if self.named and door in self.named_at else ""
        return f"{text[:1].upper()}{text[1:]}{name}."


Advice = tuple["str | Step | tuple[Step, ...]", ...]
"""The steps in their order. A text is a step that everybody can take at any moment."""


def told(advice: Advice, outcome: Outcome, door: Door) -> tuple[str, ...]:
    """The steps that are true at this moment, in words for this reader."""
    return tuple(
        one if isinstance(one, str) else one.told(door)
        for one in _flat(advice)
        if isinstance(one, str) or outcome in one.only
    )


def _flat(advice: Advice) -> Iterable[str | Step]:
    for one in advice:
        yield from one if isinstance(one, tuple) else (one,)
