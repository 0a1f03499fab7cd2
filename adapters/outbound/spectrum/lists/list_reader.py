"""Reads one of Spectrum's lists by one question: the answer is taken apart while it arrives, so its length does not
matter for memory. Only an answer that is complete and has nothing unclear in it is the whole of what was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from adapters.outbound.spectrum.lists.codes import NotACode, category_of, code_of
from adapters.outbound.spectrum.lists.rows import Cells, NotAList, RowReader
from adapters.outbound.spectrum.lists.text import Text, Unpacking
from adapters.outbound.spectrum.multipart import Unreadable
from adapters.outbound.spectrum.transport import NoMore
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_read import BATCH, LIST_SERVICES, ListQuestion, ListRead, TakeCodes, may_be_cut
from core.model.mappings.listed_code import ListedCode, ListTrouble
from core.model.mappings.seen_codes import SeenCodes
from core.model.sending.answer import AnswerRow

MOST_BYTES = 268_435_456
"""Largest list in bytes, as it comes and unpacked: twice as much as 100,000 items take."""
MOST_CODES = 500_000
_AT_ONCE = 16_384
"""Bytes that are taken apart at a time, which takes some milliseconds."""
_MOST_SAID = 20
_MOST_CATEGORIES = 1000
"""More than anybody asks for: each is a question of its own."""
_REFUSING = frozenset("AIME")
_SILENT = frozenset({"", "G", "S"})
_STATUS_WORDS = {False: "ALL", True: ""}


def values_of(kind: AliasKind, company: str, question: ListQuestion) -> Mapping[str, str]:
    """The elements of the request."""
    if kind is AliasKind.CUSTOMER:
        return {"pCompany_Code": company, "pStatus": _STATUS_WORDS[question.active_only]}
    return {
        "pCompany_Code": company,
        "pItem_Category": question.category,
        "pItem_Description": question.description,
        "pEDP_Part_Number": question.part_number,
        "pStatus_Discontinue_Flag": question.status,
    }


def _too_large() -> NotAList:
    return NotAList(f"The answer is larger than {MOST_BYTES >> 20} MB.")


class ListReader:
    """One answer. `take` gets the codes; `end` says what the reading came to."""

    def __init__(self, kind: AliasKind, company: str, take: TakeCodes) -> None:
        self._kind = kind
        self._company = company
        self._take = take
        self._unpacking = Unpacking()
        self._text: Text | None = None
        self._rows = RowReader(f"{LIST_SERVICES[kind]}Response")
        self._bytes = self._arrived = 0
        self._batch: list[ListedCode] = []
        self._seen = SeenCodes()
        self._skipped = 0
        self._categories: set[str] = set()
        self._refusals: list[AnswerRow] = []
        self._warnings: list[str] = []
        self._broken = ""

    async def feed(self, head: Mapping[str, str], piece: bytes) -> None:
        """Read a piece of the answer. Raises NoMore after something unreadable: the rest need not come any more."""
        self._arrived += len(piece)
        self._text = self._text or Text(head.get("Content-Type", ""))
        try:
            if self._arrived > MOST_BYTES:
                raise _too_large()
            for plain in self._unpacking.feed(head, piece):
                self._count(plain)
                for start in range(0, len(plain), _AT_ONCE):
                    await self._read(self._text.feed(plain[start : start + _AT_ONCE]))
                    await asyncio.sleep(0)  # the calls of other connections go on meanwhile
        except (NotAList, Unreadable) as error:
            self._broken = str(error)
            raise NoMore from error

    async def end(self, cut: str) -> ListRead:
        """How the reading ended. `cut` says why the answer is not complete, '' if all of it arrived."""
        if not self._broken:
            try:
                await self._close(cut)
            except (NotAList, Unreadable) as error:
                self._broken = str(error)
        if self._batch:
            await self._hand_over()
        trouble, detail = self._trouble()
        return ListRead(
            rows=len(self._seen),
            trouble=trouble,
            detail=detail,
            refused=self._said_no,
            warnings=tuple(self._warnings),
            categories=frozenset(self._categories),
        )

    async def _close(self, cut: str) -> None:
        if self._text:
            await self._read(self._text.end())
        if cut:
            raise NotAList(cut, cut=True)
        if not self._unpacking.whole:
            raise NotAList("The compressed answer is cut off.", cut=True)
        self._rows.end()

    def _count(self, plain: bytes) -> None:
        self._bytes += len(plain)
        if self._bytes > MOST_BYTES:
            raise _too_large()

    async def _read(self, text: str) -> None:
        for row in self._rows.feed(text):
            self._take_row(row)
            if len(self._batch) >= BATCH:
                await self._hand_over()

    async def _hand_over(self) -> None:
        batch, self._batch = self._batch, []
        await self._take(batch)

    def _take_row(self, row: Cells) -> None:
        code = row.get("error_code", "").upper()
        said = row.get("error_description", "") or row.get("desc", "")
        if code not in _SILENT:
            if code == "W":
                self._warn(said)
            else:
                self._refuse(AnswerRow(code, said, row.get("error_column", "") or row.get("column", "")))
        try:
            found = code_of(self._kind, self._company, row)
        except NotACode:
            self._skipped += code in _SILENT
            return
        if found and (key := found.code.casefold()) not in self._seen:
            if len(self._seen) >= MOST_CODES:
                raise NotAList(f"The list has more than {MOST_CODES:,} codes.")
            self._seen.add(key)
            self._batch.append(found)
            if self._kind is AliasKind.ITEM and len(self._categories) < _MOST_CATEGORIES:
                self._categories.update({category_of(row)} - {""})

    def _warn(self, said: str) -> None:
        if len(self._warnings) < _MOST_SAID:
            self._warnings.append(said[:500] or "(a warning without words)")

    def _refuse(self, row: AnswerRow) -> None:
        if len(self._refusals) < _MOST_SAID:
            self._refusals.append(row)

    def _trouble(self) -> tuple[ListTrouble | None, str]:
        """What is wrong with the list, the gravest first."""
        if self._rows.fault is not None:
            return self._fault(*self._rows.fault)
        if self._refusals:
            return self._refused()
        if self._broken:
            kept = f" The {len(self._seen):,} codes before that were read." if self._seen else ""
            return ListTrouble.UNREADABLE, f"{self._broken}{kept}"
        if self._skipped:
            return ListTrouble.UNREADABLE, f"{self._skipped:,} rows have no readable code of this company."
        if self._warnings or may_be_cut(len(self._seen)):
            says = f" It says: {self._warnings[0]}" if self._warnings else ""
            detail = f"Spectrum gave {len(self._seen):,} rows, and there may be more than its row limit lets through."
            return ListTrouble.ROW_LIMIT, f"{detail}{says}"
        return None, ""

    @property
    def _said_no(self) -> str:
        return "; ".join(f"{row.code} {row.column}: {row.text}" for row in self._refusals)

    def _fault(self, code: str, text: str) -> tuple[ListTrouble, str]:
        service = LIST_SERVICES[self._kind]
        if "could not find webservice" in text.lower() and service.lower() in text.lower():
            return ListTrouble.NO_SERVICE, f"Spectrum does not have the service {service}."
        return ListTrouble.UNREADABLE, f"Spectrum reports a fault: {code} {text}".strip()

    def _refused(self) -> tuple[ListTrouble, str]:
        said = self._said_no
        if all(row.code == "A" for row in self._refusals) and not self._seen:
            service = LIST_SERVICES[self._kind]
            return ListTrouble.NOT_ALLOWED, f"The Authorization ID may not use {service}. Spectrum says: {said}"
        return ListTrouble.UNREADABLE, f"Spectrum refuses the list. It says: {said}"
