"""What a rule gets and what it may answer: an immutable draft in, a patch or findings with a reason out.

For one item of the job: leave the item out, or set its line's values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from core.model.catalogue import finding
from core.model.planning.job import JobSnapshot
from core.model.shared.finding import Finding
from core.model.shared.origin import Origin
from core.model.work_orders.item import DEFAULT_KINDS, ItemKind, JobItem

NOT_SENT_HERE = "NOT_SENT_HERE"


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """The plain settings of a connection that a rule may see. It holds no secrets and no other tenant's data."""

    slug: str
    """Its name in addresses and commands."""
    name: str
    """Its name in the Send menu."""
    external_system: str
    """The name under which ServiceTrade keeps the external ids for this connection."""
    company_code: str
    """The company in Spectrum."""
    leading_character: str
    """Stands before the job number. '' for none."""
    default_work_order_type: str
    """'' for none."""
    lead_source: str
    """'' for none."""
    long_text: str
    """What happens to a text that is too long: `cut` or `refuse`."""
    item_kinds: Mapping[str, ItemKind] = field(default_factory=lambda: DEFAULT_KINDS)
    """What each type of item becomes."""
    default_warehouse: str = ""
    """'' for none."""
    non_stock_fallback: str = "off"
    """Which materials are sent as non-stock items: `off` (none), `without_code` or `all`."""
    note_topic: str = ""
    """The note topic of work orders that takes descriptions that are too long. '' for none."""
    note_mode: str = "replace"
    """Whether that note is replaced (`replace`) or added to (`append`)."""
    marker_field: str = ""
    """The user-defined field of work orders that shows the send, such as UDF7. '' for none."""


@dataclass(frozen=True, slots=True)
class NumberPatch:
    """A rule's answer to `work_order_number`."""

    number: str
    reason: str
    source: str = "rule"


@dataclass(frozen=True, slots=True)
class FieldPatch:
    """One header field set by a rule. The length policy and the core trim and check `value` later."""

    field: str
    value: str
    reason: str
    source: str = "rule"


@dataclass(frozen=True, slots=True)
class HeaderPatch:
    """A rule's answer to `map_work_order`: fields to set, and findings if there are any."""

    fields: tuple[FieldPatch, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingsPatch:
    """A rule's answer to `validate_work_order`."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class DoNotSend:
    """A rule's answer to `should_send`: do not send this job on this connection. No later rule overrules it."""

    reason: str


Patch = NumberPatch | HeaderPatch | FindingsPatch | DoNotSend


@dataclass(frozen=True, slots=True)
class DraftValue:
    """A value as set by the rules asked so far."""

    value: str
    """The text as it would be sent; '' clears nothing in Spectrum."""
    origin: Origin
    """Which rule decided it, and why."""


_EMPTY: Mapping[str, DraftValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Draft:
    """The work order as the rules asked so far have built it."""

    job: JobSnapshot
    """The job as it was read for this plan."""
    connection: ConnectionView
    """The connection's plain settings."""
    number: DraftValue | None = None
    """The work order number so far. None before the first rule has answered, and for a job without a number."""
    fields: Mapping[str, DraftValue] = field(default_factory=lambda: _EMPTY)
    """The header fields so far, by Spectrum's names; read one with `value(name)`."""
    findings: tuple[Finding, ...] = ()
    """What the rules asked so far have found."""
    config: Any = field(default_factory=dict)
    """The asked plugin's own configuration: an instance of its `config_model`. Without a model an empty dict."""

    def value(self, name: str) -> str:
        """The present value of a header field, '' if no rule has set it."""
        found = self.fields.get(name)
        return found.value if found else ""

    def with_patch(self, patch: Patch, rule: str, version: str, *, tidies: bool = False) -> Draft:
        """The draft with one rule's answer added: a later value replaces an earlier one; findings are collected.
        A rule that only `tidies` values leaves them the rule that decided them."""
        match patch:
            case NumberPatch():
                origin = Origin(patch.source, rule, version, patch.reason)
                return replace(self, number=DraftValue(patch.number, origin))
            case HeaderPatch():
                fields = _with_fields(self.fields, patch.fields, rule, version, tidies=tidies)
                return replace(self, fields=MappingProxyType(fields), findings=(*self.findings, *patch.findings))
            case FindingsPatch():
                return replace(self, findings=(*self.findings, *patch.findings))
            case DoNotSend():
                message = f"The plugin {rule} {version} excludes this job from this connection: {patch.reason}"
                return replace(self, findings=(*self.findings, finding(NOT_SENT_HERE, message, origin=rule)))


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

    def __post_init__(self) -> None:
        if self.kind is ItemKind.TASK:
            raise ValueError("a LinePatch makes no task: tasks are made from a job's services, never from items")


@dataclass(frozen=True, slots=True)
class LineDraft:
    """The line of one item as set by the rules asked so far."""

    job: JobSnapshot
    """The job of the item."""
    connection: ConnectionView
    """The connection's plain settings."""
    item: JobItem
    """The item."""
    kind: ItemKind | None = None
    """What the item becomes. None: the connection's settings do not say, and no rule has said."""
    fields: Mapping[str, DraftValue] = field(default_factory=lambda: _EMPTY)
    """The line's fields so far, by Spectrum's names; read one with `value(name)`."""
    left_out: LeaveOut | None = None
    """Why the item is not sent. A rule sees None: once an item is left out, no rule is asked any more."""
    left_out_by: Origin = field(default_factory=lambda: Origin("core"))
    """Which rule left it out."""
    findings: tuple[Finding, ...] = ()
    """What the rules asked so far have found about this item."""
    config: Any = field(default_factory=dict)
    """As in a Draft."""

    def value(self, name: str) -> str:
        """The present value of a field, '' if no rule has set it."""
        found = self.fields.get(name)
        return found.value if found else ""

    def with_answer(
        self, answer: LinePatch | LeaveOut | Finding, rule: str, version: str, *, tidies: bool = False
    ) -> LineDraft:
        """The draft with one rule's answer added: a later patch replaces earlier values; the first LeaveOut stays.
        `tidies` as in `Draft.with_patch`."""
        match answer:
            case Finding():
                return replace(self, findings=(*self.findings, answer))
            case LeaveOut():
                if self.left_out:
                    return self
                return replace(self, left_out=answer, left_out_by=Origin("rule", rule, version, answer.reason))
        kind = answer.kind or self.kind
        fields = _with_fields(self.fields if kind is self.kind else {}, answer.fields, rule, version, tidies=tidies)
        findings = (*self.findings, *answer.findings)
        return replace(self, kind=kind, fields=MappingProxyType(fields), findings=findings)


def _with_fields(
    before: Mapping[str, DraftValue], patches: Iterable[FieldPatch], rule: str, version: str, *, tidies: bool
) -> dict[str, DraftValue]:
    fields = dict(before)
    for patch in patches:
        origin = Origin(patch.source, rule, version, patch.reason)
        if tidies and (decided := fields.get(patch.field)):
            origin = replace(origin, rule=decided.origin.rule, version=decided.origin.version)
        fields[patch.field] = DraftValue(patch.value, origin)
    return fields
