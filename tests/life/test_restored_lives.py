"""What was posted after the backup is not posted again once the restore is acknowledged."""

from __future__ import annotations

import pytest

from core.model.sending.send import SendState
from tests.life import acts as a
from tests.life.by_hand import told

PART, ASK = a.AddItem(0, "part", 2), a.Ask(0, 0, "new_only")
RESTORED = (a.RestoreBackup(), a.Wait(16))
"""And long enough ago that people may say what stands in Spectrum."""


@pytest.mark.parametrize("then", [(a.Reopen(0), a.Wait(5), a.Complete(0)), (a.Redate(0, 1),)], ids=("open", "dated"))
async def test_a_job_that_is_completed_once_more_waits_for_a_word(then: tuple[a.Act, ...]) -> None:
    life = await told()
    await life.do(PART, a.Ask(0, 0, "none"), a.Work(), a.Backup(), a.Complete(0), ASK, a.Work(), *RESTORED)
    await life.player.person.mend_connections()
    await life.do(a.Wait(5), *then, ASK, a.Work())
    assert (await life.last()).state is SendState.NEEDS_ATTENTION
    assert life.books() == ["T104482 P001A 2"]


async def test_a_job_that_was_open_all_the_time_waits_too() -> None:
    life = await told()
    await life.do(PART, a.Ask(0, 0, "none"), a.Work(), a.Backup(), a.Complete(0), ASK, a.Work(), *RESTORED)
    await life.do(a.Reopen(0))
    await life.player.person.mend_connections()
    await life.do(a.Wait(5), a.Complete(0), ASK, a.Work())
    assert life.books() == ["T104482 P001A 2"]


async def test_a_plan_from_before_the_backup_is_not_gone_on_with() -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Answer("line", "locked"), ASK, a.Work(), a.Backup())
    await life.do(a.Wait(5), a.Work(), *RESTORED)
    await life.player.person.mend_connections()
    await life.do(a.Wait(5), a.Work())
    assert (await life.last()).state is SendState.NEEDS_ATTENTION
    assert life.books() == ["T104482 P001A 2"]


async def test_a_line_that_comes_late_is_not_spoken_of_too_early() -> None:
    life = await told()
    await life.do(PART, a.Ask(0, 0, "none"), a.Work(), a.Backup(), a.Complete(0))
    await life.do(a.Answer("line", "late"), ASK, a.Work(), a.RestoreBackup(), ASK, a.Work())
    held = await life.last()
    assert await life.mark_done(held) == "RESTORE_TOO_FRESH"
    await life.do(a.Acknowledge())
    assert life.stage.befallen["refused:RESTORE_TOO_FRESH"] == 3, "one for each connection"
    await life.do(a.Wait(16), a.Acknowledge(), a.Declare(0), a.Retry(0), a.Work())
    assert life.books() == ["T104482 P001A 2"]
    assert (await life.last()).state is SendState.SENT


async def test_what_another_connection_posted_is_held_also_when_the_completion_date_is_corrected() -> None:
    life = await told()
    await life.do(PART, a.Backup(), a.Complete(0), a.Ask(0, 1, "new_only"), a.Work(), *RESTORED, a.Acknowledge())
    await life.do(a.Wait(5), a.Redate(0, 0), ASK, a.Work())
    assert (await life.last()).state is SendState.NEEDS_ATTENTION
    assert life.books() == ["T104482 P001A 2"]
