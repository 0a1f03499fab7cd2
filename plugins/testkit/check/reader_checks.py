"""Asks a plugin's `posted_lines` for work orders that Spectrum need not have."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from typing import Any

from core.model.planning.fold import view_of
from core.model.plugins.notification import WorkOrderQuery
from plugins.answer_limits import WrongAnswer
from plugins.answer_reading import read
from plugins.examine import Examined
from plugins.failure_words import raised
from plugins.ipc import written
from plugins.plugin import EVENT_SECONDS, answer_of
from plugins.testkit.check.faults import Fault
from plugins.testkit.samples import make_connection

_WORK_ORDERS = ("T104482", "A-1/2.3_4")
"""A usual number, and one with all signs that a number may have."""


async def ask_reader(plugin: Examined, hook: str, config: Mapping[str, Any], home: str) -> str:
    """What it answered, in words. It may use the network, so it may answer anything of the right type; but with this
    configuration it must answer in time. Raises Fault."""
    told = []
    for number in _WORK_ORDERS:
        query = WorkOrderQuery(connection=view_of(make_connection()), work_order_number=number, config=dict(config))
        try:
            async with asyncio.timeout(EVENT_SECONDS):
                answer = answer_of(plugin, hook, query=query)
                lines = written(hook, await answer if inspect.isawaitable(answer) else answer)
                read(hook, lines)
        except TimeoutError:
            raise Fault("time", f"it took more than {EVENT_SECONDS:.0f} s for work order {number}") from None
        except WrongAnswer as error:
            raise Fault("answer", f"it {error}, for work order {number}") from error
        except Exception as error:
            raise Fault("failure", f"it raised {raised(error, home)} for work order {number}") from error
        told.append("cannot tell" if lines is None else f"{len(lines)} lines")
    return f"asked for the work orders {' and '.join(_WORK_ORDERS)}: {' and '.join(told)}"
