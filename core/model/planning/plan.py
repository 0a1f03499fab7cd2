"""A send plan: everything that one send would write, where each value comes from, and what blocks it.

The preview shows the same plan that the execution uses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime

from core.model.mappings.alias import AliasKind
from core.model.mappings.job_record import FIELDS, REFUSED, JobRecord, in_question, kind_in_question, needed
from core.model.planning.draft import NOT_SENT_HERE
from core.model.shared.finding import Finding
from core.model.shared.origin import Origin
from core.model.work_orders.annotation import Annotation
from core.model.work_orders.cost_line import BlockedItem, ItemsMode, LeftOut, PlannedLine
from core.model.work_orders.job_service import TasksMode

_OF_LIBRARY = ("alias.item", "mapping.item", "item.code")


@dataclass(frozen=True, slots=True)
class HeaderValue:
    """One header field of the plan.

    `value` is sent ('' = element left empty, which Spectrum ignores). `source_value` is the source's present value,
    also if `value` is '' because nothing changed. `previous` is the last send's value, None if there was no send.
    """

    field: str
    value: str
    source_value: str
    origin: Origin
    previous: str | None = None

    @property
    def changes(self) -> bool:
        """Whether this send writes another value than the last one."""
        return self.value not in ("", self.previous)


@dataclass(frozen=True, slots=True)
class RuleUsed:
    """A rule that was asked for a plan. `config_hash` is the hash of its configuration, '' if it had none."""

    name: str
    version: str
    config_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPlan:
    """What one send writes. `number` is '' only if a blocker says why there is none; `job_number` and `customer` (its
    name) are for people.

    `items` and `tasks` are the modes that chose the lines, `completes` whether the send is to complete the job first,
    and `completed_on` the job's completion at planning. `blocked` are the items that something prevents from being
    sent. `items_held` is why no items may be posted now, though the header may be sent. `strange`: the job has a number
    that our records do not know. `records` are the job's customer, location and contract, and the library items of its
    lines and of items that something blocks, with their codes.
    `annotations` are the note and the marker, where the connection names a place for them.
    """

    job_id: str
    connection_id: str
    number: str
    header: tuple[HeaderValue, ...]
    findings: tuple[Finding, ...] = ()
    rules: tuple[RuleUsed, ...] = ()
    adopt: bool = False
    creates: bool = True
    job_number: str | None = None
    customer: str | None = None
    items: ItemsMode = ItemsMode.NONE
    tasks: TasksMode = TasksMode.NEW_ONLY
    lines: tuple[PlannedLine, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    completed_on: datetime | None = None
    blocked: tuple[BlockedItem, ...] = ()
    items_held: Finding | None = None
    strange: bool = False
    completes: bool = False
    records: tuple[JobRecord, ...] = ()
    annotations: tuple[Annotation, ...] = ()

    @property
    def blockers(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.blocks)

    @property
    def sendable(self) -> bool:
        return not self.blockers

    @property
    def kept_back(self) -> bool:
        """Whether a rule's `should_send` is the only blocker."""
        return {f.code for f in self.blockers} == {NOT_SENT_HERE}

    def codes_in_question(self, findings: Iterable[Finding]) -> tuple[JobRecord, ...]:
        """The records whose code these findings say is missing or refused."""
        return in_question(self._of_our_codes(findings), self.records)

    def codes_needed(self, findings: Iterable[Finding]) -> tuple[JobRecord, ...]:
        """The records whose codes are all that is needed; empty if a finding blocks for another reason, too."""
        found = tuple(findings)
        ours = self._of_our_codes(found)
        return needed(ours, self.records) if len(ours) == len(found) else ()

    def _of_our_codes(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Without refusals of a value that a rule has set: another code of the record would change nothing."""
        origins = {value.field: value.origin.source for value in self.header}
        of_items = {item.item_id: item.code_origin for item in self.blocked}
        of_items |= {line.item_id: line.code_origin for line in self.lines}

        def is_ours(found: Finding) -> bool:
            if found.code not in REFUSED:
                return True
            kind = kind_in_question(found)
            if kind is AliasKind.ITEM:
                return of_items.get(found.item_id or "") in _OF_LIBRARY
            return kind is not None and origins.get(FIELDS[kind]) in (f"alias.{kind.value}", f"mapping.{kind.value}")

        return tuple(filter(is_ours, findings))

    @property
    def values(self) -> Mapping[str, str]:
        """Header fields and their values, as sent. Fields that are not in the plan are sent empty."""
        return {h.field: h.value for h in self.header}

    @property
    def plan_hash(self) -> str:
        """SHA-256 over what was chosen, fields, lines and origins, without time and findings, so that a waiting plan
        keeps its hash. Two choices never share a hash, also if they would send the same: what a person did not choose
        on the page is not sent."""
        material = [
            self.job_id,
            self.connection_id,
            self.number,
            [self.items, self.completes, self.adopt, *([] if self.tasks is TasksMode.NEW_ONLY else [self.tasks])],
            [[h.field, h.value, *astuple(h.origin)] for h in self.header],
            [
                [line.item_id, line.kind, line.round, [[v.field, v.value, *astuple(v.origin)] for v in line.values]]
                for line in self.lines
            ],
        ]
        if self.annotations:
            material.append(
                [
                    [one.kind, one.place, one.text, one.appends, one.due, *astuple(one.origin)]
                    for one in self.annotations
                ]
            )
        text = json.dumps(material, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
