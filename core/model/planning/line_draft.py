"""What a rule gets for one item and what it may answer: leave the item out, or set its line's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from core.model.planning.draft import ConnectionView, DraftValue, FieldPatch
from core.model.planning.job import JobSnapshot
from core.model.shared.finding import Finding
from core.model.shared.origin import Origin
from core.model.work_orders.item import ItemKind, JobItem


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """A rule's answer to `include_item`: do not send this item. No later rule overrules it."""

    reason: str
    code: str = "rule"


@dataclass(frozen=True, slots=True)
class LinePatch:
    """A rule's answer to `map_line`: the item's kind, fields to set (by Spectrum's names), and findings.

    `kind` None keeps the kind set by earlier rules. Another kind starts with empty fields.
    """

    kind: ItemKind | None = None
    fields: tuple[FieldPatch, ...] = ()
    findings: tuple[Finding, ...] = ()


_EMPTY: Mapping[str, DraftValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LineDraft:
    """The line of one item as set by the rules asked so far. `config` is the asked plugin's own configuration."""

    job: JobSnapshot
    connection: ConnectionView
    item: JobItem
    kind: ItemKind | None = None
    fields: Mapping[str, DraftValue] = field(default_factory=lambda: _EMPTY)
    left_out: LeaveOut | None = None
    left_out_by: Origin = field(default_factory=lambda: Origin("core"))
    findings: tuple[Finding, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """The present value of a field, '' if no rule has set it."""
        found = self.fields.get(name)
        return found.value if found else ""

    def with_answer(self, answer: LinePatch | LeaveOut | Finding, rule: str, version: str) -> LineDraft:
        """The draft with one rule's answer added: a later patch replaces earlier values; the first LeaveOut stays."""
        match answer:
            case Finding():
                return replace(self, findings=(*self.findings, answer))
            case LeaveOut():
                if self.left_out:
                    return self
                return replace(self, left_out=answer, left_out_by=Origin("rule", rule, version, answer.reason))
        kind = answer.kind or self.kind
        fields = dict(self.fields) if kind is self.kind else {}
        for item in answer.fields:
            fields[item.field] = DraftValue(item.value, Origin(item.source, rule, version, item.reason))
        findings = (*self.findings, *answer.findings)
        return replace(self, kind=kind, fields=MappingProxyType(fields), findings=findings)
