"""A restored backup on the command line: found before the first drain, told by every command, ended by one."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from adapters.outbound.intent_mark.file_intent_mark import FileIntentMark
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from tests.support.cli_scene import Shell

NAME = "restored backup"


def connection_id(shell: Shell) -> str:
    return str(shell("connections", "show", "north", "--json").document()["id"])


def items_held(shell: Shell) -> bool:
    return shell("connections", "show", "north", "--json").document()["items_hold"] is not None


def examined(shell: Shell) -> dict[str, str]:
    """State and detail of doctor's line."""
    sections = shell("doctor", "--json").document()["sections"]
    [step] = [step for section in sections for step in section["steps"] if step["name"] == NAME]
    return {"state": step["state"], "detail": step["detail"], "fix": " ".join(step["fix"])}


def a_quarter_of_an_hour_passes(shell: Shell) -> None:
    """What was under way when the database was lost has arrived by now, or never will."""
    with psycopg.connect(shell.database_url) as connection:
        connection.execute("ALTER TABLE connections NO FORCE ROW LEVEL SECURITY")
        connection.execute("UPDATE connections SET items_hold = items_hold - 'quiet_until'")
        connection.execute("ALTER TABLE connections FORCE ROW LEVEL SECURITY")


@pytest.fixture
def mark(shell: Shell) -> FileIntentMark:
    return FileIntentMark(shell.folder / "intents")


@pytest.mark.long
def test_from_the_first_drain_to_the_last_word(shell: Shell, mark: FileIntentMark) -> None:
    state = shell.world.cardinal.state
    known = state.jobs[FIRST_JOB_ID]
    job = state.add_job("600001", customer=known.customer, location=known.location, description="Retest.")
    state.complete(job)
    assert "No connection is held for a restored backup." in shell("restore", "show").told
    refused = shell("restore", "acknowledge", "cardinal", "--reason", "compared")
    assert (refused.code, "No connection is held" in refused.told) == (1, True)

    mark.note(connection_id(shell), 4)
    seen = examined(shell)
    assert seen["state"] == "failed"
    assert "north (4)" in seen["detail"]
    assert "Confirm the check" in seen["fix"]
    assert not items_held(shell), "doctor only looks"

    shell("jobs", "send", FIRST_JOB_ID, "--wait")
    assert items_held(shell), "a command that drains compares first"
    assert "No items: " in shell("connections", "list").out
    assert "DATABASE_RESTORED" in shell("connections", "show", "north").out
    assert "Only work orders are sent" in shell("jobs", "send", FIRST_JOB_ID, "--wait").told

    shown = shell("restore", "show", "--tenant", "cardinal")
    assert (shown.code, job in shown.out) == (0, True)
    assert "jobferry restore acknowledge cardinal" in shown.told
    [listed] = shell("restore", "show", "--connection", "north", "--json").document()["items"]
    assert listed["items_hold"]["finding"]["code"] == "DATABASE_RESTORED"
    assert job in [one["job_id"] for one in listed["jobs"]]

    assert shell("restore", "acknowledge", "cardinal").code == 2, "a reason has to be given"
    assert shell("restore", "acknowledge", "cardinal", "--reason", " ").code == 2
    early = shell("restore", "acknowledge", "cardinal", "--reason", "compared")
    assert (early.code, "It is too early to say" in early.told) == (1, True)
    a_quarter_of_an_hour_passes(shell)
    ended = shell("restore", "acknowledge", "cardinal", "--connection", "north", "--reason", "compared")
    assert (ended.code, job in ended.out) == (0, True)
    assert "Items are posted again on the connection north" in ended.told
    assert "restore.acknowledged" in shell("audit", "list").out
    shell("jobs", "send", FIRST_JOB_ID, "--wait")
    assert not items_held(shell), "the next start holds nothing"


def test_a_second_restore_is_acknowledged_for_machines(shell: Shell, mark: FileIntentMark) -> None:
    mark.note(connection_id(shell), 9)
    shell("jobs", "send", FIRST_JOB_ID, "--wait")
    a_quarter_of_an_hour_passes(shell)
    document = shell("restore", "acknowledge", "cardinal", "--reason", "again", "--json").document()
    assert [(one["connection"], one["items_hold"]) for one in document["items"]] == [("north", None)]
    assert document["items"][0]["restored_at"]


def test_a_connection_that_the_database_does_not_have_is_named(shell: Shell, mark: FileIntentMark) -> None:
    mark.note("con_of_another_time", 3)
    seen = examined(shell)
    assert seen["state"] == "unknown"
    assert "con_of_another_time" in seen["detail"]
    mark.forget("con_of_another_time")
    assert examined(shell)["state"] == "ok"


def test_a_mark_that_cannot_be_read_stops_who_would_send(shell: Shell) -> None:
    damaged: Path = shell.folder / "intents" / "con_damaged"
    damaged.parent.mkdir(exist_ok=True)
    before = shell("sends", "list", "--json").document()["items"]
    damaged.write_text("7\n")
    try:
        assert examined(shell)["state"] == "failed"
        ended = shell("jobs", "send", FIRST_JOB_ID, "--wait")
        assert ended.code == 3
        assert "con_damaged" in ended.told
        assert shell("sends", "list", "--json").document()["items"] == before, "at once, before anything is stored"
        assert shell("sends", "list").code == 0, "who only looks is not stopped"
    finally:
        damaged.unlink()
