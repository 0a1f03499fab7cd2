"""Notifications in the console: one's own choice, the tenant's recipients, and the link that ends mails."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.model.access.person import Role
from core.model.notifications.notice import NoticeKind
from core.services.notifications.send_test_message import MOST_TESTS
from ports.mailer import Delivered, Told
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import UNMAPPED, Scene, api

HOME = "/t/cardinal"
PAGE = f"{HOME}/notifications"
HOOK = "https://hooks.example.com/services/PLANTED-secret-path"
HOSTILE = "<script>alert('x')</script>"
REFUSED = Delivered(Told.REFUSED, "The mail server refused ann@example.com: 550 <b>no such user</b>")


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def tenant_id(scene: Scene) -> str:
    return (await scene.use_cases.find_tenant("cardinal")).id


async def chosen(scene: Scene, browser: Browser) -> None:
    """Ann is told of failed jobs at once, and nothing else."""
    await browser.open(PAGE)
    await browser.press("Save", **{"kind.send_failed": "on"})


async def told(scene: Scene) -> list[str]:
    """The subjects of all mails, after the worker told what is due."""
    scene.clock.advance(400)
    tenant = await tenant_id(scene)
    for recipient_id in list(scene.transactions.rows.recipients):
        await scene.tell_recipient(tenant, recipient_id)
    return [one.content.subject for one in scene.mailer.sent]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SENDER, Role.ADMINISTRATOR])
async def test_everybody_chooses_for_themselves_and_gets_a_mail_of_a_failed_job(scene: Scene, role: Role) -> None:
    browser = await somebody(scene, role)
    await browser.open(PAGE)
    assert "You get no mails yet" in browser.said
    await chosen(scene, browser)
    assert "Your choice is saved." in browser.said
    await scene.send(UNMAPPED)
    await scene.work()
    assert any("needs attention" in one for one in await told(scene))
    assert {one.to for one in scene.mailer.sent} == {"ann@example.com"}
    await browser.open(PAGE)
    assert "needs attention" in browser.said


async def test_without_a_choice_nobody_is_told(scene: Scene) -> None:
    await (await somebody(scene)).open(PAGE)
    await scene.send(UNMAPPED)
    await scene.work()
    assert await told(scene) == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SENDER])
async def test_the_tenants_recipients_are_for_administrators(scene: Scene, role: Role) -> None:
    browser = await somebody(scene, role)
    await browser.open(PAGE)
    assert "Add an address or a channel" not in browser.said
    added = {"channel": "mail", "address": "office@example.com"}
    answer = await scene.call("POST", f"/v1{HOME.replace('/t/', '/tenants/')}/notification-recipients", added)
    assert (await browser.open(f"{PAGE}/{answer.body['id']}")).status == 403


async def test_a_test_to_oneself_says_what_became_of_it(scene: Scene) -> None:
    browser = await somebody(scene)
    await chosen(scene, browser)
    await browser.press("Send a test to you")
    assert "The test was sent." in browser.said
    assert scene.mailer.sent[0].content.subject == "A test from Jobferry"
    await browser.press("Send a test to you")
    assert "A test was sent less than a minute ago." in browser.said
    scene.clock.advance(61)
    scene.mailer.answers = [REFUSED]
    await browser.open(PAGE)
    await browser.press("Send a test to you")
    assert "The test was not sent." in browser.said
    assert "550 <b>no such user</b>" in browser.said, "as text"
    assert "<b>no such user</b>" not in browser.text


async def test_a_channels_address_is_shown_nowhere(scene: Scene) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR)
    await browser.open(PAGE)
    await browser.press("Add", channel="slack", address=HOOK)
    assert "Added." in browser.said
    shown = browser.text
    for page in (PAGE, browser.address, f"{HOME}/audit"):
        shown += (await browser.open(page)).text
    shown += (await scene.call("GET", "/v1/tenants/cardinal/notification-recipients")).text
    shown += (await scene.call("GET", "/v1/tenants/cardinal/audit")).text
    assert "hooks.example.com" in shown
    assert "PLANTED" not in shown
    [one] = scene.transactions.rows.recipients.values()
    assert "PLANTED" not in repr(one)


async def test_a_refused_form_keeps_what_was_typed(scene: Scene) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR)
    await browser.open(PAGE)
    await browser.press("Add", channel="mail", address=HOSTILE)
    assert browser.status == 422
    assert "Nothing was saved." in browser.said
    assert HOSTILE not in browser.text
    await browser.open(PAGE)
    await browser.press("Save", quiet_from="6", quiet_until="8", digest_hour="7", **{"kind.digest": "on"})
    assert browser.status == 422
    assert "an hour outside the quiet hours" in browser.said
    assert browser.page.xpath("//select[@id='own-from']/option[@selected]/@value") == ["6"]
    assert scene.transactions.rows.recipients == {}


async def test_an_administrator_changes_stops_starts_and_removes_a_recipient(scene: Scene) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR)
    await browser.open(PAGE)
    await browser.press("Add", channel="mail", address="office@example.com")
    await browser.press("Save", digest_hour="6", **{"kind.digest": "on"})
    assert "Saved." in browser.said
    await browser.press("Stop")
    assert "Nothing is sent." in browser.said
    await browser.press("Start again")
    assert "Started again." in browser.said
    await browser.press("Send a test")
    assert scene.mailer.sent[0].to == "office@example.com"
    await browser.press("Remove office@example.com")
    assert "What waits for it is not told" in browser.said
    await browser.press("Remove")
    assert "The recipient is removed." in browser.said
    assert scene.transactions.rows.recipients == {}
    actions = [entry.action for _, entry in scene.transactions.rows.audit if entry.action.startswith("recipient")]
    assert actions == ["recipient.added", *["recipient.changed"] * 3, "recipient.tested", "recipient.removed"]


async def test_an_operator_has_no_own_choice_but_sees_the_tenants_recipients(scene: Scene) -> None:
    operator = await somebody(scene, Role.OPERATOR, "ops@example.com")
    await operator.open(PAGE)
    assert operator.status == 200
    assert "Mails to you" not in operator.said
    assert "Add an address or a channel" in operator.said


async def test_the_operator_sees_whether_the_mail_server_works(scene: Scene) -> None:
    operator = await somebody(scene, Role.OPERATOR, "ops@example.com")
    await operator.open(operator.link("Mail"))
    assert "mail.example.com:587 answers" in operator.said
    scene.mailer.answers = [Delivered(Told.LATER, "does not accept the user jobferry")]
    await operator.open("/operator/mail")
    assert "No mail can be sent. does not accept the user jobferry" in operator.said


async def link_of(scene: Scene) -> str:
    """The link that ends the mails, from a mail, as a path."""
    address = scene.mailer.sent[-1].unsubscribe
    assert address.startswith("https://jobferry.example.com/unsubscribe/")
    return address.removeprefix("https://jobferry.example.com")


async def test_the_link_ends_the_mails_without_sign_in_and_changes_nothing_when_it_is_opened(scene: Scene) -> None:
    browser = await somebody(scene)
    await chosen(scene, browser)
    await browser.press("Send a test to you")
    link, nobody = await link_of(scene), Browser(scene)
    await nobody.open(link)
    async with scene.http.head(scene.url + link) as answer:
        assert answer.status == 200
    [one] = scene.transactions.rows.recipients.values()
    assert not one.recipient.paused
    await nobody.press("Stop these mails")
    assert "No more mails" in nobody.said
    await scene.send(UNMAPPED)
    await scene.work()
    assert await told(scene) == ["A test from Jobferry"]
    await browser.open(PAGE)
    assert "Unsubscribed by the link in a mail." in browser.said
    await browser.press("Save and start again")
    [one] = scene.transactions.rows.recipients.values()
    assert not one.recipient.paused


async def test_a_mail_program_unsubscribes_with_one_click(scene: Scene) -> None:
    """As RFC 8058 says: a POST without cookies, from anywhere, with this body; also twice."""
    browser = await somebody(scene)
    await chosen(scene, browser)
    await browser.press("Send a test to you")
    link = await link_of(scene)
    for _ in range(2):
        body = {"List-Unsubscribe": "One-Click"}
        async with scene.http.post(scene.url + link, data=body, headers={"Origin": "https://mail.example"}) as answer:
            assert answer.status == 200
    [one] = scene.transactions.rows.recipients.values()
    assert one.recipient.paused


async def test_no_other_link_ends_anybodys_mails(scene: Scene) -> None:
    browser = await somebody(scene)
    await chosen(scene, browser)
    await browser.press("Send a test to you")
    link = await link_of(scene)
    _, _, token = link.rpartition("/")
    tenant, recipient, signature = token.split(".")
    others = [
        f"{tenant}.{recipient}.{'0' * len(signature)}",
        f"{tenant}.rcp_other.{signature}",
        f"ten_other.{recipient}.{signature}",
        f"{tenant}.{recipient}.",
        f"{tenant}.{recipient}",
        "x",
        "%00.%00.%00",
        "a" * 400,
        f"{token}x",
    ]
    for other in others:
        for method in ("GET", "POST"):
            async with scene.http.request(method, f"{scene.url}/unsubscribe/{other}") as answer:
                assert answer.status == 404, other
    [one] = scene.transactions.rows.recipients.values()
    assert not one.recipient.paused


async def test_a_link_in_a_mail_to_a_former_address_ends_nothing_and_shows_nothing(scene: Scene) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR)
    await browser.open(PAGE)
    await browser.press("Add", channel="mail", address="former@example.com")
    recipient = browser.address.partition("?")[0]
    await browser.press("Send a test")
    former = await link_of(scene)
    await browser.press("Save", address="former@example.com")
    assert (await Browser(scene).open(former)).status == 200, "the address is the same"
    await browser.press("Save", address="present@example.com")
    assert "Saved." in browser.said
    nobody = await Browser(scene).open(former)
    assert (nobody.status, "present@example.com" in nobody.text) == (404, False)
    async with scene.http.post(scene.url + former) as answer:
        assert answer.status == 404
    assert "Nothing is sent." not in (await browser.open(recipient)).said
    scene.clock.advance(61)
    await browser.press("Send a test")
    assert (await Browser(scene).open(await link_of(scene))).status == 200


async def test_an_address_is_not_changed_to_one_that_is_told_already(scene: Scene) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR)
    for address in ("one@example.com", "two@example.com"):
        await browser.open(PAGE)
        await browser.press("Add", channel="mail", address=address)
    await browser.press("Save", address="ONE@example.com")
    assert browser.status == 409
    assert "ONE@example.com is a recipient already." in browser.said


async def test_nobody_makes_the_mail_server_send_test_after_test(scene: Scene) -> None:
    """Also not by adding one address after the other."""
    browser = await somebody(scene, Role.ADMINISTRATOR)
    for number in range(MOST_TESTS + 1):
        await browser.open(PAGE)
        await browser.press("Add", channel="mail", address=f"stranger{number}@example.com")
        await browser.press("Send a test")
        said = browser.said
        await browser.press(f"Remove stranger{number}@example.com")
        await browser.press("Remove")
    assert "tests were sent in the last hour" in said
    assert len(scene.mailer.sent) == MOST_TESTS
    scene.clock.advance(3601)
    await browser.open(PAGE)
    await browser.press("Add", channel="mail", address="office@example.com")
    await browser.press("Send a test")
    assert len(scene.mailer.sent) == MOST_TESTS + 1


async def test_the_audit_can_be_narrowed_to_notifications(scene: Scene) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR)
    await browser.open(PAGE)
    await browser.press("Add", channel="mail", address="office@example.com")
    await browser.open(f"{HOME}/audit?action=recipient")
    assert browser.page.xpath("//select[@name='action']/option[@selected]/text()") == ["Notifications"]


async def test_a_removed_person_gets_no_mails(scene: Scene) -> None:
    browser = await somebody(scene)
    await chosen(scene, browser)
    administrator = await somebody(scene, Role.ADMINISTRATOR, "ada@example.com")
    await administrator.open(f"{HOME}/people")
    await administrator.press("Remove Ann")
    await administrator.press("Remove")
    assert scene.transactions.rows.recipients == {}


async def test_the_api_does_not_show_what_people_chose_for_themselves(scene: Scene) -> None:
    browser = await somebody(scene)
    await chosen(scene, browser)
    [own] = scene.transactions.rows.recipients
    base = "/v1/tenants/cardinal/notification-recipients"
    assert (await scene.call("GET", base)).body["items"] == []
    for method, path in (("GET", own), ("DELETE", own), ("POST", f"{own}/test"), ("GET", f"{own}/messages")):
        assert (await scene.call(method, f"{base}/{path}")).status == 404
    assert NoticeKind.FAILED in scene.transactions.rows.recipients[own].recipient.choice.kinds
