"""The mail server as the settings name it."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import parseaddr
from enum import StrEnum
from ipaddress import ip_address

from core.model.shared.secret import Secret


class Security(StrEnum):
    """STARTTLS begins plainly and must become encrypted before anything else; TLS is encrypted from the first byte."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """`sender` is the address that mails come from. Without `user` nobody signs in."""

    host: str
    sender: Address
    port: int
    security: Security = Security.STARTTLS
    user: str = ""
    password: Secret | None = None

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"


def parsed_sender(text: str) -> Address:
    """The sender from an address or `Name <address>`. Raises ValueError."""
    name, written = parseaddr(text)
    local, at, domain = written.rpartition("@")
    if not at or not local or not domain or not text.isprintable():
        raise ValueError("must be an address such as jobferry@example.com, or Jobferry <jobferry@example.com>")
    return mailbox(written, name)


def mailbox(written: str, name: str = "") -> Address:
    """An address for a header. The domain is written in ASCII (IDNA); other letters before the @ stay, and need a
    server that takes them. Raises ValueError for an address that no mail can have."""
    local, _, domain = written.rpartition("@")
    try:
        plain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError(f"the domain {domain} is not valid") from error
    return Address(name, local, plain)


def is_loopback(host: str) -> bool:
    """Whether the host is this machine itself, whatever the name service says."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"
