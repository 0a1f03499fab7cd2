"""Lives of jobs, with Spectrum's books as judge: at rest each wanted line stands once, and what differs is told.

`FAULTS=full` plays 5,000 lives in memory and 1,000 on PostgreSQL with real sockets, in parts that can run
beside each other (`-n 2 --dist load`). A failing life is shortened and printed as a list of acts; `python -m
tests.life.run` looks for more.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.life.acts import KINDS, Acknowledge, Backup, Declare, LoseCommit, RestoreBackup
from tests.life.fates import HEADER_FATES, LINE_FATES
from tests.life.run import play_in_memory, play_on_sockets, shorten
from tests.life.writer import Writer

FULL = os.environ.get("FAULTS") == "full"
PARTS = range(10) if FULL else range(1)
LIVES, SOCKET_LIVES = (500, 100) if FULL else (220, 3)
"""In each part."""
OFTEN = 3
"""How often each kind of act and answer must have happened in a part: what never happens proves nothing."""
NOT_ON_SOCKETS = (LoseCommit, Backup, RestoreBackup, Acknowledge, Declare)
"""A server for each life would be needed, and without a restore nothing has to be declared; tests/faults kills and
blinks real ones."""
ANSWERS = [*(f"header:{name}" for name in HEADER_FATES), *(f"line:{name}" for name in LINE_FATES)]
ALSO = (
    "crashed",
    "frozen",
    "commit:lost",
    "marked_done",
    "settled:posted",
    "settled:not_posted",
    "acknowledged",
    "servicetrade:lost",
    "servicetrade:tenant",
    "servicetrade:time",
    "refused:DOUBT_TOO_FRESH",
    "end:completion_counts",
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.configure(**before)


def test_the_books_of_the_first_lives_are_right_in_the_end() -> None:
    play(range(15))


@pytest.mark.long
@pytest.mark.timeout(7200 if FULL else 400)
@pytest.mark.parametrize("part", PARTS)
def test_whatever_befalls_a_job_its_books_are_right_in_the_end(part: int) -> None:
    counts = play(range(part * LIVES, (part + 1) * LIVES))
    _tell(counts)
    rare = {name: counts[name] for name in (*_acts(), *ANSWERS, *ALSO) if counts[name] < OFTEN}
    assert not rare, f"hardly ever happened in {LIVES} lives: {rare}"
    assert counts["end:sent"] > LIVES, "most jobs should end sent, and not only told"


def play(seeds: range) -> Counter[str]:
    """Play these lives in memory; a life that fails is shortened and told."""
    counts = Counter[str]()
    for seed in seeds:
        writer = Writer(seed)
        life = writer.life()
        if asyncio.run(play_in_memory(life, writer.mode, counts)):
            short, problems = shorten(life, writer.mode)
            acts = "".join(f"\n    {act!r}," for act in short)
            pytest.fail(f"life {seed}, ended by {writer.mode.value}:{acts}\n" + "\n".join(problems))
    return counts


@pytest.mark.long
@pytest.mark.timeout(7200 if FULL else 400)
@pytest.mark.parametrize("part", PARTS)
async def test_the_same_on_postgresql_with_real_sockets(engine: AsyncEngine, part: int) -> None:
    counts = Counter[str]()
    for seed in range(part * SOCKET_LIVES, (part + 1) * SOCKET_LIVES):
        writer = Writer(seed, without=NOT_ON_SOCKETS)
        life = writer.life()
        if problems := await play_on_sockets(engine, life, writer.mode, counts):
            acts = "".join(f"\n    {act!r}," for act in life)
            pytest.fail(f"life {seed}, ended by {writer.mode.value}:{acts}\n" + "\n".join(problems))
    _tell(counts)
    assert counts["end:sent"] >= SOCKET_LIVES
    if FULL:
        happened = (*_acts(without=NOT_ON_SOCKETS), "crashed", "frozen", "marked_done", "settled:posted")
        assert not [name for name in happened if not counts[name]]
        assert len([name for name in ANSWERS if not counts[name]]) < 3, "nearly every answer in each part"


def _acts(without: tuple[type[object], ...] = ()) -> list[str]:
    return [f"act:{kind.__name__}" for kind in KINDS if kind not in without]


def _tell(counts: Counter[str]) -> None:
    for name, count in sorted(counts.items()):
        print(f"{count:7} {name}")
