"""Which of Spectrum's lists an Authorization ID may read: each is asked once, and no more than its beginning is read.

A list that may not be read is no failure: sends work without it. Only a company that is refused is one.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from types import MappingProxyType

from adapters.outbound.spectrum import remedies
from adapters.outbound.spectrum.lists.read_lists import ReadLists
from core.model.connections.connection import SpectrumTarget
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_read import EVERYTHING, LIST_SERVICES, ListQuestion, ListRead
from core.model.mappings.listed_code import ListedCode, ListTrouble
from core.model.shared.check_step import CheckState, CheckStep

READS: Mapping[AliasKind, str] = MappingProxyType({AliasKind.CUSTOMER: "read_customers", AliasKind.ITEM: "read_items"})
"""The step of each list, in the order in which they are asked."""
_SHORT: Mapping[AliasKind, ListQuestion] = {
    AliasKind.ITEM: ListQuestion(part_number="JOBFERRY-TEST"),
    AliasKind.CUSTOMER: EVERYTHING,
}
"""No item has such a part number, so that answer is short. The customers cannot be asked for fewer."""
_WHERE = "System Administration > Installation > Data Exchange in Spectrum"
_OF_THE_COMPANY = re.compile(r"\bcompan(y|ies)\b|company_code", re.IGNORECASE)
_FOR = "Sends do not need it. With it, codes are suggested, and wrong ones are known before sending."


class _Enough(Exception):
    """Some codes came, so the list may be read."""


async def list_permissions(read_lists: ReadLists, target: SpectrumTarget, until: float) -> AsyncIterator[CheckStep]:
    """Yield the steps of READS. Never raises."""
    refused = False
    for kind, name in READS.items():
        if refused:
            yield CheckStep(name, CheckState.SKIPPED, "Not tested, since the company is refused.")
            continue
        step = step_of(kind, target.company_code, await _asked(read_lists, target, kind, until))
        refused = step.state is CheckState.FAILED
        yield step


async def _asked(read_lists: ReadLists, target: SpectrumTarget, kind: AliasKind, until: float) -> ListRead:
    async def take(_: Sequence[ListedCode]) -> None:
        raise _Enough

    try:
        return await read_lists(target, kind, take, _SHORT[kind], until=until)
    except _Enough:
        return ListRead()


def step_of(kind: AliasKind, company: str, read: ListRead) -> CheckStep:
    """What a reading says of the Authorization ID in this company."""
    name, service = READS[kind], LIST_SERVICES[kind]
    if read.trouble in (None, ListTrouble.ROW_LIMIT):
        return CheckStep(name, CheckState.OK, f"May read the {kind}s of company {company} ({service}): yes.")
    if read.refused and _OF_THE_COMPANY.search(read.refused):
        detail = f"Spectrum refuses company {company} to this Authorization ID. It says: {read.refused}"
        remedy = remedies.COMPANY_REFUSED
        return CheckStep(name, CheckState.FAILED, detail, remedy.code, remedy.fix)
    if read.trouble is ListTrouble.NO_SERVICE:
        detail = f"May read the {kind}s: no, this Spectrum does not offer {service}. {_FOR}"
        return CheckStep(name, CheckState.SKIPPED, detail)
    if read.trouble is ListTrouble.NOT_ALLOWED:
        detail = (
            f"May read the {kind}s: no, the Authorization ID may not use {service}. {_FOR} To allow it, add {service} "
            f"to its services under {_WHERE}."
        )
        return CheckStep(name, CheckState.SKIPPED, detail)
    return CheckStep(name, CheckState.UNKNOWN, f"May read the {kind}s: not known. {read.detail}")
