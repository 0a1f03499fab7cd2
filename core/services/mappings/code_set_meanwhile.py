"""Somebody else was quicker with a code: theirs is shown, and nothing is overwritten unseen."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.mappings.alias import Alias
from core.model.shared.errors import Conflict
from core.model.shared.moments import moment_words


class CodeSetMeanwhile(Conflict):
    """Somebody else has set another code since the page was shown; nothing was saved. `what` says what is there now."""

    default_code = "CODE_SET_MEANWHILE"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"Somebody changed the code since this page was loaded: {what}. Nothing was saved.",
            fix="Look at the present code. If yours is the right one, enter it again.",
        )

    @classmethod
    def by(cls, theirs: Sequence[Alias]) -> CodeSetMeanwhile:
        """The error for these present aliases; none if the alias was removed."""
        told = "; ".join(
            f"{one.set_by} set {one.code} for {one.entry.name or one.entry.servicetrade_id}, {moment_words(one.set_at)}"
            for one in theirs
        )
        return cls(told or "it was removed")
