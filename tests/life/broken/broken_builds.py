"""Our own code broken on purpose, one rule at a time: each build must be caught, by the lives or by a test of its own.

python -m tests.life.broken.broken_builds              each build: the first red life, or the red test; 1 if missed
python -m tests.life.broken.broken_builds 400          as many lives before a build counts as missed
python -m tests.life.broken.broken_builds 400 gate     only builds with this in their name
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO

import pytest
import structlog

from tests.life.broken import breaks_of_sends as sends
from tests.life.broken import breaks_of_stores as stores
from tests.life.broken.breaks_of_sends import Fault, all_of, answers, put
from tests.life.run import play_in_memory
from tests.life.writer import Writer

_LIVES = 400
_SEND_LIFE = "tests/units/sending/test_send_life.py::"
_LAWS = _SEND_LIFE + "test_what_follows_keeps_the_laws"
_WRITTEN = "tests/life/test_written_lives.py::"
_EVIDENCE = "tests/life/test_evidence_lives.py::"
_TWO_WALLS = "tests/edges/postgres/test_two_walls.py::"
_MARKED = "tests/life/test_marked_done_lives.py::"
_MOVED = "tests/life/test_moved_lives.py::"
_LINE_PLAN = "tests/units/planning/test_line_plan.py::"


@dataclass(frozen=True)
class Build:
    """`test` is the one that catches it, '' for the lives; `life` is one that was red, which is looked at first.
    `slow`: the test needs a database."""

    name: str
    fault: Callable[[], Fault]
    test: str = ""
    life: int = 0
    slow: bool = False


@dataclass
class _Reds:
    """Listens to a run of pytest."""

    red: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    passed: int = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            said = (crash.message if crash else str(report.longrepr)).splitlines()[0]
            words = f"{report.nodeid.partition('::')[2]}: {said}"
            (self.red if report.when == "call" else self.broken).append(words)
        elif report.when == "call":
            self.passed += report.passed


BUILDS: tuple[Build, ...] = (
    Build(
        "a later send plans beside one that owes lines",
        sends.holder_ignored,
        _SEND_LIFE + "test_waiting_for_another_send_is_no_failure",
    ),
    Build(
        "the same, and the ledger takes two lines in one place",
        lambda: all_of(sends.holder_ignored(), stores.places_taken_twice()),
        life=45,
    ),
    Build(
        "giving back takes other sends' lines, too",
        stores.gives_back_of_others,
        "tests/contracts/test_ledger_contract.py::"
        "test_giving_back_touches_nothing_of_another_send_or_of_a_person[memory]",
    ),
    Build(
        "a failed difference made up for by new_only",
        sends.failed_difference_made_up_for,
        _SEND_LIFE + "test_a_failure_is_made_up_for_only_by_a_send_that_carries_all_of_it",
    ),
    Build(
        "a start moved back is not heeded",
        stores.start_moved_back_unheeded,
        _WRITTEN + "test_a_start_moved_back_finds_what_was_completed_since",
    ),
    Build("a task is corrected as an item would be", sends.tasks_are_corrected_like_items, life=1),
    Build("a task is added by each send", sends.tasks_are_added_each_time, life=0),
    Build("blocked items forgotten when marked as done", sends.blocked_items_forgotten, life=2),
    Build(
        "marked as done although another send posts",
        sends.marked_done_beside_another,
        _SEND_LIFE + "test_why_an_act_is_refused",
    ),
    Build(
        "marked as done although it was posted otherwise since",
        sends.moved_on_ignored,
        _SEND_LIFE + "test_why_an_act_is_refused",
    ),
    Build(
        "others looked at only where there are no rows of our own",
        sends.others_looked_at_only_without_own_rows,
        _LINE_PLAN + "test_what_another_connection_posted_is_left_out_whatever_was_tried_here",
    ),
    Build("lost intent, lost answer", sends.intent_lost_answer_lost, life=43),
    Build(
        "restore not seen",
        lambda: put("core.services.sending.compare_intents.CompareIntents", "check", answers(False)),
        life=336,
    ),
    Build(
        "spoken of too early after a restore",
        sends.spoken_of_at_once,
        "tests/life/test_restored_lives.py::test_a_line_that_comes_late_is_not_spoken_of_too_early",
    ),
    Build(
        "a bare 404 taken for not sent",
        sends.bare_404_is_not_sent,
        "tests/edges/spectrum/test_spectrum_classification.py::test_a_status_other_than_200_neither_accepts_nor_refuses",
    ),
    Build("an unclear answer taken for not sent", sends.unclear_is_not_sent, life=9),
    Build(
        "a trigger switched on keeps its old start",
        stores.trigger_keeps_its_start,
        _WRITTEN + "test_a_trigger_switched_on_again_leaves_alone_what_was_completed_before",
    ),
    Build("no quiet period", lambda: put("core.model.sending.lifecycle.acts", "quiet", lambda *_: True), life=30),
    Build("quiet period by this machine's clock", stores.machine_time, life=32),
    Build(
        "evidence counts before the quiet period is over",
        sends.evidence_at_once,
        _LAWS,
    ),
    Build(
        "lines that could not be read taken for no lines",
        sends.unread_is_empty,
        _EVIDENCE + "test_of_several_plugins_all_that_answer_must_prove_the_same[both fail]",
    ),
    Build(
        "of two readers the first counts",
        sends.first_reader_counts,
        _EVIDENCE + "test_of_several_plugins_all_that_answer_must_prove_the_same[they contradict each other]",
    ),
    Build(
        "other connections' lines unseen",
        lambda: put("core.services.planning.plan_send", "items_among", lambda *_: frozenset()),
    ),
    Build("a corrected completion date counts as reopened", stores.corrected_date_is_a_completion, life=666),
    Build(
        "a retry keeps the old plan",
        sends.retry_keeps_the_plan,
        _SEND_LIFE + "test_a_retry_plans_anew_although_the_header_stands",
    ),
    Build(
        "lines that were given back are posted",
        sends.lines_given_back_are_posted,
        _SEND_LIFE + "test_what_must_not_go_out_stays",
    ),
    Build(
        "corrections look at the code only",
        sends.corrections_look_at_the_code,
        _LINE_PLAN + "test_another_place_is_a_reversal_and_a_new_line",
    ),
    Build(
        "no gate for headers",
        lambda: stores.no_gate("write_header"),
        _WRITTEN + "test_a_frozen_worker_writes_no_old_header_over_a_newer_one",
    ),
    Build("no gate for lines", lambda: stores.no_gate("add_line"), life=258),
    Build(
        "another number returned, and gone on",
        sends.other_number_gone_on_with,
        _SEND_LIFE + "test_what_must_not_go_out_stays",
    ),
    Build(
        "a line filed under another number counts as posted",
        lambda: put("core.services.sending.steps.post_line", "returned_number", lambda *_: None),
        _WRITTEN + "test_a_line_that_spectrum_filed_under_another_number_is_in_doubt",
    ),
    Build(
        "a header answered 401, 403 or 404 counts as untouched",
        sends.refused_header_is_untouched,
        _SEND_LIFE + "test_a_header_that_a_gateway_turned_away_may_stand_all_the_same",
    ),
    Build(
        "a late refusal after the word posted only logged",
        sends.late_refusal_only_logged,
        _SEND_LIFE + "test_a_refusal_that_comes_after_the_word_posted_opens_the_send_again_and_is_warned_of",
    ),
    Build(
        "the account is the job's only",
        stores.account_of_the_job_only,
        "tests/contracts/test_ledger_contract.py::"
        "test_an_account_has_the_lines_of_the_job_and_those_of_the_number[memory]",
    ),
    Build(
        "looked at again for ever",
        sends.no_bound,
        _SEND_LIFE + "test_an_account_that_changes_each_time_is_looked_at_again_once_and_then_waits",
    ),
    Build(
        "the same, and the planner sees the job's lines only",
        lambda: all_of(sends.no_bound(), stores.planner_sees_the_job_only()),
        _WRITTEN + "test_an_item_moved_to_a_job_that_adopts_its_number_is_posted_once",
    ),
    Build(
        "commits as the server likes",
        stores.commits_as_the_server_likes,
        "tests/edges/postgres/test_postgres_durability.py::test_commits_are_on_disk_whatever_the_server_says[off-on]",
        slow=True,
    ),
    Build(
        "a read-only database is no passing trouble",
        stores.read_only_is_no_passing_trouble,
        "tests/edges/postgres/test_postgres_durability.py::test_a_read_only_database_is_one_that_is_away_and_reading_goes_on",
        slow=True,
    ),
    Build(
        "claims are never given back",
        sends.claims_kept,
        _WRITTEN + "test_a_number_under_which_nobody_could_sign_in_is_free_for_others",
    ),
    Build(
        "a claim's owner computed from the address each time",
        sends.owner_by_address,
        _WRITTEN + "test_our_own_number_stays_ours_however_servicetrade_is_spelt",
    ),
    Build(
        "a failing poll says nothing", stores.failing_poll_is_silent, _WRITTEN + "test_a_poll_that_fails_twice_is_told"
    ),
    Build(
        "any epoch will do",
        stores.any_epoch,
        _TWO_WALLS + "test_what_a_worker_comes_back_with_after_another_took_over_is_not_stored",
    ),
    Build("sent without proof", sends.no_proof, _LAWS),
    Build(
        "sent without proof, on a database",
        sends.no_proof,
        _TWO_WALLS + "test_the_program_says_itself_that_it_cannot_prove_it",
        slow=True,
    ),
    Build(
        "strangers' items go at once",
        lambda: put("core.services.planning.plan_send", "items_held", lambda *_, **__: None),
        _MARKED + "test_items_that_were_declared_since_are_not_entered_once_more",
    ),
    Build(
        "a renamed server hides what was posted",
        sends.former_addresses_forgotten,
        _MOVED + "test_what_a_removed_connection_posted_is_seen_after_the_server_was_renamed",
    ),
    Build(
        "the same, while only some have followed",
        sends.former_addresses_forgotten,
        _MOVED + "test_while_only_one_has_followed_both_see_what_the_other_posted",
    ),
    Build(
        "a difference marked as done although others posted it since",
        sends.posted_by_others_ignored,
        _MARKED + "test_another_connection_that_posts_to_the_work_order_comes_first[difference]",
    ),
    Build(
        "an address that was only named counts as reached",
        sends.former_addresses_not_proved,
        _MOVED + "test_whoever_only_names_anothers_address_takes_no_number_there",
    ),
    Build(
        "the answer of another call changes what stands",
        sends.any_newer_call,
        "tests/life/test_lost_commits_lives.py::"
        "test_a_line_that_is_known_to_stand_is_nothing_else_by_the_answer_of_another_call",
    ),
    Build(
        "the answer of a later call taken for an earlier one's",
        sends.no_newer_call,
        _SEND_LIFE + "test_an_answer_that_belongs_to_a_later_call_than_the_row_knows_is_stored_in_that_row",
    ),
)


def caught(build: Build, lives: int, *, whole: bool = True) -> str:
    """What catches it, '' for nothing. `whole`: a test counts only if it is green without the fault."""
    return _red_test(build, whole=whole) if build.test else _red_life(build, lives)


def _red_life(build: Build, lives: int) -> str:
    for seed in (build.life, *range(lives)):
        writer = Writer(seed)
        life = writer.life()
        with build.fault():
            problems = asyncio.run(play_in_memory(life, writer.mode))
        if problems and not asyncio.run(play_in_memory(life, writer.mode)):
            return f"life {seed}: {(problems[1:] or problems)[0]}"
    return ""


def _red_test(build: Build, *, whole: bool) -> str:
    with build.fault():
        broken = _run(build.test)
    if not broken.red or broken.broken:
        return ""
    if whole:
        good = _run(build.test)
        if good.red or good.broken or not good.passed:
            return ""
    return broken.red[0]


def _run(test: str) -> _Reds:
    reds = _Reds()
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        options = [
            "-q",
            "-n0",
            f"--basetemp={folder}/tests",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:logging",
            "-W",
            "ignore::pytest.PytestAssertRewriteWarning",
        ]
        pytest.main([*options, test], plugins=[reds])
    return reds


def main() -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    lives = int(sys.argv[1]) if len(sys.argv) > 1 else _LIVES
    wanted = [build for build in BUILDS if len(sys.argv) < 3 or sys.argv[2] in build.name]
    missed = 0
    for build in wanted:
        found = caught(build, lives)
        missed += not found
        print(f"{build.name}: {found or 'NOT CAUGHT'}", flush=True)
    print(f"{len(wanted) - missed} of {len(wanted)} builds are caught")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
