"""Lives of jobs, with Spectrum's books as judge: at rest each wanted line stands once, and what differs is told.

`JOBFERRY_FAULTS=full` plays 5,000 lives in memory and 1,000 on PostgreSQL with real sockets. A failing life is
shortened and printed as a list of acts; `python -m tests.life.run` looks for more.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.life.acts import KINDS, Backup, LoseCommit, RestoreBackup
from tests.life.fates import HEADER_FATES, LINE_FATES
from tests.life.run import play_in_memory, play_on_sockets, shorten
from tests.life.writer import Writer

FULL = os.environ.get("JOBFERRY_FAULTS") == "full"
LIVES = 5_000 if FULL else 300
SOCKET_LIVES = 1_000 if FULL else 3
OFTEN = LIVES // 100
"""How often each kind of act and answer must have happened: what never happens proves nothing."""
ANSWERS = [*(f"header:{name}" for name in HEADER_FATES), *(f"line:{name}" for name in LINE_FATES)]
ALSO = ("crashed", "frozen", "commit:lost", "marked_done", "settled:posted", "settled:not_posted", "acknowledged",
        "servicetrade:lost", "servicetrade:tenant", "servicetrade:time", "refused:DOUBT_TOO_FRESH")  # fmt: skip


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.configure(**before)


@pytest.mark.timeout(7200 if FULL else 400)
def test_whatever_befalls_a_job_its_books_are_right_in_the_end() -> None:
    counts = Counter[str]()
    for seed in range(LIVES):
        writer = Writer(seed)
        life = writer.life()
        if asyncio.run(play_in_memory(life, writer.mode, counts)):
            short, problems = shorten(life, writer.mode)
            acts = "".join(f"\n    {act!r}," for act in short)
            pytest.fail(f"life {seed}, ended by {writer.mode.value}:{acts}\n" + "\n".join(problems))
    for name, count in sorted(counts.items()):
        print(f"{count:7} {name}")
    rare = {name: counts[name] for name in (*_acts(), *ANSWERS, *ALSO) if counts[name] < OFTEN}
    assert not rare, f"hardly ever happened in {LIVES} lives: {rare}"
    assert counts["end:sent"] > LIVES, "most jobs should end sent, and not only told"


@pytest.mark.timeout(14400 if FULL else 400)
async def test_the_same_on_postgresql_with_real_sockets(engine: AsyncEngine) -> None:
    counts = Counter[str]()
    for seed in range(SOCKET_LIVES):
        writer = Writer(seed, without=(LoseCommit, Backup, RestoreBackup))
        life = writer.life()
        if problems := await play_on_sockets(engine, life, writer.mode, counts):
            acts = "".join(f"\n    {act!r}," for act in life)
            pytest.fail(f"life {seed}, ended by {writer.mode.value}:{acts}\n" + "\n".join(problems))
    for name, count in sorted(counts.items()):
        print(f"{count:7} {name}")
    assert counts["end:sent"] >= SOCKET_LIVES


def _acts() -> list[str]:
    return [f"act:{kind.__name__}" for kind in KINDS]
