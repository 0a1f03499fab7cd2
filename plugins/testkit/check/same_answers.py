"""A process that prints the rules' answers for a few jobs: `python -m plugins.testkit.check.same_answers HOW CONFIG
HIDDEN SAMPLE...`. Two of them must print the same, although Python orders a set of texts differently in each process.
HIDDEN is a JSON list of the paths that the plugin must not open."""

from __future__ import annotations

import asyncio
import copy
import json
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.model.planning.draft import LineDraft
from core.model.planning.fold import start_draft, view_of
from core.model.sending.answer import AnswerRow
from plugins import discovery
from plugins.child import environment
from plugins.examine import ABOUT_ITSELF, ASYNCHRONOUS, examined
from plugins.ipc import written
from plugins.plugin import answer_of
from plugins.testkit.check.private_output import private_output
from plugins.testkit.samples import Sample, load_job, make_connection, make_item, make_job
from plugins.walls.shut_in import shut_in

_TAGS = ("urgent", "night", "west", "crane", "warranty")
_OF_ITEMS = ("include_item", "map_line")
_SECONDS = 20.0


async def differing(
    how: str, config: Mapping[str, Any], samples: Sequence[Path], hidden: Collection[Path]
) -> list[str]:
    """The rules that answer otherwise in another process, where the plugin cannot open `hidden`. Empty if one of the
    processes does not end."""
    try:
        async with asyncio.timeout(_SECONDS):
            first, second = await asyncio.gather(*(_answers(how, config, samples, hidden, seed) for seed in ("1", "2")))
    except (TimeoutError, ValueError):
        return []
    return [hook for hook in first if first[hook] != second.get(hook)]


async def _answers(
    how: str, config: Mapping[str, Any], samples: Sequence[Path], hidden: Collection[Path], seed: str
) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "plugins.testkit.check.same_answers",
        how,
        json.dumps(dict(config)),
        json.dumps([*map(str, hidden)]),
        *map(str, samples),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment() | {"PYTHONHASHSEED": seed},
        start_new_session=True,
    )
    try:
        out, _ = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    found: dict[str, Any] = json.loads(out)
    return found


def _drafts(hook: str, config: Mapping[str, Any], samples: Sequence[Sample]) -> Iterator[dict[str, Any]]:
    connection = make_connection()
    view = view_of(connection)
    if hook == "classify_error":
        yield {"row": AnswerRow("E", "Customer is not valid.", "Bill_Customer_Code")}
        return
    for sample in (Sample(make_job(), (make_item(),)), Sample(make_job(tags=_TAGS), (make_item(),)), *samples):
        if hook in _OF_ITEMS:
            for item in sample.items:
                kind = view.item_kinds.get(item.type)
                yield {"draft": LineDraft(sample.job, view, item, kind, config=copy.deepcopy(config))}
        else:
            draft = start_draft(sample.job, connection)
            object.__setattr__(draft, "config", copy.deepcopy(config))
            yield {"draft": draft}


def _told(how: str, config: Mapping[str, Any], samples: Sequence[Sample]) -> dict[str, list[Any]]:
    plugin = examined(discovery.load(how))
    told: dict[str, list[Any]] = {}
    for hook in plugin.described.hooks:
        if hook not in (*ABOUT_ITSELF, *ASYNCHRONOUS):
            told[hook] = [written(hook, answer_of(plugin, hook, **one)) for one in _drafts(hook, config, samples)]
    return told


def main(how: str, config: str, hidden: str, *files: str) -> None:
    shut_in(json.loads(hidden), needed=[*sys.path, how.removeprefix("file:"), *files])
    with private_output() as output:
        told = _told(how, json.loads(config), [load_job(Path(file)) for file in files])
        output.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
