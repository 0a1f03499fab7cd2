"""The settings of the mail server: what is needed together, and no mail without encryption by accident."""

from __future__ import annotations

import pytest

from adapters.bootstrap.examination import _mail
from adapters.bootstrap.load_settings import load_settings
from adapters.bootstrap.mail import open_mailer
from core.model.shared.check_step import CheckState
from core.model.shared.errors import OperatorMends
from tests.support.mail_scene import mail_server

WHOLE = {"smtp_host": "mail.example.com", "smtp_sender": "Jobferry <jobferry@example.com>"}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"smtp_host": None}, "JOBFERRY_SMTP_HOST"),
        ({"smtp_sender": None}, "JOBFERRY_SMTP_SENDER"),
        ({"smtp_sender": "nobody"}, "smtp_sender"),
        ({"smtp_user": "u"}, "JOBFERRY_SMTP_PASSWORD"),
        ({"smtp_password": "hush"}, "JOBFERRY_SMTP_USER"),
        ({"smtp_security": "none"}, "JOBFERRY_SMTP_SECURITY"),
    ],
)
def test_half_set_settings_are_refused_by_name(changes: dict[str, str | None], named: str) -> None:
    with pytest.raises(OperatorMends) as caught:
        load_settings(WHOLE | changes)
    assert named in [error.pointer for error in caught.value.errors]
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_plain_mails_go_to_this_machine_only_unless_it_is_said(host: str) -> None:
    assert open_mailer(load_settings(WHOLE | {"smtp_host": host, "smtp_security": "none"}))
    assert open_mailer(load_settings(WHOLE | {"smtp_security": "none", "smtp_plaintext_allowed": True}))
    assert open_mailer(load_settings({})) is None


async def test_doctor_says_whether_the_mail_server_works() -> None:
    async with mail_server() as server:
        plain = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none"}
        settings = load_settings(WHOLE | plain | {"public_url": "https://jobferry.example.com"})
        assert (await _mail(settings)).state is CheckState.OK
        signing = load_settings(WHOLE | plain | {"smtp_user": "u", "smtp_password": "hush"})
        found = await _mail(signing)
    assert (found.state, found.code) == (CheckState.FAILED, "MAIL_SERVER_UNUSABLE")
    assert "hush" not in found.detail
    assert (await _mail(settings)).state is CheckState.FAILED
    assert server.arrived == []
