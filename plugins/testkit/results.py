"""Results for a test: the values of a preview with their origins, and what a send wrote to the simulated systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.model.planning.plan import SendPlan
from core.model.shared.finding import Finding
from core.model.shared.origin import Origin
from core.model.work_orders.cost_line import PlannedLine
from plugins.testkit.by_item import ByItem


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan, with shortcuts to its values."""

    plan: SendPlan

    @property
    def number(self) -> str:
        """The work order number."""
        return self.plan.number

    @property
    def sendable(self) -> bool:
        return self.plan.sendable

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.plan.findings

    @property
    def codes(self) -> list[str]:
        """The codes of all findings, blockers first."""
        return [found.code for found in self.plan.findings]

    def value(self, name: str) -> str:
        """The value of this field of the work order, '' for none."""
        return self.plan.values.get(name, "")

    def origin(self, name: str) -> Origin:
        """The origin of this field's value. Raises KeyError for a field that is not set."""
        return {one.field: one.origin for one in self.plan.header}[name]

    @property
    def lines(self) -> ByItem[Mapping[str, str]]:
        """The fields of each cost line by Spectrum's names, by item. An item that has no line is not in it."""
        return ByItem((one.item_id, one.item_name, _fields(one)) for one in self.plan.lines)

    def line(self, item: str) -> Mapping[str, str]:
        """The fields of one item's cost line. `item` is its id or name. Raises KeyError for an item that has none."""
        return self.lines[item]

    def line_origin(self, item: str, name: str) -> Origin:
        """The origin of a field of one item's cost line. Raises KeyError if there is none."""
        lines = ByItem((one.item_id, one.item_name, one) for one in self.plan.lines)
        return {value.field: value.origin for value in lines[item].values}[name]

    @property
    def left_out(self) -> ByItem[str]:
        """The items that are not sent, with the reasons."""
        return ByItem((one.item_id, one.item_name, one.reason) for one in self.plan.left_out)


def _fields(line: PlannedLine) -> Mapping[str, str]:
    return {value.field: value.value for value in line.values}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The result of a send: `work_order` and `lines` in Spectrum, by its names (`items`: the same lines by item),
    `external_id` and `comments` on the job. `state` is as in the API, such as `sent` or `needs_attention`."""

    state: str
    work_order: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[Mapping[str, str], ...] = ()
    items: ByItem[Mapping[str, str]] = field(default_factory=lambda: ByItem(()))
    external_id: str | None = None
    comments: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
