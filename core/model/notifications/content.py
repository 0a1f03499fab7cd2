"""What a message says, before it is written as a mail or as a post: plain lines, each with the page that it is about.

Names and messages come from other systems. Here they become one line each, and no longer than a message has room for;
mail and posts then show them as text, never as markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.model.catalogue import CATALOGUE
from core.model.connections.connection import Connection
from core.model.creations.creation import Creation, CreationKind
from core.model.notifications.notice import GatheredNotices, Notice, NoticeKind
from core.model.shared.advice import Door, Outcome
from core.model.shared.text import composed, hidden_in, without
from core.model.tenants.tenant import Tenant
from core.model.work_orders.cost_line import LedgerLine

LONGEST_SUBJECT, LONGEST_LINE = 120, 300
MOST_ROWS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line. `path` is the console's page about it, '' for none."""

    text: str
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Lines under a heading. `more` counts those that are left out; `numbered`: they are steps, one after the other."""

    title: str
    rows: tuple[Row, ...] = ()
    more: int = 0
    numbered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """`lead` are the first sentences, `path` is the page to open for all of it, `path_words` are that link's words."""

    subject: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...] = ()
    path: str = ""
    path_words: str = "Open Jobferry"


def plain(text: str, longest: int = LONGEST_LINE) -> str:
    """The text in one line without characters that nobody sees, cut with a mark."""
    line = without(hidden_in(text), composed(text))
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def local(at: datetime, zone: tzinfo) -> str:
    """A moment as the tenant's clock shows it."""
    there = at.astimezone(zone)
    return f"{there.day} {there:%b %Y, %H:%M}"


def failed_content(found: GatheredNotices, tenant: Tenant, names: dict[str, str], zone: tzinfo) -> Content:
    """Sends of one cause that failed. `names` are those of the connections, by id."""
    newest = found.newest[0]
    entry = CATALOGUE.get(newest.code)
    title, home = entry.title if entry else newest.code, f"/t/{tenant.slug}"
    if found.jobs == 1:
        subject = f"Job {plain(newest.job, 40)} needs attention: {title}"
    else:
        subject = f"{count(found.jobs, 'job needs', 'jobs need')} attention: {title}"
    lead = [plain(entry.cause if entry else newest.message)]
    if found.count > 1:
        between = f"from {local(found.first_at, zone)} to {local(found.last_at, zone)}"
        lead.append(f"{count(found.count, 'send', 'sends')} failed for this reason {between}.")
    jobs = tuple(_job_row(one, home, names) for one in found.newest[:MOST_ROWS])
    sections = [Section(title="Jobs", rows=jobs, more=max(0, found.count - len(jobs)))]
    sections += _steps(newest.code, Outcome.STOPPED)
    return Content(
        subject=plain(subject, LONGEST_SUBJECT),
        lead=tuple(lead),
        sections=tuple(sections),
        path=f"{home}/sends/{newest.send_id}" if found.jobs == 1 else home,
    )


def held_content(notice: Notice, connection: Connection, tenant: Tenant, zone: tzinfo) -> Content:
    """A connection is, or was, held. Says how it is now."""
    name = plain(connection.name, 60)
    items_only = connection.hold is None and connection.items_hold is not None
    now = (
        "Its sends wait until it works again."
        if connection.hold
        else "Work orders are sent, but what is added to them waits."
        if items_only
        else "It works again by now."
    )
    over = connection.hold is None and not items_only
    stays = items_only or (connection.hold is not None and connection.hold.until is None)
    return Content(
        subject=f"The connection {name} {'was' if over else 'is'} on hold",
        lead=(f"Since {local(notice.at, zone)}: {plain(notice.message)}", now),
        sections=_steps(notice.code, Outcome.HELD if stays else Outcome.RETRIES),
        path=f"/t/{tenant.slug}/connections/{connection.slug}",
    )


def secret_content(notice: Notice, connection: Connection, tenant: Tenant) -> Content:
    """The client secret of a connection ends."""
    return Content(
        subject=f"The client secret of {plain(connection.name, 60)} needs attention",
        lead=(plain(notice.message),),
        sections=_steps(notice.code, Outcome.WARNED),
        path=f"/t/{tenant.slug}/connections/{connection.slug}",
    )


def doubt_content(
    lines: tuple[LedgerLine, ...], records: tuple[Creation, ...], *, more: bool, tenant: Tenant, zone: tzinfo
) -> Content:
    """Items, the oldest first, and new sites and customers that wait for a person for more than an hour; with `more`,
    there are other items."""
    items = f"More than {len(lines):,} items" if more else count(len(lines), "item", "items") if lines else ""
    news = count(len(records), "new record", "new records") if records else ""
    home = f"/t/{tenant.slug}"
    lead = []
    if lines:
        lead.append(
            "Spectrum did not say clearly whether it took these items. Jobferry posts none of them a second time."
        )
    if records:
        lead.append(
            "It is not known whether new sites or customers were made in Spectrum, or their codes could not be kept."
            " Jobferry makes none of them a second time."
        )
    return Content(
        subject=f"{' and '.join(filter(None, (items, news)))} to check in Spectrum",
        lead=tuple(lead),
        sections=tuple(
            one for one in (doubt_section(lines, zone), new_records_section(records, home, zone)) if one.rows
        ),
        path=f"{home}/doubts" if lines else f"{home}/new-records?show=waiting",
        path_words="Check in Spectrum, then settle them here",
    )


def new_records_section(records: tuple[Creation, ...], home: str, zone: tzinfo) -> Section:
    """New sites and customers that wait for a person."""
    rows = tuple(
        Row(text=plain(_new_record_words(one, zone)), path=f"{home}/new-records/{one.id}")
        for one in records[:MOST_ROWS]
    )
    return Section(title="New sites and customers to check in Spectrum", rows=rows, more=len(records) - len(rows))


def _new_record_words(one: Creation, zone: tzinfo) -> str:
    what = "Site" if one.kind is CreationKind.SITE else "Customer"
    state = "its code could not be kept" if one.keeps_code else "no clear answer"
    sent = f", sent {local(one.sent_at, zone)}" if one.sent_at else ""
    return f"{what} {one.code} for {one.record_name or one.record_id}{sent}: {state}"


def doubt_section(lines: tuple[LedgerLine, ...], zone: tzinfo) -> Section:
    rows = tuple(
        Row(
            text=plain(
                f"Work order {one.work_order_number}: {one.item_name}"
                + (f", sent {local(one.sent_at, zone)}" if one.sent_at else "")
            )
        )
        for one in lines[:MOST_ROWS]
    )
    return Section(title="To check in Spectrum", rows=rows, more=len(lines) - len(rows))


def trial_content(tenant: Tenant) -> Content:
    """A test, to see whether it arrives."""
    return Content(
        subject="A test from Jobferry",
        lead=(f"This is a test. Notifications about {plain(tenant.name, 80)} arrive here.",),
        path=f"/t/{tenant.slug}/notifications",
        path_words="Open the notification settings",
    )


def _steps(code: str, outcome: Outcome) -> tuple[Section, ...]:
    """What to do, in words for the office: nobody knows what who reads it may do."""
    entry = CATALOGUE.get(code)
    rows = tuple(Row(text=plain(one)) for one in entry.steps(outcome, Door.OFFICE)) if entry else ()
    return (Section(title="What to do", rows=rows, numbered=True),) if rows else ()


def _job_row(notice: Notice, home: str, names: dict[str, str]) -> Row:
    name = plain(names.get(notice.connection_id, ""), 60)
    said = f"Job {plain(notice.job, 40)}{f' to {name}' if name else ''}: {plain(notice.message, 180)}"
    return Row(text=said, path=f"{home}/sends/{notice.send_id}")


KIND_WORDS = {
    NoticeKind.HELD: "A connection is on hold",
    NoticeKind.DOUBT: "Items and new records to check in Spectrum for more than an hour",
    NoticeKind.SECRET: "A client secret ends soon",
    NoticeKind.FAILED: "Failed jobs, at once",
    NoticeKind.DIGEST: "A summary once a day",
    NoticeKind.TEST: "A test",
}
