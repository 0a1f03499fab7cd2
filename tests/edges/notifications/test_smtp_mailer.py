"""Mails to a real mail server on a socket: how they look, how they go there, and what its refusals mean."""

from __future__ import annotations

import ssl
from dataclasses import replace
from typing import Any

import pytest
import trustme

from adapters.outbound.smtp.server import Security, SmtpServer, parsed_sender
from adapters.outbound.smtp.smtp_mailer import SmtpMailer
from core.model.notifications.content import Content, Row, Section, plain
from core.model.shared.secret import Secret
from ports.mailer import Mail, Told
from tests.support.mail_scene import PASSWORD, USER, MailServer, mail_server, texts
from tests.support.notification_scene import AT, a_content

UNSUBSCRIBE = "https://jobferry.example.com/unsubscribe/ten_1.rcp_1.abc"
HOSTILE = "</a><script>alert(1)</script>\r\nBcc: eve@example.com\u202e<!channel> [x](https://evil.example)"


def a_mail(**changes: Any) -> Mail:
    fields: dict[str, Any] = {
        "id": "msg_1",
        "to": "office@example.com",
        "about": "Harbor Fire",
        "content": a_content(),
        "at": AT,
        "base": "https://jobferry.example.com",
        "unsubscribe": UNSUBSCRIBE,
    }
    return Mail(**fields | changes)


def mailer_to(server: MailServer, trust: ssl.SSLContext | None = None, **changes: Any) -> SmtpMailer:
    fields: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": Security.NONE,
        "sender": parsed_sender("Jobferry <jobferry@example.com>"),
    }
    return SmtpMailer(SmtpServer(**fields | changes), trust=trust, deadline_seconds=5)


@pytest.fixture
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's side with a certificate for 127.0.0.1, and a client's that trusts it."""
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    return server, client


async def test_a_mail_has_plain_text_and_html_and_the_headers_of_one_click_unsubscribing() -> None:
    async with mail_server() as server:
        delivered = await mailer_to(server).send(a_mail())
    assert (delivered.told, server.envelopes) == (Told.DELIVERED, [("jobferry@example.com", ["office@example.com"])])
    [mail] = server.arrived
    assert mail.get_content_type() == "multipart/alternative"
    assert mail["Subject"] == "2 jobs need attention: Customer without a code"
    assert mail["From"] == "Jobferry <jobferry@example.com>"
    assert mail["Message-ID"] == "<msg_1@example.com>"
    assert mail["Date"].datetime == AT
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = texts(mail)
    for written in (text, html):
        assert "The customer has no code." in written
        assert "https://jobferry.example.com/t/tenant-1/sends/snd_1" in written
        assert UNSUBSCRIBE in written
        assert "Harbor Fire" in written
        assert "and 1 more" in written


async def test_a_repeated_try_has_the_same_message_id_and_date() -> None:
    async with mail_server() as server:
        for _ in range(2):
            await mailer_to(server).send(a_mail())
    first, second = server.arrived
    assert (first["Message-ID"], first["Date"]) == (second["Message-ID"], second["Date"])


async def test_without_a_public_address_a_mail_has_no_links_and_says_where_to_stop_it() -> None:
    async with mail_server() as server:
        await mailer_to(server).send(a_mail(base="", unsubscribe=""))
    [mail] = server.arrived
    assert mail["List-Unsubscribe"] is None
    assert all("http" not in one.replace("http-equiv", "") for one in texts(mail)[:1])
    assert "open Notifications in Jobferry" in texts(mail)[0]


async def test_one_click_is_offered_over_https_only() -> None:
    async with mail_server() as server:
        await mailer_to(server).send(a_mail(unsubscribe="http://localhost:8480/unsubscribe/x"))
    assert server.arrived[0]["List-Unsubscribe"] == "<http://localhost:8480/unsubscribe/x>"
    assert server.arrived[0]["List-Unsubscribe-Post"] is None


async def test_hostile_texts_add_no_header_and_no_markup() -> None:
    rows = (Row(text=plain(HOSTILE), path="/t/a"),)
    content = Content(subject=plain(HOSTILE), lead=(plain(HOSTILE),), sections=(Section(title="Jobs", rows=rows),))
    async with mail_server() as server:
        delivered = await mailer_to(server).send(a_mail(content=content, about=HOSTILE))
    assert delivered.told is Told.DELIVERED
    [mail] = server.arrived
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("</a><script>alert(1)</script> Bcc: eve@example.com")
    assert server.envelopes[0][1] == ["office@example.com"]
    _, html = texts(mail)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("line", ["\r\n", "\n", "\r", "\u2028", "\0", "\x85"])
async def test_no_line_break_reaches_the_subject(line: str) -> None:
    async with mail_server() as server:
        delivered = await mailer_to(server).send(
            a_mail(content=replace(a_content(), subject=f"a{line}Bcc: e@example.com"))
        )
    assert delivered.told is Told.DELIVERED
    assert server.arrived[0]["Bcc"] is None


async def test_addresses_with_other_letters_arrive() -> None:
    async with mail_server() as server:
        delivered = await mailer_to(server).send(a_mail(to="b\u00fcro@m\u00fcnchen.example"))
    assert delivered.told is Told.DELIVERED
    assert server.envelopes[0][1] == ["b\u00fcro@xn--mnchen-3ya.example"]


async def test_a_domain_with_other_letters_needs_nothing_of_the_server() -> None:
    async with mail_server(takes_letters=False) as server:
        delivered = await mailer_to(server).send(a_mail(to="office@m\u00fcnchen.example"))
        refused = await mailer_to(server).send(a_mail(to="b\u00fcro@example.com"))
    assert delivered.told is Told.DELIVERED
    assert refused.told is Told.REFUSED
    assert "addresses with letters such as those of b\u00fcro@example.com" in refused.detail


@pytest.mark.parametrize(
    "to", ["a,b@example.com", "a<b@example.com", 'a"b@example.com', "a@-..example", "a@b@example.com"]
)
async def test_an_address_that_no_mail_can_have_reaches_nobody_else(to: str) -> None:
    async with mail_server() as server:
        delivered = await mailer_to(server).send(a_mail(to=to))
    told = [one for _, addresses in server.envelopes for one in addresses]
    assert len(told) <= 1
    assert delivered.told in (Told.REFUSED, Told.DELIVERED)


async def test_starttls_and_sign_in_work(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    ours, theirs = contexts
    signing = {"security": Security.STARTTLS, "user": USER, "password": Secret(PASSWORD)}
    async with mail_server(starttls=ours, sign_in=True) as server:
        delivered = await mailer_to(server, theirs, **signing).send(a_mail())
        examined = await mailer_to(server, theirs, **signing).examine()
    assert (delivered.told, examined.told) == (Told.DELIVERED, Told.DELIVERED)
    assert server.signed_in == [USER, USER]
    assert len(server.arrived) == 1


async def test_tls_from_the_first_byte_works(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    ours, theirs = contexts
    async with mail_server(tls=ours) as server:
        delivered = await mailer_to(server, theirs, security=Security.TLS).send(a_mail())
    assert delivered.told is Told.DELIVERED


async def test_a_server_without_starttls_gets_no_mail_and_no_password() -> None:
    async with mail_server(sign_in=True) as server:
        mailer = mailer_to(server, security=Security.STARTTLS, user=USER, password=Secret(PASSWORD))
        delivered = await mailer.send(a_mail())
    assert (delivered.told, server.arrived, server.signed_in) == (Told.LATER, [], [])
    assert "does not offer STARTTLS" in delivered.detail


async def test_an_untrusted_certificate_gets_no_mail(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    async with mail_server(starttls=contexts[0]) as server:
        delivered = await mailer_to(server, security=Security.STARTTLS).send(a_mail())
    assert (delivered.told, server.arrived) == (Told.LATER, [])
    assert "certificate" in delivered.detail


async def test_a_wrong_password_is_told_and_shown_nowhere(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    ours, theirs = contexts
    async with mail_server(starttls=ours, sign_in=True) as server:
        mailer = mailer_to(server, theirs, security=Security.STARTTLS, user=USER, password=Secret("WRONG-secret"))
        delivered, examined = await mailer.send(a_mail()), await mailer.examine()
    assert delivered == examined
    assert delivered.told is Told.LATER
    assert "does not accept the user jobferry with the password in JOBFERRY_SMTP_PASSWORD" in delivered.detail
    assert "WRONG-secret" not in delivered.detail


@pytest.mark.parametrize(
    ("step", "answer", "told"),
    [
        ("rcpt", "450 4.2.1 try later", Told.LATER),
        ("rcpt", "550 5.1.1 no such user", Told.REFUSED),
        ("data", "451 4.3.0 try later", Told.LATER),
        ("data", "554 5.7.1 looks like spam", Told.REFUSED),
    ],
)
async def test_4xx_is_tried_again_and_5xx_is_not(step: str, answer: str, told: Told) -> None:
    async with mail_server((step, answer)) as server:
        delivered = await mailer_to(server).send(a_mail())
    assert delivered.told is told
    assert answer[:3] in delivered.detail
    assert answer[10:] in delivered.detail


async def test_a_server_that_is_away_or_silent_is_tried_again() -> None:
    async with mail_server(answers_mails=False) as server:
        mailer = mailer_to(server)
        mailer._deadline = 0.5
        silent = await mailer.send(a_mail())
    away = await mailer.send(a_mail())
    assert (silent.told, away.told) == (Told.LATER, Told.LATER)
    assert away.detail == f"No connection to the mail server 127.0.0.1:{server.port} could be made."
