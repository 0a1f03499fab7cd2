"""Sends a mail over a connection of its own. What the server refuses is told apart: this mail, or all mails."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiosmtplib
from aiosmtplib import SMTP, SMTPResponseException

from adapters.net.trust import certificate_problem, tls_context
from adapters.outbound.smtp.mail_message import written
from adapters.outbound.smtp.server import Security, SmtpServer
from core.model.notifications.content import plain
from ports.mailer import Delivered, Mail, Mailer, Told

DEADLINE_SECONDS = 30.0
_LONGEST_ANSWER = 200


class _ServerTrouble(Exception):
    """No mail can be sent at present. The text says why."""


class SmtpMailer(Mailer):
    def __init__(
        self, server: SmtpServer, *, trust: ssl.SSLContext | None = None, deadline_seconds: float = DEADLINE_SECONDS
    ) -> None:
        """`trust` says which certificates are trusted, None for those that the system trusts."""
        self._server = server
        self._trust = trust or tls_context(None)
        self._deadline = deadline_seconds

    async def send(self, mail: Mail) -> Delivered:
        try:
            message = written(mail, self._server.sender)
        except ValueError as error:
            return Delivered(Told.REFUSED, f"No mail can be sent to {plain(mail.to, 100)}: {plain(str(error), 100)}.")
        try:
            async with asyncio.timeout(self._deadline), self._connected() as smtp:
                await smtp.send_message(message)
        except _ServerTrouble as trouble:
            return Delivered(Told.LATER, str(trouble))
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return self._refused(f"refused {mail.to}", refused.recipients[0])
        except aiosmtplib.SMTPDataError as refused:
            return self._refused("refused the mail", refused)
        except aiosmtplib.SMTPNotSupported:
            why = (
                f"The mail server {self._server.name} cannot send to addresses with letters such as those of {mail.to}."
            )
            return Delivered(Told.REFUSED, why)
        except aiosmtplib.SMTPSenderRefused as refused:
            return Delivered(Told.LATER, self._said(f"refused the sender {self._server.sender.addr_spec}", refused))
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            return Delivered(Told.LATER, self._unclear(error))
        return Delivered(Told.DELIVERED, f"The mail server {self._server.name} took the mail.")

    async def examine(self) -> Delivered:
        try:
            async with asyncio.timeout(self._deadline), self._connected() as smtp:
                await smtp.noop()
        except _ServerTrouble as trouble:
            return Delivered(Told.LATER, str(trouble))
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            return Delivered(Told.LATER, self._unclear(error))
        signed = f" and accepts the user {self._server.user}" if self._server.user else ""
        return Delivered(Told.DELIVERED, f"{self._server.name} answers{signed}")

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[SMTP]:
        """A connection on which mails can be sent. Raises _ServerTrouble."""
        server = self._server
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            tls_context=None if server.security is Security.NONE else self._trust,
            local_hostname=socket.gethostname(),
            timeout=self._deadline,
        )
        try:
            await self._open(smtp)
            yield smtp
        finally:
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await smtp.quit()
            smtp.close()

    async def _open(self, smtp: SMTP) -> None:
        server = self._server
        try:
            await smtp.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _ServerTrouble(self._not_connected(error)) from error
        if not server.user:
            return
        password = server.password.reveal() if server.password else ""
        try:
            await smtp.login(server.user, password)
        except aiosmtplib.SMTPAuthenticationError as error:
            if error.code >= 500:
                why = f"does not accept the user {server.user} with the password in JOBFERRY_SMTP_PASSWORD"
                raise _ServerTrouble(self._said(why, error)) from error
            raise _ServerTrouble(self._said("does not sign in anybody at the moment", error)) from error
        except aiosmtplib.SMTPException as error:
            raise _ServerTrouble(
                f"The mail server {server.name} offers no sign-in that Jobferry knows. "
                "If it needs none, remove JOBFERRY_SMTP_USER."
            ) from error

    def _not_connected(self, error: Exception) -> str:
        name, cause = self._server.name, error.__cause__ or error.__context__ or error
        for one in (error, cause):
            if isinstance(one, ssl.SSLCertVerificationError):
                return f"The certificate of the mail server {name} {certificate_problem(one)}."
            if isinstance(one, ssl.SSLError):
                return f"No encrypted connection to the mail server {name} could be made. Check JOBFERRY_SMTP_SECURITY."
            if isinstance(one, socket.gaierror):
                return f"The name service (DNS) does not know the mail server {self._server.host}."
        if isinstance(error, SMTPResponseException):
            return self._said("does not talk to Jobferry", error)
        if "STARTTLS" in str(error).upper():
            return (
                f"The mail server {name} does not offer STARTTLS. Check JOBFERRY_SMTP_PORT and JOBFERRY_SMTP_SECURITY."
            )
        return f"No connection to the mail server {name} could be made."

    def _refused(self, what: str, refused: SMTPResponseException) -> Delivered:
        """4xx is tried again, 5xx is not."""
        return Delivered(Told.REFUSED if refused.code >= 500 else Told.LATER, self._said(what, refused))

    def _unclear(self, error: Exception) -> str:
        if isinstance(error, SMTPResponseException):
            return self._said("did not take the mail", error)
        return f"The connection to the mail server {self._server.name} broke, or it did not answer in time."

    def _said(self, what: str, answer: SMTPResponseException) -> str:
        """What the server did, with its own words: in one line, cut, and without the password."""
        words = answer.message
        if self._server.password:
            words = words.replace(self._server.password.reveal(), "***")
        return f"The mail server {self._server.name} {what}: {answer.code} {plain(words, _LONGEST_ANSWER)}"
