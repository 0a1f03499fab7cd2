"""Notifications on the command line, against a receiver on a socket."""

from __future__ import annotations

from tests.edges.cli.test_cli_webhook_endpoints import answering
from tests.support.cli_scene import Shell


def test_a_recipient_is_added_changed_tried_and_removed(shell: Shell) -> None:
    assert "no recipient yet" in shell("notifications", "list").told
    with answering(200) as url:
        made = shell("notifications", "add", "teams", "--address-stdin", "--json", stdin=f"{url}\n")
        assert made.code == 0, made.told
        one = made.document()
        assert one["address"] == "127.0.0.1"
        changed = shell(
            "notifications", "change", one["id"], "--kind", "digest", "--digest-hour", "6", "--quiet", "20-5"
        )
        assert changed.code == 0, changed.told
        tried = shell("notifications", "test", one["id"], "--json")
        assert (tried.code, tried.document()["state"]) == (0, "delivered")
    shown = shell("notifications", "show", one["id"])
    assert "20 to 5" in shown.out
    assert "A test from Jobferry" in shown.out
    listed = shell("notifications", "list", "--json").document()["items"]
    assert [(item["kinds"], item["digest_hour"]) for item in listed] == [(["digest"], 6)]
    for text in (made.out, shown.out, str(listed), shell("audit", "list").out):
        assert "/hooks" not in text
    assert shell("notifications", "remove", one["id"]).code == 0
    assert shell("notifications", "remove", one["id"]).code == 1


def test_a_channels_address_is_no_argument(shell: Shell) -> None:
    refused = shell("notifications", "add", "slack", "https://hooks.example.com/secret")
    assert refused.code == 2
    assert "is a secret" in refused.told


def test_without_a_mail_server_a_test_says_so(shell: Shell) -> None:
    made = shell("notifications", "add", "mail", "office@example.com", "--json").document()
    tried = shell("notifications", "test", made["id"])
    assert tried.code == 4
    assert "JOBFERRY_SMTP_HOST" in tried.told
