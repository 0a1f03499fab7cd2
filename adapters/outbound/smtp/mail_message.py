"""Writes a mail: plain text and HTML of the same content, and the headers."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.outbound.smtp.server import mailbox
from core.model.notifications.content import plain
from ports.mailer import Mail

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _templates(*, html: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=html,  # noqa: S701 - plain text has no markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def written(mail: Mail, sender: Address) -> EmailMessage:
    """The mail as it is sent; the same for every try. Raises ValueError for an address that no mail can have."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mailbox(mail.to)
    message["Subject"] = plain(mail.content.subject)
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = f"<{mail.id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        if mail.unsubscribe.startswith("https://"):  # RFC 8058 knows no other
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    shown = {"mail": mail, "content": mail.content}
    message.set_content(_templates(html=False).get_template("mail.txt").render(**shown))
    message.add_alternative(_templates(html=True).get_template("mail.html").render(**shown), subtype="html")
    return message
