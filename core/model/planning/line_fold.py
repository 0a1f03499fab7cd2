"""Make the wanted line from the finished draft of one item, and check every field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from core.model.catalogue import finding
from core.model.planning.draft import DraftValue, LineDraft
from core.model.shared.figures import fits, plain, to_cents
from core.model.shared.finding import Finding, Severity
from core.model.shared.origin import Origin
from core.model.work_orders.column_words import in_words
from core.model.work_orders.cost_line import CODES, LINE_LENGTHS, TEXTS, WHOLE_DIGITS, LeftOut, LineValue
from core.model.work_orders.field_check import bad_signs
from core.model.work_orders.item import LABOR, ItemKind, ItemMember, JobItem

_MEMBERS: Mapping[ItemMember, str] = {
    "type": "type in the library",
    "quantity": "quantity",
    "cost": "cost",
    "code": "code in the library",
    "external_id": "external ID in the library",
}


@dataclass(frozen=True, slots=True)
class WantedLine:
    """What should be in Spectrum for one item, all rounds together."""

    item: JobItem
    kind: ItemKind
    values: tuple[LineValue, ...]


@dataclass(frozen=True, slots=True)
class FoldedItem:
    """The decision about one item: a line, or why not. `findings` apply only if the line is to be posted."""

    item: JobItem
    line: WantedLine | None = None
    left_out: LeftOut | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def blocked(self) -> bool:
        return any(found.blocks for found in self.findings)


def fold_item(draft: LineDraft) -> FoldedItem:
    """Decide about one item. Labor is never sent, nor an item that a rule left out or that has a quantity of zero."""
    item = draft.item
    if item.type == LABOR:
        return _out(item, "labor", "hours are entered in Spectrum directly", Origin("core"))
    if draft.left_out:
        return _out(item, draft.left_out.code, draft.left_out.reason, draft.left_out_by, draft.findings)
    if item.quantity is not None and not item.quantity:
        return _out(item, "zero_quantity", "its quantity is zero", Origin("item.quantity"), draft.findings)
    kind = draft.kind
    if kind is ItemKind.SKIP:
        return _out(item, "skipped", "a rule leaves out items of this kind", Origin("rule"), draft.findings)
    if untyped := unreadable(item, "type"):  # it may be labor
        return FoldedItem(item, findings=(*draft.findings, untyped))
    if kind is None:
        message = f"{about(item)} has the type {item.type or '(none)'!r}, and no setting says what to do with it."
        return FoldedItem(item, findings=(*draft.findings, finding("ITEM_TYPE_UNKNOWN", message)))
    values, findings = [], list(draft.findings)
    for name in LINE_LENGTHS[kind]:
        drafted = draft.fields.get(name)
        if drafted and drafted.value.strip():
            value, found = _checked(item, kind, name, drafted)
            values.append(LineValue(name, value.value, value.origin))
            findings += [found] if found else []
    findings += _unknown_fields(draft, kind)
    if not any(value.field == CODES[kind] for value in values):
        findings.append(no_code(item))
    return FoldedItem(item, WantedLine(item, kind, tuple(values)), None, tuple(findings))


def about(item: JobItem) -> str:
    """The item's name in messages."""
    return f"The item {item.name.strip() or item.id}"


def unreadable(item: JobItem, *members: ItemMember, field: str | None = None) -> Finding | None:
    """Why the item cannot be sent: ServiceTrade sends one of these members in an unknown form. None if it does not."""
    if odd := item.unread(*members):
        message = f"{about(item)}: its {_MEMBERS[odd.member]} cannot be read: {odd.value}."
        return finding("ITEM_VALUE_UNREADABLE", message, field=field)
    return None


def no_code(item: JobItem) -> Finding:
    """Why an item without a usable code cannot be sent: it has none, or one that cannot be read."""
    if odd := unreadable(item, "external_id", "code"):
        return odd
    if not item.library_id:
        message = f"{about(item)} is not from ServiceTrade's library, so it has no code."
    elif item.generic:
        message = (
            f"{about(item)} is of a library item that stands for anything ({item.library_id} in ServiceTrade), which "
            "has no code."
        )
    else:
        message = (
            f"{about(item)} has no alias, and its library item (ServiceTrade id {item.library_id}) has neither an "
            "external ID nor a code."
        )
    return replace(finding("ITEM_CODE_MISSING", message), item_id=item.id)


def _out(item: JobItem, code: str, reason: str, origin: Origin, findings: tuple[Finding, ...] = ()) -> FoldedItem:
    left_out = LeftOut(
        item_id=item.id, item_name=item.name, item_type=item.type, code=code, reason=reason, origin=origin
    )
    # If a rule failed, its finding stays, so that the item is not left out silently.
    return FoldedItem(item, left_out=left_out, findings=tuple(found for found in findings if found.blocks))


def _checked(item: JobItem, kind: ItemKind, name: str, drafted: DraftValue) -> tuple[DraftValue, Finding | None]:
    """The value as it is sent, with its first problem."""
    if name in WHOLE_DIGITS:
        return _checked_number(item, name, drafted)
    text, limit = drafted.value.strip(), LINE_LENGTHS[kind][name]
    value = replace(drafted, value=text)
    what = f"{about(item)}: {in_words(name)}"
    if bad := bad_signs(text, free=name in TEXTS):
        message = f"{what} holds characters that Spectrum's web service does not accept: {bad}."
        return value, finding("INVALID_CHARACTERS", message, field=name)
    if len(text) > limit:
        message = f"{what} has {len(text)} characters; Spectrum takes at most {limit}."
        return value, finding("FIELD_LENGTH_OTHER", message, field=name)
    return value, None


def _checked_number(item: JobItem, name: str, drafted: DraftValue) -> tuple[DraftValue, Finding | None]:
    """At most two decimals. More are rounded with a warning, because that changes a quantity or an amount."""
    what = f"{about(item)}: {in_words(name)}"
    try:
        given = Decimal(drafted.value.strip())
    except InvalidOperation:
        message = f"{what} must be a plain number, not {drafted.value!a}."
        return drafted, finding("NUMBER_PRECISION", message, field=name)
    cents = to_cents(given)
    if cents is None or not fits(cents, WHOLE_DIGITS[name]):
        message = f"{what} is too large; Spectrum takes {WHOLE_DIGITS[name]} digits before the point."
        return drafted, finding("NUMBER_PRECISION", message, field=name)
    value = replace(drafted, value=plain(cents))
    if cents == given:
        return value, None
    if not cents:
        message = f"{what} is {drafted.value.strip()}: too small for Spectrum, which stores two decimals."
        return value, finding("NUMBER_PRECISION", message, field=name)
    message = f"{what} has more than two decimals; it is sent rounded, as {value.value}."
    return value, finding("NUMBER_PRECISION", message, severity=Severity.WARNING, field=name)


def _unknown_fields(draft: LineDraft, kind: ItemKind) -> Iterator[Finding]:
    for name, drafted in draft.fields.items():
        if name not in LINE_LENGTHS[kind]:
            message = f"The rule {drafted.origin.rule} set {name!a}, which is not a field of such a line."
            yield finding("FIELD_LENGTH_OTHER", message, field=name, origin=drafted.origin.rule)
