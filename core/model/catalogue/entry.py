"""An entry of the catalogue: a failure's title, its cause, its fix and who can apply the fix."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.shared.finding import Owner, Retry

SEND_AGAIN = "Send the job again."
BY_ITSELF = "Jobferry tries again by itself, each time after a longer pause. If it gave up, send the job again later."

GAVE_UP = "Jobferry has used up its tries. Send the job again."
"""Instead of BY_ITSELF, once a send has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`cause` is one sentence; `fix` holds the steps in order. `pre`: the preview shows it as a blocker.

    `retry` is about the work order header. A cost line with an unclear answer is never retried automatically.
    """

    code: str
    title: str
    cause: str
    fix: tuple[str, ...]
    owner: Owner
    retry: Retry = Retry.AFTER_FIX
    pre: bool = False
