"""Jobs with items for the journeys, and what Spectrum's books then say."""

from __future__ import annotations

from typing import Any

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from core.model.work_orders.cost_line import CHARGE_CODE, COST, ITEM_CODE, QUANTITY, TASK_CODE
from tests.journeys.world import World

NUMBER = "T600001"
ITEMS = ("CV4G 1 412.85", "GAUGE-300 2 18.20", "!FEE-TRIP 1 45")
POSTED = [f"{NUMBER} CV4G 1", f"{NUMBER} GAUGE-300 2", f"{NUMBER} !FEE-TRIP 45"]
"""What `ITEMS` are in Spectrum's books, in the order of posting."""
MATERIAL_PATH = "/ws/AddWOMaterialCost"
CHARGE_PATH = "/ws/AddWOOtherCharges"
TASK_PATH = "/ws/AddWOTask"


def open_job(world: World, **fields: Any) -> str:
    """A scheduled job with the number 600001 and no items, for a customer and site that Spectrum knows."""
    known = world.job(FIRST_JOB_ID)
    return world.servicetrade.state.add_job(
        "600001", customer=known.customer, location=known.location, description="Retest.", **fields
    )


def completed_job(world: World, *items: str) -> str:
    """Completed just now, with these items (see `add_item`)."""
    job_id = open_job(world)
    for item in items:
        add_item(world, job_id, item)
    world.servicetrade.state.complete(job_id)
    return job_id


def add_item(world: World, job_id: str, item: str) -> str:
    """`CODE quantity cost`, `!` before a fee's code: `CV4G 2 412.85` or `!FEE-TRIP 1 45`. Gives the item's id."""
    code, quantity, cost = item.split()
    kind = "fee" if code.startswith("!") else "part"
    code = code.removeprefix("!")
    return world.servicetrade.state.add_job_item(
        job_id, f"The {code}", kind=kind, code=code, quantity=quantity, cost=cost
    )


def books(world: World) -> list[str]:
    """Every cost line in Spectrum in the order of posting: `number CODE quantity` or `number !CODE cost`."""
    lines = [
        (line.system_key, f"{line.fields['WO_Number']} {line.fields[ITEM_CODE]} {line.fields[QUANTITY]}")
        for line in world.company.material
    ]
    lines += [
        (line.system_key, f"{line.fields['WO_Number']} !{line.fields[CHARGE_CODE]} {line.fields[COST]}")
        for line in world.company.charges
    ]
    return [line for _, line in sorted(lines)]


def tasks(world: World) -> list[str]:
    """Every task in Spectrum in the order of adding: `number CODE`."""
    return [f"{line.fields['WO_Number']} {line.fields[TASK_CODE]}" for line in world.company.task_lines]


def lose_the_answer(world: World, path: str = MATERIAL_PATH, *, applied: bool = True) -> None:
    """The next line gets no answer, whether Spectrum added it or not."""
    kind = FaultKind.APPLY_THEN_DROP if applied else FaultKind.DROP_BEFORE_APPLY
    world.spectrum.faults.add(Fault(kind, match=path))


def lines_received(world: World) -> int:
    """How many calls for a cost line reached Spectrum, applied or not."""
    return sum(call.path in (MATERIAL_PATH, CHARGE_PATH) for call in world.spectrum.requests.calls)
