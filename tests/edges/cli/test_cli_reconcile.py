"""`jobferry reconcile`, against both simulated systems and PostgreSQL."""

from __future__ import annotations

import csv
import io
import time
from datetime import datetime, timedelta

from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from core.model.shared.time_zone import zone_of
from tests.support.cli_scene import Shell


def completed(shell: Shell) -> str:
    """Completed a minute ago: the second that has begun is left out."""
    state = shell.world.cardinal.state
    known = state.jobs[FIRST_JOB_ID]
    job_id = state.add_job(str(600001 + len(state.jobs)), customer=known.customer, location=known.location)
    state.add_job_item(job_id, "Gauge", kind="part", code="GAUGE-300", quantity=2)
    state.complete(job_id)
    state.jobs[job_id].completed_on = int(time.time()) - 60
    return job_id


def test_what_is_not_accounted_for_is_shown_and_told_by_the_exit_code(shell: Shell) -> None:
    never, sent = completed(shell), completed(shell)
    assert shell("jobs", "send", sent, "--items", "new_only", "--wait").code == 0
    today = datetime.now(zone_of(shell("tenants", "show", "cardinal", "--json").document()["time_zone"])).date()
    days = ("--from", (today - timedelta(days=1)).isoformat(), "--to", today.isoformat())
    ended = shell("reconcile", "run", *days)
    assert ended.code == 5, ended.told
    assert "not accounted for" in ended.told
    assert "It was never sent." in ended.out
    [run] = shell("reconcile", "list", "--json").document()["items"]
    assert run["state"] == "whole"
    shown = shell("reconcile", "show", run["id"], "--json").document()
    assert shown["kinds"]["missing"] >= 1
    listed = shell("reconcile", "jobs", run["id"], "--kind", "missing", "--json").document()["items"]
    assert never in [one["job_id"] for one in listed]
    assert sent not in [one["job_id"] for one in listed]
    rows = list(csv.DictReader(io.StringIO(shell("reconcile", "jobs", run["id"], "--kind", "all", "--csv").out)))
    kinds = {row["job_id"]: row["kind"] for row in rows}
    assert (kinds[never], kinds[sent]) == ("missing", "accounted")
    assert next(row for row in rows if row["job_id"] == sent)["posted_quantity"] == "2"


def test_odd_days_and_kinds_are_usage_errors(shell: Shell) -> None:
    assert shell("reconcile", "run", "--from", "2999-01-01").code == 2
    assert shell("reconcile", "jobs", "rec_none", "--kind", "none").code == 2
    assert shell("reconcile", "show", "rec_none").code == 1
