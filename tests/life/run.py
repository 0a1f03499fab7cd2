"""Plays lives one after the other. Also a command, to play one life again or to look for failing ones:

python -m tests.life.run 300              lives 0 to 299, the shortest failing ones
python -m tests.life.run 300-600          lives 300 to 599
python -m tests.life.run 300 Remake Skew  the first without acts of these kinds
"""

from __future__ import annotations

import asyncio
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from core.model.work_orders.cost_line import ItemsMode
from tests.life import acts as a
from tests.life.player import Player
from tests.life.shortening import shortened
from tests.life.stages.memory_stage import MemoryStage
from tests.life.stages.socket_stage import open_socket_stage
from tests.life.stages.stage import Stage
from tests.life.writer import Writer

_LONGEST_SECONDS = 60


async def play_in_memory(life: Sequence[a.Act], mode: ItemsMode, counts: Counter[str] | None = None) -> list[str]:
    stage = MemoryStage()
    await stage.open()
    return await play(stage, life, mode, counts)


async def play_on_sockets(
    engine: AsyncEngine, life: Sequence[a.Act], mode: ItemsMode, counts: Counter[str] | None = None
) -> list[str]:
    async with open_socket_stage(engine) as stage:
        return await play(stage, life, mode, counts)


async def play(stage: Stage, life: Sequence[a.Act], mode: ItemsMode, counts: Counter[str] | None = None) -> list[str]:
    player = Player(stage, mode)
    try:
        problems = await asyncio.wait_for(player.play(life), _LONGEST_SECONDS)
    except Exception as error:  # a use case that fails in no way it announced
        problems = [f"broken {type(error).__name__}: {error}", traceback.format_exc()]
    if counts is not None:
        counts.update(f"act:{name}" for name in player.played.elements())
        counts.update(stage.befallen)
    return problems


def kind_of(problems: Sequence[str]) -> str:
    """The first word of what is wrong, '' for nothing."""
    said = [problem for problem in problems if not problem.startswith("after act")]
    return said[0].split(":")[0] if said else ""


def shorten(life: Sequence[a.Act], mode: ItemsMode) -> tuple[list[a.Act], list[str]]:
    short = shortened(life, lambda shorter: kind_of(asyncio.run(play_in_memory(shorter, mode))))
    return short, asyncio.run(play_in_memory(short, mode))


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    words = [word for word in sys.argv[2:] if not word.startswith("seats=")]
    seats = max([int(word[6:]) for word in sys.argv[2:] if word not in words], default=3)
    first, _, last = sys.argv[1].rpartition("-")
    seeds, without = range(int(first or 0), int(last)), [getattr(a, name) for name in words]
    counts, failing, started = Counter[str](), dict[str, tuple[int, list[a.Act], ItemsMode]](), time.monotonic()
    kinds = Counter[str]()
    for seed in seeds:
        writer = Writer(seed, without, seats)
        life = writer.life()
        problems = asyncio.run(play_in_memory(life, writer.mode, counts))
        if kind := kind_of(problems):
            kinds[kind] += 1
            if kind not in failing or len(life) < len(failing[kind][1]):
                failing[kind] = (seed, life, writer.mode)
    print(f"{len(seeds)} lives in {time.monotonic() - started:.1f} s, {kinds.total()} failing", dict(kinds))
    for name, count in sorted(counts.items()):
        print(f"  {count:6} {name}")
    sys.stdout.flush()
    for kind, (seed, life, mode) in failing.items():
        short, problems = shorten(life, mode)
        print(f"\n== {kind} (seed {seed}, {mode.value}, {kinds[kind]} lives)")
        for act in short:
            print(f"    {act!r},")
        for problem in problems:
            print(f"  -> {problem}", flush=True)


if __name__ == "__main__":
    main()
