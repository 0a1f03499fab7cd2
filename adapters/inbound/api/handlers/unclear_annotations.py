"""Notes and documents whose outcome is unknown: list them, settle one."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.api.cursor import decode_unclear, encode_unclear
from adapters.inbound.schema.schema_base import Page
from adapters.inbound.schema.sending.unclear_annotations import (
    AnnotationVerdictIn,
    UnclearAnnotationOut,
    UnclearAnnotationsQuery,
)


async def list_unclear_annotations(call: Call[UnclearAnnotationsQuery]) -> Reply[Page[UnclearAnnotationOut]]:
    """List the notes and documents that may have been added or not.

    Oldest first. Look in Spectrum, then settle each. Their jobs are sent; they hold nothing back.
    """
    limit = call.input.limit
    found = await call.use_cases.unclear_annotations.list(
        call.tenant.id, connection=call.input.connection, limit=limit + 1, after=decode_unclear(call.input.cursor)
    )
    page = found[:limit]
    rest = encode_unclear(page[-1].position) if len(found) > limit else None
    return Reply(Page(items=[UnclearAnnotationOut.of(one) for one in page], next=rest))


async def settle_annotation(call: Call[AnnotationVerdictIn]) -> Reply[UnclearAnnotationOut]:
    """Say whether a note's text or a document is in Spectrum.

    What is there is never added again; what is not goes with the job's next send.
    """
    settled = await call.use_cases.unclear_annotations.settle(
        call.tenant.id,
        call.path["annotation_id"],
        there=call.input.outcome == "there",
        reason=call.input.reason,
        by=call.caller.name,
    )
    return Reply(UnclearAnnotationOut.of(settled))
