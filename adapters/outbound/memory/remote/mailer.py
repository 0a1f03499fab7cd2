"""A mail server in memory with answers set by the test."""

from __future__ import annotations

from dataclasses import dataclass, field

from ports.mailer import Delivered, Mail, Mailer, Told


@dataclass
class MemoryMailer(Mailer):
    """Each try uses one of `answers`, and succeeds after the last one."""

    answers: list[Delivered] = field(default_factory=list)
    sent: list[Mail] = field(default_factory=list)

    async def send(self, mail: Mail) -> Delivered:
        self.sent.append(mail)
        return self.answers.pop(0) if self.answers else Delivered(Told.DELIVERED, "The mail server took the mail.")

    async def examine(self) -> Delivered:
        return self.answers.pop(0) if self.answers else Delivered(Told.DELIVERED, "mail.example.com:587 answers")
