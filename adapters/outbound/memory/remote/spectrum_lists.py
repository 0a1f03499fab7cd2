"""The lists of codes of a Spectrum in memory, and what a test may do to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import islice

from core.model.mappings.alias import AliasKind
from core.model.mappings.list_read import BATCH, ListQuestion, ListRead, TakeCodes, never_listed
from core.model.mappings.listed_code import ListedCode, ListTrouble

_STATUS = {True: "A", False: "D", None: "N"}


class MemoryLists:
    """`row_limit` cuts each answer (None: no limit). A kind in `troubles` cannot be read, and says so. `questions` are
    those that were asked. `categories` gives an item's category by its code."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, AliasKind], dict[str, ListedCode]] = {}
        self.row_limit: int | None = None
        self.troubles: dict[AliasKind, ListTrouble] = {}
        self.categories: dict[str, str] = {}
        self.questions: list[tuple[AliasKind, ListQuestion]] = []

    def put(self, company: str, codes: Iterable[ListedCode]) -> None:
        """Add these codes, or replace those that are there."""
        for one in codes:
            self._codes.setdefault((company, one.kind), {})[one.code] = one

    def remove(self, company: str, kind: AliasKind, code: str) -> None:
        del self._codes[company, kind][code]

    async def read(self, company: str, kind: AliasKind, take: TakeCodes, question: ListQuestion) -> ListRead:
        if no_service := never_listed(kind):
            return no_service
        self.questions.append((kind, question))
        if trouble := self.troubles.get(kind):
            return ListRead(trouble=trouble, detail=f"Spectrum does not let us read its list of {kind}s.")
        found = self._asked_for(company, kind, question)
        handed = list(islice(found, self.row_limit))
        for first in range(0, len(handed), BATCH):
            await take(handed[first : first + BATCH])
        categories = frozenset(self.categories[one.code] for one in handed if one.code in self.categories)
        if next(found, None) is None:
            return ListRead(rows=len(handed), categories=categories)
        said = (f"Only the first {len(handed)} rows are returned; narrow the selection",)
        detail = f"Spectrum gave {len(handed)} rows and then its limit ended the list."
        return ListRead(
            rows=len(handed), trouble=ListTrouble.ROW_LIMIT, detail=detail, warnings=said, categories=categories
        )

    def _asked_for(self, company: str, kind: AliasKind, question: ListQuestion) -> Iterator[ListedCode]:
        for code, one in sorted(self._codes.get((company, kind), {}).items()):
            if question.active_only and not one.active:
                continue
            if question.status and _STATUS[one.active] != question.status:
                continue
            if question.category and self.categories.get(code) != question.category:
                continue
            if question.part_number:
                continue  # nothing has one here
            if question.description and not fnmatchcase(one.name.upper(), question.description.upper()):
                continue
            yield one
