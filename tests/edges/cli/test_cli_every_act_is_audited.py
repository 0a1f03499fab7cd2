"""Every command that changes something leaves an entry in the audit, of its tenant or of the operators."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from adapters.bootstrap.app import jobferry
from adapters.inbound.cli.deferred import Deferred
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from tests.support.cli_scene import Shell

READS = """
openapi, doctor, jobs preview, sends list, sends count, sends show, sends attempts, doubts list, doubts annotations,
restore show, warnings list, tenants list, tenants show, connections readiness, connections list, connections show,
keys list, people list, aliases list, aliases history, aliases export, webhook-endpoints list, webhook-endpoints show,
plugins list, plugins show, plugins rehearse, plugins new, plugins check, audit list, backup,
notifications list, notifications show, reconcile list, reconcile show, reconcile jobs,
codes search, codes lists, suggestions list, creations preview, creations list, creations show
"""
STARTS = """
demo, init, serve, worker, sandbox servicetrade, sandbox spectrum
"""
"""They start programs; `init` makes a key, which is an act of its own."""
ELSEWHERE = """
restore hold, restore file, restore acknowledge, connections rotate-secret, jobs items-stand, webhook-endpoints test,
tenants webhook, notifications test, suggestions confirm, creations create, creations cancel,
creations settle, creations keep-code, doubts settle-annotation
"""
"""These need another scene: tests of the same use cases over the API, of restores, test_cli_creation_acts and
test_cli_annotations see their entries."""


def all_commands() -> Iterator[str]:
    def of(group: object, *path: str) -> Iterator[str]:
        below = getattr(group, "commands", {})
        if path and not below:
            yield " ".join(path)
        for name, command in below.items():
            yield from of(command.load() if isinstance(command, Deferred) else command, *path, name)

    return of(get_command(jobferry()))


def named(text: str) -> set[str]:
    return {one.strip() for one in text.replace("\n", " ").split(",")}


def fresh_job(shell: Shell) -> str:
    state = shell.world.cardinal.state
    known = state.jobs[FIRST_JOB_ID]
    job = state.add_job(str(700001 + len(state.jobs)), customer=known.customer, location=known.location)
    state.add_job_item(job, "Gauge", kind="part", code="GAUGE-300", quantity=2)
    return job


def told(shell: Shell, *options: str) -> set[tuple[str, str]]:
    """Who did what: `cli` and the action, for whoever is at the machine."""
    listed = shell("audit", "list", *options, "--json").document()["items"]
    return {(one["actor"].partition(":")[0], one["action"]) for one in listed}


@pytest.mark.long
def test_whoever_runs_a_command_that_changes_something_is_in_the_audit(  # noqa: PLR0915 - one act after the other
    shell: Shell, tmp_path: Path
) -> None:
    run: dict[str, str] = {}

    def act(*words: str, says: str, stdin: str | None = None, code: int = 0) -> str:
        """Run the command of the first two words, and note the action that the audit must name."""
        ended = shell(*words, stdin=stdin)
        assert ended.code == code, (words, ended.told)
        run[" ".join(words[:2])] = says
        return ended.out

    def made(*words: str, says: str) -> str:
        document = shell(*words, "--json").document()
        run[" ".join(words[:2])] = says
        return str(document["id"])

    act("people", "add", "bob@x.com", "--name", "Bob", "--role", "sender", "--tenant", "cardinal", says="person.added")
    act("people", "role", "bob@x.com", "viewer", "--tenant", "cardinal", says="person.role_changed")
    act("people", "link", "bob@x.com", "--tenant", "cardinal", says="person.link_made")
    act(
        "people",
        "password",
        "bob@x.com",
        "--tenant",
        "cardinal",
        "--password-stdin",
        stdin="four words are enough\n",
        says="person.password_set",
    )
    act("people", "remove", "bob@x.com", "--tenant", "cardinal", says="person.removed")
    key = made("keys", "create", "k", "--tenant", "cardinal", "--scope", "read", says="key.created")
    act("keys", "rotate", key, "--tenant", "cardinal", says="key.rotated")
    act("keys", "revoke", key, "--tenant", "cardinal", says="key.revoked")
    act("tenants", "set", "cardinal", "--time-zone", "America/Chicago", says="tenant.changed")
    act("tenants", "export", "cardinal", str(tmp_path / "all.jsonl"), says="tenant.exported")
    act("tenants", "pause", "cardinal", says="tenant.paused")
    act("tenants", "resume", "cardinal", says="tenant.resumed")
    act("connections", "test", "north", says="connection.tested")
    assert shell("codes", "refresh").code == 0  # the reading that began with the test; it is not begun again
    act("codes", "refresh", says="codes.refresh_requested")
    waiting = fresh_job(shell)
    act("connections", "pause", "north", says="connection.paused")
    sent = shell("jobs", "send", waiting, "--json").document()
    run["jobs send"] = "send.requested"
    act("sends", "cancel", str(sent["id"]), says="send.cancelled")
    act("connections", "resume", "north", says="connection.resumed")
    lost = fresh_job(shell)
    shell.world.cardinal.state.jobs[lost].location = None
    failed = shell("jobs", "send", lost, "--wait", "--json").document()
    act("sends", "retry", str(failed["id"]), says="send.retried")
    shell.world.own_spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/ws/AddWOMaterialCost"))
    act("jobs", "complete", fresh_job(shell), "--items", "new_only", "--wait", says="send.requested", code=5)
    [doubt] = shell("doubts", "list", "--json").document()["items"]
    act("doubts", "settle", doubt["line"]["id"], "--outcome", "posted", "--reason", "Seen", says="doubt.settled")
    act("aliases", "set", "customer", "77", "HARVIEW", says="alias.set")
    [alias] = shell("aliases", "list", "--json").document()["items"]
    act("aliases", "remove", alias["id"], says="alias.removed")
    file = tmp_path / "aliases.csv"
    file.write_text("kind,servicetrade_id,name,code\ncustomer,78,New,HARVIEW\n", encoding="utf-8")
    act("aliases", "import", str(file), says="aliases.imported")
    act("suggestions", "find", "--no-wait", says="suggestions.searched")
    sites = tmp_path / "sites.csv"
    sites.write_text("code,name\nX-1,North\n", encoding="utf-8")
    act("codes", "import", "site", str(sites), says="codes.imported")
    act("plugins", "use", "po_required", "--connection", "north", says="connection.changed")
    act("plugins", "drop", "po_required", "--connection", "north", says="connection.changed")
    act("plugins", "defaults", "po_required", "--config", "{}", says="tenant.changed")
    endpoint = made("webhook-endpoints", "add", "https://example.com/hook", says="webhook_endpoint.added")
    act("webhook-endpoints", "redeliver", endpoint, "--since", "2026-01-01", says="webhook_endpoint.redelivered")
    act("webhook-endpoints", "remove", endpoint, says="webhook_endpoint.removed")
    recipient = made("notifications", "add", "mail", "office@example.com", says="recipient.added")
    act("notifications", "change", recipient, "--pause", says="recipient.changed")
    act("reconcile", "run", "--from", "2026-11-01", "--no-wait", says="reconciliation.started")
    act("notifications", "remove", recipient, says="recipient.removed")
    act("secrets", "rotate", says="encryption_key.rotated")
    seen = told(shell, "--limit", "200")
    shell("jobs", "send", fresh_job(shell), "--wait")  # so that no send waits
    shell("connections", "remove", "north", "--yes")
    ended = shell("tenants", "remove", "cardinal", "--yes")
    run |= {"tenants add": "tenant.added", "tenants remove": "tenant.removed"}
    seen |= told(shell, "--operators")
    lacking = {command for command, says in run.items() if ("cli", says) not in seen}
    assert lacking == set(), ended.told
    left_out = {"connections add", "connections remove"}  # their entries go with the tenant
    assert set(run) | left_out == set(all_commands()) - named(READS) - named(STARTS) - named(ELSEWHERE)


def test_the_commands_that_are_left_out_exist() -> None:
    assert named(READS) | named(STARTS) | named(ELSEWHERE) <= set(all_commands())
