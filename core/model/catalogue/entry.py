"""One failure as the catalogue knows it: what it is called, why it happens, how to mend it and who can."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.shared.finding import Owner, Retry

SEND_AGAIN = "Send the job again."
BY_ITSELF = "Jobferry tries again by itself, with growing pauses; if it has given up, send the job again later."


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`cause` is one sentence, `fix` are steps in order. `pre`: the preview shows it as a blocker, nothing is sent.

    `retry` speaks of the work order itself; a cost line with an unclear answer is never repeated by itself.
    """

    code: str
    title: str
    cause: str
    fix: tuple[str, ...]
    owner: Owner
    retry: Retry
    pre: bool = False
