"""What `jobferry doctor` asks the database: the time, whether it takes writes, whether they outlast a power cut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Executable, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.outbound.postgres.server.failures import READ_ONLY_FIX, unreachable
from adapters.outbound.postgres.server.role import as_owner
from core.model.shared.check_step import CheckState, CheckStep

_CLOCK_TOLERANCE = timedelta(seconds=5)
_SETTING = text("SELECT current_setting(:name)")
_FOLLOWS = text("SELECT CAST(pg_is_in_recovery() AS text)")
_FSYNC_FIX = (
    "Set fsync = on for the PostgreSQL server and reload it.",
    "If its machine went down while fsync was off, compare the last cost lines with Spectrum.",
)
_PAGES_FIX = (
    "Set full_page_writes = on for the PostgreSQL server and reload it. It may stay off only where the file system "
    "itself never leaves a page half written, such as ZFS.",
)


async def agrees_on_time(url: str) -> CheckStep:
    """Whether this machine's clock is the database's: waiting times are set by the one, and read by
    the clock of every worker. Raises OperatorMends (DATABASE_UNREACHABLE)."""
    [there] = await _answers(url, text("SELECT clock_timestamp()"))
    off: timedelta = abs(there - datetime.now(UTC))
    if off <= _CLOCK_TOLERANCE:
        return CheckStep("clock", CheckState.OK, f"agrees with the database's within {off.total_seconds():.1f} seconds")
    detail = f"differs from the database's by {off.total_seconds():.0f} seconds"
    fix = ("Set the clocks of both machines by NTP.", "Run `jobferry doctor` again.")
    return CheckStep("clock", CheckState.FAILED, detail, "CLOCK_OFF", fix)


async def takes_writes(url: str) -> CheckStep:
    """Whether the server accepts writes. Raises OperatorMends (DATABASE_UNREACHABLE)."""
    read_only, follows = await _asked(url, "transaction_read_only")
    if read_only == "off":
        return CheckStep("writing", CheckState.OK, "the database accepts writes")
    why = "this server is a standby of another one" if follows == "true" else "new sessions may not write"
    detail = f"the database is read-only: {why}; nothing can be sent"
    return CheckStep("writing", CheckState.FAILED, detail, "DATABASE_READ_ONLY", READ_ONLY_FIX)


async def outlasts_power_cuts(url: str) -> CheckStep:
    """Whether writes survive a power cut. Raises OperatorMends (DATABASE_UNREACHABLE)."""
    default, fsync, pages, _ = await _asked(url, "synchronous_commit", "fsync", "full_page_writes")
    return durability(default, fsync=fsync, full_page_writes=pages)


def durability(synchronous_commit: str, *, fsync: str, full_page_writes: str) -> CheckStep:
    """Judge these server settings. Jobferry sets synchronous_commit itself, so that a commit waits for the disk. A
    session cannot set fsync, which makes the operating system write."""
    if fsync == "off":
        detail = "fsync is off: a power cut loses what was stored, and cost lines could be posted twice"
        return CheckStep("durability", CheckState.FAILED, detail, "DATABASE_NOT_DURABLE", _FSYNC_FIX)
    if full_page_writes == "off":
        detail = "full_page_writes is off: a power cut may leave tables damaged"
        return CheckStep("durability", CheckState.UNKNOWN, detail, fix=_PAGES_FIX)
    stronger = synchronous_commit == "remote_apply"
    ours = "remote_apply, the server's default" if stronger else f"on (the server's default is {synchronous_commit})"
    return CheckStep("durability", CheckState.OK, f"Jobferry sets synchronous_commit itself: {ours}")


async def _asked(url: str, *settings: str) -> list[str]:
    """The settings of a new session, then whether the server is a standby ("true" or "false")."""
    return await _answers(url, *(_SETTING.bindparams(name=name) for name in settings), _FOLLOWS)


async def _answers(url: str, *questions: Executable) -> list[Any]:
    """What the database answers to each question. Raises OperatorMends (DATABASE_UNREACHABLE)."""
    engine = create_async_engine(as_owner(url))
    try:
        async with engine.connect() as connection:
            return [(await connection.execute(question)).scalar_one() for question in questions]
    except DBAPIError as error:
        raise unreachable(error) from error
    finally:
        await engine.dispose()
