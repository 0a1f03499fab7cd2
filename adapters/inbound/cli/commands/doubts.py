"""`jobferry doubts`: what may have been added in Spectrum or not, and the answer of somebody who looked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import typer
from rich.text import Text

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.options import OnlyConnection, Reason, TenantOption, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document_list, say
from adapters.inbound.schema.schema_base import Page
from adapters.inbound.schema.sending.doubts import DoubtOut, where_to_look
from adapters.inbound.schema.sending.plans import LedgerLineOut
from adapters.inbound.schema.sending.unclear_annotations import UnclearAnnotationOut
from adapters.inbound.schema.sending.unclear_annotations import where_to_look as where_to_look_for
from core.model.work_orders.annotation import AnnotationKind
from core.model.work_orders.cost_line import LineState
from core.model.work_orders.line_words import line_words
from core.services.sending.annotations.unclear_annotations import UnclearAnnotation
from core.services.sending.send_actions import Doubt

doubts = group("doubts", "What to check in Spectrum: there or not.")


MOST_SHOWN = 1000


@doubts.command("list")
@answers(Page[DoubtOut])
async def list_(context: CommandContext, tenant: TenantOption = None, connection: OnlyConnection = None) -> None:
    """List every item to check, and where to look for it.

    Shows what was sent, when, and the answer.

    \b
    Example:
      jobferry doubts list --tenant cardinal
    """
    owner = await context.tenant(tenant)
    found = await context.use_cases.doubts.list(owner.id, connection=connection, limit=MOST_SHOWN)
    others = await context.use_cases.unclear_annotations.list(owner.id, connection=connection, limit=1)
    if context.as_json:
        document_list(map(DoubtOut.of, found))
    elif found:
        for one in found:
            data.print(_told(one))
        say("Look in Spectrum, then say what you found:")
        settle = f"jobferry doubts settle {found[0].line.id} --tenant {owner.slug}"
        say(f'{settle} --outcome posted|not_posted --reason "..."', style="bold")
    else:
        say("No item to check in Spectrum.")
    if others:
        say(f"There are notes or documents to check, too: jobferry doubts annotations --tenant {owner.slug}")


@doubts.command()
@answers(LedgerLineOut)
async def settle(
    context: CommandContext,
    line: Annotated[str, typer.Argument(metavar="LINE", help="The line's id, such as lin_01J...")],
    outcome: Annotated[
        Literal["posted", "not_posted"], typer.Option(help="What you found in Spectrum: it is there, or it is not.")
    ],
    reason: Reason,
    tenant: TenantOption = None,
) -> None:
    """Say whether a line is in Spectrum.

    A `posted` line is never sent again. With `not_posted` the send continues and posts it.

    \b
    Example:
      jobferry doubts settle lin_01JEXAMPLE --outcome posted \\
          --reason "seen on the work order"
    """
    owner = await context.tenant(tenant)
    settled = await context.use_cases.doubts.settle(owner.id, line, LineState(outcome), reason=reason, by=me())
    text = f"Recorded as not posted: {line_words(settled)}. The send continues and posts it."
    if settled.state is LineState.POSTED:
        text = f"Recorded as posted: {line_words(settled)}. The send continues and does not post it again."
    context.answer(LedgerLineOut.of(settled), text)


@doubts.command("annotations")
@answers(Page[UnclearAnnotationOut])
async def list_annotations(
    context: CommandContext, tenant: TenantOption = None, connection: OnlyConnection = None
) -> None:
    """List every note and document to check.

    Says where to look for each. Their jobs are sent; they hold nothing back.

    \b
    Example:
      jobferry doubts annotations --tenant cardinal
    """
    owner = await context.tenant(tenant)
    found = await context.use_cases.unclear_annotations.list(owner.id, connection=connection, limit=MOST_SHOWN)
    if context.as_json:
        document_list(map(UnclearAnnotationOut.of, found))
    elif found:
        for one in found:
            data.print(_of_annotation(one))
        say("Look in Spectrum, then say what you found:")
        settle = f"jobferry doubts settle-annotation {found[0].id} --tenant {owner.slug}"
        say(f'{settle} --outcome there|not_there --reason "..."', style="bold")
    else:
        say("No note and no document to check in Spectrum.")


@doubts.command()
@answers(UnclearAnnotationOut)
async def settle_annotation(
    context: CommandContext,
    annotation: Annotated[
        str, typer.Argument(metavar="ANNOTATION", help="The id of the note or document, such as ann_3f1c...")
    ],
    outcome: Annotated[
        Literal["there", "not_there"], typer.Option(help="What you found in Spectrum: it is there, or it is not.")
    ],
    reason: Reason,
    tenant: TenantOption = None,
) -> None:
    """Say whether a note's text or a document is in Spectrum.

    What is there is never added again. What is not goes with the job's next send.

    \b
    Example:
      jobferry doubts settle-annotation ann_3f1cEXAMPLE --outcome there \\
          --reason "among the documents of the work order"
    """
    owner = await context.tenant(tenant)
    settled = await context.use_cases.unclear_annotations.settle(
        owner.id, annotation, there=outcome == "there", reason=reason, by=me()
    )
    text = "Recorded as there. It is not added again."
    if outcome == "not_there":
        text = "Recorded as not there. The job's next send adds it."
    context.answer(UnclearAnnotationOut.of(settled), text)


def _of_annotation(one: UnclearAnnotation) -> Text:
    document = one.kind is AnnotationKind.DOCUMENT
    text = Text()
    text.append(f"Document {one.written.text}\n" if document else f"Note {one.written.place}\n", "bold yellow")
    rows = [
        ("Id", one.id),
        ("Job", f"{one.record.job_id}, send {one.send_id}" if one.send_id else one.record.job_id),
        ("Called", f"{words.moment(one.written.begun_at)} UTC"),
        *([] if document else [("Text", one.written.text)]),
        *([("Holds others", "the connection adds no others until this is settled")] if one.written.blocked else []),
        ("Where to look", where_to_look_for(one)),
        ("Not there?", f"say so after {words.moment(one.quiet_until)} UTC: until then Spectrum may still add it"),
    ]
    return _with_rows(text, rows)


def _told(doubt: Doubt) -> Text:
    line, attempt = doubt.line, doubt.attempt
    text = Text()
    text.append(f"{line_words(line)}\n", "bold yellow")
    rows = [
        ("Line", line.id),
        ("Job", f"{doubt.send.job_number or line.job_id}, send {doubt.send.id}"),
        ("Sent", f"{words.moment(line.sent_at)} UTC"),
        ("Fields", ", ".join(f"{name} {value}" for name, value in line.fields.items())),
        ("What came back", attempt.detail if attempt else "nothing: the worker stopped before an answer"),
        ("Where to look", where_to_look(doubt)),
        ("Not there?", f"say so after {words.moment(line.quiet_until)} UTC: until then Spectrum may still add it"),
    ]
    return _with_rows(text, rows)


def _with_rows(text: Text, rows: Sequence[tuple[str, str]]) -> Text:
    for name, value in rows:
        text.append(f"  {name + ':':16}", "dim")
        text.append(f"{value}\n")
    return text
