"""Who is told: a person of the console, another e-mail address, or a channel of Teams or Slack."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from urllib.parse import urlsplit

from core.model.notifications.notice import CHOICES, NoticeKind
from core.model.notifications.timetable import is_quiet, next_digest
from core.model.shared.errors import BadInput, FieldError
from core.model.shared.secret import Secret
from core.model.shared.text import composed
from core.model.webhooks.webhook_endpoint import url_trouble

LINK_KEY_BYTES = 32
MOST_REFUSALS = 3
"""After so many refusals in a row, nothing more is sent until somebody starts it again."""
DEFAULT_HOUR = 7
FIRST_DIGEST = timedelta(days=1)
_ADDRESS = re.compile(r"[^@\s()<>\[\]\\,;:\"]{1,64}@[^@\s()<>\[\]\\,;:\"]{1,189}")


class Channel(StrEnum):
    """How somebody is told. Teams and Slack take posts at an address that is a secret."""

    MAIL = "mail"
    """E-mail"""
    TEAMS = "teams"
    """A channel of Microsoft Teams"""
    SLACK = "slack"
    """A channel of Slack"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody chose. Hours are those of the tenant's time zone, 0 to 23; None for no quiet hours."""

    kinds: tuple[NoticeKind, ...] = ()
    digest_hour: int = DEFAULT_HOUR
    quiet_from: int | None = None
    quiet_until: int | None = None

    def __post_init__(self) -> None:
        errors = []
        if NoticeKind.TEST in self.kinds:
            errors.append(FieldError("/kinds", "any of " + ", ".join(CHOICES)))
        if not 0 <= self.digest_hour <= 23:
            errors.append(FieldError("/digest_hour", "an hour from 0 to 23"))
        if (self.quiet_from is None) is not (self.quiet_until is None):
            errors.append(FieldError("/quiet_until", "quiet hours need a beginning and an end"))
        errors += [
            FieldError(f"/{name}", "an hour from 0 to 23")
            for name in ("quiet_from", "quiet_until")
            if getattr(self, name) is not None and not 0 <= getattr(self, name) <= 23
        ]
        if not errors and NoticeKind.DIGEST in self.kinds and self._quiet_at(self.digest_hour):
            errors.append(FieldError("/digest_hour", "an hour outside the quiet hours"))
        if errors:
            fix = "Correct the named fields and save again."
            raise BadInput.of("These notifications cannot be set", errors, code="NOTIFICATION_INVALID", fix=fix)

    def _quiet_at(self, hour: int) -> bool:
        return is_quiet(datetime(2000, 1, 1, hour, tzinfo=UTC), self.quiet_from, self.quiet_until, UTC)


RECOMMENDED = Choice(kinds=(NoticeKind.HELD, NoticeKind.DOUBT, NoticeKind.SECRET, NoticeKind.DIGEST))
"""What a form proposes to somebody who has chosen nothing yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """`address` is an e-mail address, or the host of a secret address. `person_id` is set for a person's own choice.

    `paused_reason` says why nothing is sent any more. `trouble` is why the last try failed, ''
    after a success; `refusals` counts them. The next daily summary is due at `digest_at`, and begins at `digest_from`.
    """

    id: str
    tenant_id: str
    channel: Channel
    address: str
    created_at: datetime
    created_by: str
    person_id: str | None = None
    choice: Choice = Choice()
    paused: bool = False
    paused_reason: str = ""
    trouble: str = ""
    trouble_at: datetime | None = None
    refusals: int = 0
    digest_at: datetime | None = None
    digest_from: datetime | None = None

    def wants(self, kind: NoticeKind) -> bool:
        return not self.paused and kind in self.choice.kinds

    def choosing(self, choice: Choice, zone: tzinfo, now: datetime) -> Recipient:
        """The recipient with another choice. The first summary covers the day before it was chosen."""
        asked = NoticeKind.DIGEST in choice.kinds
        began = self.digest_from if NoticeKind.DIGEST in self.choice.kinds else None
        return replace(
            self,
            choice=choice,
            digest_at=next_digest(now, choice.digest_hour, zone) if asked else None,
            digest_from=(began or now - FIRST_DIGEST) if asked else None,
        )

    def started_again(self) -> Recipient:
        """Without a pause, and with its refusals forgotten."""
        return replace(self, paused=False, paused_reason="", trouble="", trouble_at=None, refusals=0)

    def was_refused(self, why: str, at: datetime) -> Recipient:
        """After one more refusal. The third in a row pauses it."""
        changed = replace(self, trouble=why, trouble_at=at, refusals=self.refusals + 1)
        if changed.refusals >= MOST_REFUSALS and not self.paused:
            reason = f"{changed.refusals} messages in a row were refused: {why}"
            return replace(changed, paused=True, paused_reason=reason)
        return changed


@dataclass(frozen=True, slots=True)
class RecipientSecrets:
    """`link_key` signs the links by which somebody unsubscribes. `url` is the secret address of a channel."""

    link_key: Secret
    url: Secret | None = None


def mail_address(written: str) -> str:
    """An e-mail address as it is stored. Raises BadInput (NOTIFICATION_INVALID)."""
    address = composed(written.strip())
    if not _ADDRESS.fullmatch(address) or not address.isprintable():
        errors = [FieldError("/email", "an e-mail address such as office@example.com")]
        raise BadInput.of("This address cannot be used", errors, code="NOTIFICATION_INVALID", fix="Correct it.")
    return address


def host_of(url: str) -> str:
    """What may be shown of a secret address. Raises BadInput (NOTIFICATION_INVALID) if it is no address at all."""
    if trouble := url_trouble(url):
        errors = [FieldError("/url", trouble)]
        fix = "Copy the whole address of the incoming webhook from Teams or Slack."
        raise BadInput.of("This address cannot be used", errors, code="NOTIFICATION_INVALID", fix=fix)
    return urlsplit(url).hostname or ""


def unsubscribe_token(recipient: Recipient, key: Secret) -> str:
    """The part of a link that unsubscribes this recipient. Nobody can make it without the key."""
    name = f"{recipient.tenant_id}.{recipient.id}"
    return f"{name}.{_signature(name, key)}"


def named_in(token: str) -> tuple[str, str] | None:
    """The tenant and the recipient that a link names, None if it names none. Check it with `signed_by`."""
    parts = token.split(".")
    plain = all(part.isascii() and part.replace("_", "").replace("-", "").isalnum() for part in parts)
    return (parts[0], parts[1]) if len(parts) == 3 and plain and len(token) < 300 else None


def signed_by(token: str, key: Secret) -> bool:
    name, _, signature = token.rpartition(".")
    return hmac.compare_digest(signature.encode(), _signature(name, key).encode())


def _signature(name: str, key: Secret) -> str:
    return hmac.digest(bytes.fromhex(key.reveal()), f"unsubscribe.{name}".encode(), hashlib.sha256).hex()
