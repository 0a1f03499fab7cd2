"""Which sends a list shows: every condition that people and programs can set, and the text that they search for."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from core.model.sending.send import Send, SendState
from core.model.shared.errors import BadInput, FieldError

MOST_CUSTOMERS = 50
"""Of so many customers at once a text may find the sends."""
_LONGEST_KEY = 200


def search_key(text: str | None) -> str:
    """The text as it is compared: no matter how letters are written and which blanks are between them. At most 200
    characters; '' for None."""
    return " ".join(unicodedata.normalize("NFKC", text or "").casefold().split())[:_LONGEST_KEY]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFilter:
    """Empty or None: all.

    `batch_id` selects the sends that the batch made and those that joined it. `cause` is the code of `Send.cause`.
    `text` is a whole job number, work order number, or id of a job or a send, or a part of a customer's name
    (unless only `whole` names are wanted). `job_number` is a whole one. `since`
    and `until` say when it was requested: from `since` on, and before `until`.
    """

    states: Collection[SendState] = ()
    connection_id: str | None = None
    job_id: str | None = None
    job_number: str | None = None
    batch_id: str | None = None
    cause: str | None = None
    text: str | None = None
    whole: bool = False
    since: datetime | None = None
    until: datetime | None = None

    @property
    def key(self) -> str:
        """The text as it is compared, '' for none."""
        return search_key(self.text)

    def matches(self, send: Send) -> bool:
        """Whether it has everything but the batch, which only the storage knows."""
        return (
            (not self.states or send.state in self.states)
            and self.connection_id in (None, send.connection_id)
            and self.job_id in (None, send.job_id)
            and (not self.job_number or search_key(self.job_number) == search_key(send.job_number))
            and (not self.cause or (send.cause is not None and send.cause.code == self.cause))
            and (not self.key or self._has_text(send))
            and (self.since is None or send.requested_at >= self.since)
            and (self.until is None or send.requested_at < self.until)
        )

    def _has_text(self, send: Send) -> bool:
        names = (search_key(send.job_number), search_key(send.work_order_number), send.job_id, search_key(send.id))
        return self.key in names or (not self.whole and self.key in search_key(send.customer))


ALL_SENDS = SendFilter()


def too_many_customers() -> BadInput:
    return BadInput(
        f"More than {MOST_CUSTOMERS} customers have this text in their names.",
        code="TOO_MANY_CUSTOMERS",
        fix="Type more of the customer's name.",
        errors=[FieldError("/text", f"is part of more than {MOST_CUSTOMERS} customers' names")],
    )
