"""Cost lines in words: for findings, comments and lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.model.catalogue import finding
from core.model.shared.figures import money
from core.model.shared.finding import Finding
from core.model.shared.moments import moment_words
from core.model.work_orders.cost_line import COST, NON_STOCK, QUANTITY, UNIT_COST, LedgerLine, PlannedLine
from core.model.work_orders.item import ItemKind


def line_words(line: LedgerLine | PlannedLine) -> str:
    """The line in words, for example `3 x VALVE-2 (Check valve)` or `other charge PERMIT (Permit fee), cost 120.50`."""
    fields, name = line.fields, line.item_name.strip()
    if line.kind is ItemKind.SKIP:  # entered by hand, with an unknown kind
        return name or line.item_id
    called = f"{line.code} ({name})" if name and name != line.code else line.code
    if line.kind is ItemKind.OTHER_CHARGE:
        return f"other charge {called}, cost {money(fields.get(COST, '0'))}"
    if line.kind is ItemKind.TASK:
        return f"task {called}"
    each = f", {money(fields[UNIT_COST])} each" if line.code.startswith(NON_STOCK) and UNIT_COST in fields else ""
    return f"{fields.get(QUANTITY, '0')} x {called}{each}"


def doubt_finding(line: LedgerLine) -> Finding:
    """The finding for a line that may or may not have been posted."""
    when = f" {moment_words(line.sent_at)}" if line.sent_at else ""
    message = (
        f"It is not known whether this item was posted to work order {line.work_order_number}: {line_words(line)}, "
        f"sent{when}."
    )
    return finding("IN_DOUBT_POST", message)


def line_findings(line: LedgerLine) -> Iterator[Finding]:
    """Why Spectrum refused a line, or what it warned of, with the line's words in each message."""
    for found in line.findings:
        yield replace(found, message=f"{line_words(line)}: {found.message}", item_id=line.item_id)
