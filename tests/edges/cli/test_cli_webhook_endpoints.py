"""Webhook endpoints on the command line, against a receiver on a socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from core.model.webhooks.webhook_endpoint import new_secret, signed_headers
from tests.support.cli_scene import Shell


@contextmanager
def answering(status: int) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hooks"
        server.shutdown()
        thread.join()


def test_an_endpoint_is_added_tried_shown_and_removed(shell: Shell) -> None:
    hooks = "webhook-endpoints"
    assert "no webhook endpoint yet" in shell(hooks, "list").told
    with answering(204) as url:
        plain = shell(hooks, "add", url, "--event", "send.failed", "--description", "Dispatch")
        assert (plain.code, plain.out.startswith("whsec_")) == (0, True), plain.told
        made = shell(hooks, "add", url, "--json").document()
        assert made["secret"].startswith("whsec_")
        tried = shell(hooks, "test", made["id"], "--json")
        assert (tried.code, tried.document()["state"]) == (0, "delivered")
    gone = shell(hooks, "test", made["id"])
    assert gone.code == 4
    assert "did not arrive: No connection could be made: nothing answers there" in gone.told
    listed = shell(hooks, "list", "--json").document()["items"]
    assert [(one["events"], one["description"]) for one in listed] == [(["send.failed"], "Dispatch"), ([], "")]
    table, one = shell(hooks, "list").out, shell(hooks, "show", made["id"])
    assert "send.failed" in table
    assert "endpoint.test" in one.out
    assert "delivered" in one.out
    assert shell(hooks, "show", made["id"], "--json").document()["paused"] is False
    for secret in (made["secret"], plain.out.strip()):
        assert secret not in table + one.out
    assert shell(hooks, "remove", made["id"]).code == 0
    missing = shell(hooks, "remove", made["id"])
    assert missing.code == 1
    assert made["id"] in missing.told


def test_events_are_posted_again_and_what_cannot_be_is_told(shell: Shell) -> None:
    hooks = "webhook-endpoints"
    with answering(204) as url:
        made = shell(hooks, "add", url, "--json").document()
    again = shell(hooks, "redeliver", made["id"], "--since", "2026-03-02T09:00", "--only-failed", "--json")
    assert (again.code, again.document()) == (0, {"deliveries": 0, "paused": False})
    assert "nothing to post again" in shell(hooks, "redeliver", made["id"], "--since", "2026-03-02").told
    unknown = shell(hooks, "redeliver", made["id"], "evt_none")
    assert (unknown.code, "Look in the list of deliveries" in unknown.told) == (1, True)
    for wrong in ((), ("evt_1", "--since", "2026-03-02"), ("evt_1", "--only-failed")):
        refused = shell(hooks, "redeliver", made["id"], *wrong)
        assert refused.code == 2, refused.told


def test_plain_http_outside_the_allowed_networks_is_refused(shell: Shell) -> None:
    refused = shell("webhook-endpoints", "add", "http://127.0.0.1:9/", networks="[]")
    assert refused.code == 2
    assert "JOBFERRY_ALLOWED_NETWORKS" in refused.told


def test_the_receiver_of_the_manual_accepts_ours_and_nothing_else() -> None:
    """The program that docs/webhooks.md gives is run as it stands there."""

    text = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    scope: dict[str, object] = {}
    exec(text.split("```python\n")[1].split("```")[0], scope)
    verify, now = scope["verify"], datetime.now(UTC)
    assert callable(verify)
    ours, other = new_secret(b"k" * 32), new_secret(b"o" * 32)
    headers = signed_headers("evt_1", now, b"{}", [other, ours])
    assert verify(ours.reveal(), headers, b"{}") == verify(other.reveal(), headers, b"{}") == "evt_1"
    old = signed_headers("evt_1", now - timedelta(minutes=6), b"{}", [ours])
    for secret, given, body in (
        (new_secret(b"x" * 32), headers, b"{}"),
        (ours, headers, b"{ }"),
        (ours, headers | {"webhook-id": "evt_2"}, b"{}"),
        (ours, old, b"{}"),
    ):
        with pytest.raises(ValueError):
            verify(secret.reveal(), given, body)
