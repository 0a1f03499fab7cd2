"""The mail server in the settings, if there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.bootstrap.settings import Settings
from adapters.outbound.smtp.server import PORTS, Security, SmtpServer, parsed_sender
from core.model.shared.errors import OperatorMends
from core.model.shared.secret import Secret

if TYPE_CHECKING:
    from adapters.outbound.smtp.smtp_mailer import SmtpMailer


def open_mailer(settings: Settings) -> SmtpMailer | None:
    """None if no mail server is set. Raises OperatorMends (CONFIGURATION_INVALID)."""
    if settings.smtp_host is None or settings.smtp_sender is None:
        return None
    from adapters.outbound.smtp.smtp_mailer import SmtpMailer  # noqa: PLC0415 - many have no mail server

    security = Security(settings.smtp_security)
    return SmtpMailer(
        SmtpServer(
            host=settings.smtp_host,
            port=settings.smtp_port or PORTS[security],
            security=security,
            user=settings.smtp_user or "",
            password=_password(settings),
            sender=parsed_sender(settings.smtp_sender),
        )
    )


def _password(settings: Settings) -> Secret | None:
    if settings.smtp_password is not None:
        return Secret(settings.smtp_password.get_secret_value())
    if (file := settings.smtp_password_file) is None:
        return None
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(f"{file} cannot be read") from error
    if not text:
        raise _unreadable(f"{file} is empty")
    return Secret(text)


def _unreadable(why: str) -> OperatorMends:
    return OperatorMends(
        f"The password of the mail server is missing: {why}.",
        code="CONFIGURATION_INVALID",
        fix="Write it into the file that JOBFERRY_SMTP_PASSWORD_FILE names, readable for this user.",
    )
