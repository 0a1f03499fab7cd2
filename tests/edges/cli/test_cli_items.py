"""Items, completion and doubts on the command line, against both simulated systems and PostgreSQL."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from adapters.sandbox.servicetrade.state import Job
from tests.support.cli_scene import Shell


@pytest.fixture
def job_id(shell: Shell) -> str:
    """A fresh open job with two gauges, a trip charge and hours."""
    state = shell.world.cardinal.state
    known = state.jobs[FIRST_JOB_ID]
    job_id = state.add_job(str(600001 + len(state.jobs)), customer=known.customer, location=known.location)
    for kind, code, quantity in (("part", "GAUGE-300", 2), ("fee", "FEE-TRIP", 1), ("labor", "LAB-REG", 8)):
        state.add_job_item(job_id, code.title(), kind=kind, code=code, quantity=quantity, cost=Decimal("18.40"))
    return job_id


def job(shell: Shell, job_id: str) -> Job:
    return shell.world.cardinal.state.jobs[job_id]


def posted(shell: Shell, job_id: str) -> int:
    company = shell.world.own_spectrum.state.companies["101"]
    number = f"T{job(shell, job_id).number}"
    return sum(line.fields["WO_Number"] == number for line in (*company.material, *company.charges))


def test_a_preview_shows_lines_what_stays_behind_and_the_other_choices(shell: Shell, job_id: str) -> None:
    shell.world.cardinal.state.complete(job_id)
    ended = shell("jobs", "preview", job_id, "--items", "new_only")
    assert ended.code == 0, ended.told
    for words in ("GAUGE-300", "FEE-TRIP", "labor", "difference", "again"):
        assert words in ended.out
    plan = shell("jobs", "preview", job_id, "--items", "new_only", "--json").document()
    assert [line["code"] for line in plan["lines"]] == ["GAUGE-300", "FEE-TRIP"]
    assert posted(shell, job_id) == 0


def test_items_of_an_open_job_are_refused_and_completing_is_offered(shell: Shell, job_id: str) -> None:
    ended = shell("jobs", "send", job_id, "--items", "new_only")
    assert ended.code == 2
    assert "jobs complete" in ended.told
    completing = shell("jobs", "preview", job_id, "--items", "new_only", "--completing")
    assert completing.code == 0
    assert job(shell, job_id).status == "scheduled"


def test_completing_sends_the_job_with_its_items(shell: Shell, job_id: str) -> None:
    ended = shell("jobs", "complete", job_id, "--items", "new_only", "--wait")
    assert ended.code == 0, ended.told
    assert job(shell, job_id).status == "completed"
    assert posted(shell, job_id) == 2
    send = shell("sends", "list", "--json").document()["items"][0]["id"]
    assert "GAUGE-300" in shell("sends", "show", send).out


def test_a_job_that_could_not_be_sent_stays_open_and_the_reason_is_told(shell: Shell, job_id: str) -> None:
    job(shell, job_id).location = None
    ended = shell("jobs", "complete", job_id, "--items", "new_only", "--wait")
    assert ended.code == 1
    assert "stays open" in ended.told
    assert job(shell, job_id).status == "scheduled"


def test_a_second_set_is_made_only_by_name(shell: Shell, job_id: str) -> None:
    shell("jobs", "complete", job_id, "--items", "new_only", "--wait")
    shell("jobs", "send", job_id, "--items", "new_only", "--wait")
    assert posted(shell, job_id) == 2
    again = shell("jobs", "send", job_id, "--items", "again", "--wait")
    assert again.code == 0, again.told
    assert "duplicates" in again.out + again.told
    assert posted(shell, job_id) == 4


def test_a_doubt_is_listed_with_where_to_look_and_ended_by_a_word_that_is_kept(shell: Shell, job_id: str) -> None:
    fault = Fault(FaultKind.APPLY_THEN_DROP, match="/ws/AddWOMaterialCost")
    shell.world.own_spectrum.faults.add(fault)
    sent = shell("jobs", "complete", job_id, "--items", "new_only", "--wait", "--json")
    assert sent.code == 5
    assert sent.document()["state"] == "in_doubt"
    listed = shell("doubts", "list")
    assert "GAUGE-300" in listed.out
    assert f"T{job(shell, job_id).number}" in listed.out
    [doubt] = shell("doubts", "list", "--json").document()["items"]
    line = doubt["line"]["id"]
    early = shell("doubts", "settle", line, "--outcome", "not_posted", "--reason", "I do not see it")
    assert early.code == 1
    assert "too early" in early.told
    settled = shell("doubts", "settle", line, "--outcome", "posted", "--reason", "It is on the work order")
    assert settled.code == 0, settled.told
    assert shell("sends", "retry", sent.document()["id"]).code != 0
    assert shell("jobs", "send", job_id, "--wait").code == 0
    assert posted(shell, job_id) == 2
    assert shell("doubts", "list").told.strip().endswith("No item to check in Spectrum.")
    assert "doubt.settled" in shell("audit", "list").out
    entries = shell("audit", "list", "--json").document()["items"]
    entry = next(one for one in entries if one["action"] == "doubt.settled")
    assert entry["actor"].startswith("cli:")
    assert entry["detail"]["reason"] == "It is on the work order"


def test_a_verdict_about_nothing_is_refused(shell: Shell) -> None:
    ended = shell("doubts", "settle", "lin_none", "--outcome", "posted", "--reason", "x")
    assert ended.code == 1
    assert "doubts list" in ended.told


def test_the_webhook_needs_an_address_under_which_we_are_reached(shell: Shell) -> None:
    assert "off" in shell("tenants", "webhook", "show").told
    ended = shell("tenants", "webhook", "on")
    assert ended.code != 0
    assert "JOBFERRY_PUBLIC_URL" in ended.told


def test_a_connection_with_maintenance_windows(shell: Shell) -> None:
    wrong = shell.add_connection("--maintenance-window", "at night", slug="by-night", system="by_night")
    assert wrong.code != 0
    assert "Write it like daily 02:00-04:30 America/Chicago" in wrong.told
    windows = ["daily 02:00-04:30 America/Chicago", "Sun 22:00-23:59 UTC"]
    options = [part for window in windows for part in ("--maintenance-window", window)]
    added = shell.add_connection(*options, slug="by-night", system="by_night")
    assert added.code == 0, added.told
    assert shell("connections", "show", "by-night", "--json").document()["maintenance_windows"] == windows
    assert windows[1] in shell("connections", "show", "by-night").out


def test_a_connection_for_completed_jobs_shows_its_settings(shell: Shell) -> None:
    added = shell.add_connection(
        "--on-completion",
        "send_with_items",
        "--items-on-resend",
        "difference",
        "--item-kind",
        "other=skip",
        slug="by-itself",
        system="other",
    )
    assert added.code == 0, added.told
    shown = shell("connections", "show", "by-itself", "--json").document()
    assert (shown["on_completion"], shown["items_on_resend"]) == ("send_with_items", "difference")
    assert shown["item_kinds"] | {"other": "skip", "part": "material"} == shown["item_kinds"]
