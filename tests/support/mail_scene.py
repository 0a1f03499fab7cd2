"""A mail server on a real socket: keeps what came, and answers as it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "jobferry", "PLANTED-smtp-password"


@dataclass
class MailServer:
    """`answers` are used up one a mail, at the step that they name (`rcpt`, `data`); then mails are taken. While `gate`
    is closed, no mail is answered."""

    port: int = 0
    answers: list[tuple[str, str]] = field(default_factory=list)
    arrived: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def times(self, count: int, seconds: float = 30) -> None:
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(self.arrived) >= count)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answers and self.answers[0][0] == "rcpt":
            return self.answers.pop(0)[1]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = cast(bytes, envelope.content)
        async with self._changed:
            self.arrived.append(message_from_bytes(content, policy=default))
            self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))
            self._changed.notify_all()
        await self.gate.wait()
        if self.answers and self.answers[0][0] == "data":
            return self.answers.pop(0)[1]
        return "250 taken"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        if right:
            self.signed_in.append(USER)
        return AuthResult(success=right, handled=right)


def texts(mail: EmailMessage) -> tuple[str, str]:
    """The plain text and the HTML of a mail."""
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


@asynccontextmanager
async def mail_server(
    *answers: tuple[str, str],
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    sign_in: bool = False,
    takes_letters: bool = True,
    answers_mails: bool = True,
) -> AsyncIterator[MailServer]:
    """`takes_letters`: it offers SMTPUTF8."""
    made = MailServer(answers=list(answers))
    if answers_mails:
        made.gate.set()

    def connected() -> SMTP:
        return SMTP(
            made,
            hostname="mail.test",
            enable_SMTPUTF8=takes_letters,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=made.authenticate if sign_in else None,
            auth_required=sign_in and starttls is not None,
            auth_require_tls=starttls is not None,
        )

    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0, ssl=tls)
    try:
        made.port = server.sockets[0].getsockname()[1]
        yield made
    finally:
        made.gate.set()
        server.close()
        await server.wait_closed()
