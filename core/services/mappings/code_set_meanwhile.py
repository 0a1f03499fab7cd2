"""Somebody else was quicker with a code: theirs is shown, and nothing is overwritten unseen."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.mappings.alias import Alias
from core.model.shared.errors import Conflict
from core.model.shared.moments import moment_words


class CodeSetMeanwhile(Conflict):
    """Somebody else has set another code since the page was shown; nothing was saved. `theirs` are the present ones."""

    default_code = "CODE_SET_MEANWHILE"

    def __init__(self, theirs: Sequence[Alias]) -> None:
        told = "; ".join(
            f"{one.set_by} set {one.code} for {one.entry.name or one.entry.servicetrade_id}, {moment_words(one.set_at)}"
            for one in theirs
        )
        super().__init__(
            f"Somebody changed the code since this page was loaded: {told or 'it was removed'}. Nothing was saved.",
            fix="Look at the present code. If yours is the right one, enter it again.",
        )
        self.theirs = theirs
