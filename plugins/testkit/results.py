"""Results for a test: the values of a preview with their origins, and what a send wrote to the simulated systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.model.planning.plan import SendPlan
from core.model.shared.finding import Finding
from core.model.shared.origin import Origin
from core.model.work_orders.cost_line import PlannedLine


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

    def line(self, item_name: str) -> Mapping[str, str]:
        """The fields of an item's cost line. Raises KeyError for an item that has none."""
        return {value.field: value.value for value in self._lines[item_name].values}

    @property
    def left_out(self) -> Mapping[str, str]:
        """The names of the items that are not sent, and the reasons."""
        return {one.item_name: one.reason for one in self.plan.left_out}

    @property
    def _lines(self) -> Mapping[str, PlannedLine]:
        return {one.item_name: one for one in self.plan.lines}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The result of a send: `work_order` and `lines` in Spectrum, `external_id` and `comments` on the job."""

    state: str
    work_order: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[Mapping[str, str], ...] = ()
    external_id: str | None = None
    comments: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
