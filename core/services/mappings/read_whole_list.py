"""Read all codes of a kind from Spectrum. Where its row limit cuts the list, narrower questions get more of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.model.connections.connection import SpectrumTarget
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_read import EVERYTHING, ListQuestion, ListRead, TakeCodes
from core.model.mappings.listed_code import ListedCode, ListTrouble
from core.model.mappings.seen_codes import SeenCodes
from ports.spectrum import Spectrum

MOST_QUESTIONS = 120
"""For one list. One question takes about a second."""
_STATUSES = "ADN"
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_LONGEST_PREFIX = 2


async def read_whole_list(spectrum: Spectrum, target: SpectrumTarget, kind: AliasKind, take: TakeCodes) -> ListRead:
    """Hand over every code of a kind that Spectrum tells, each at least once, and return what the reading came to.

    Without trouble the list is whole, also with its inactive codes: what it lacks does not exist. Never without codes:
    an empty list shows nothing. What `take` raises is raised.
    """
    reading = _Reading(spectrum, target, kind, take)
    first = await reading.ask(EVERYTHING)
    if first.trouble is ListTrouble.ROW_LIMIT:
        return await (_customers(reading) if kind is AliasKind.CUSTOMER else _items(reading))
    if first.read.whole and not len(reading.codes):
        detail = (
            f"Spectrum answered with a list without any {kind}. This does not show that there is none, so codes that "
            "were known before stay, and no send is stopped for it. If there should be some, ask Spectrum's "
            "administrator whether the Authorization ID belongs to this company."
        )
        return replace(first.read, trouble=ListTrouble.EMPTY, detail=detail)
    return first.read


@dataclass(slots=True)
class _Answer:
    question: ListQuestion
    read: ListRead = field(default_factory=ListRead)
    beginnings: set[str] = field(default_factory=set)
    """How the names of the codes begin, as far as a pattern can be long."""

    @property
    def trouble(self) -> ListTrouble | None:
        return self.read.trouble

    def fits(self) -> bool:
        """Whether the pattern meant what we think: every name begins with it."""
        prefix = self.question.description.removesuffix("*")
        return all(beginning.startswith(prefix) for beginning in self.beginnings)


class _Reading:
    """The answers so far. `codes` are all that were handed over, `narrowed` those of narrower questions."""

    def __init__(self, spectrum: Spectrum, target: SpectrumTarget, kind: AliasKind, take: TakeCodes) -> None:
        self._spectrum = spectrum
        self._target = target
        self._kind = kind
        self._take = take
        self.asked = 0
        self.codes = SeenCodes()
        self.narrowed = SeenCodes()
        self.categories: set[str] = set()
        self.warnings: tuple[str, ...] = ()

    async def ask(self, question: ListQuestion) -> _Answer:
        answer = _Answer(question)

        async def take(codes: Sequence[ListedCode]) -> None:
            for one in codes:
                key = one.code.casefold()
                self.codes.add(key)
                if question != EVERYTHING:
                    self.narrowed.add(key)
            answer.beginnings.update(one.name.upper()[:_LONGEST_PREFIX] for one in codes)
            await self._take(codes)

        self.asked += 1
        answer.read = await self._spectrum.read_list(self._target, self._kind, take, question)
        self.categories |= answer.read.categories
        self.warnings = self.warnings or answer.read.warnings
        return answer

    def ended(self, trouble: ListTrouble | None, detail: str) -> ListRead:
        return ListRead(
            rows=len(self.codes),
            trouble=trouble,
            detail=detail,
            warnings=self.warnings,
            categories=frozenset(self.categories),
        )


async def _customers(reading: _Reading) -> ListRead:
    """The service of customers has no other filter than their status."""
    active = await reading.ask(ListQuestion(active_only=True))
    if active.trouble not in (None, ListTrouble.ROW_LIMIT):
        return reading.ended(active.trouble, active.read.detail)
    detail = (
        f"Spectrum's row limit cuts its list of customers: {len(reading.codes):,} are known here, and there may be "
        "more. Spectrum cannot be asked for fewer at a time, so a customer that is not listed here may exist all the "
        "same. Import the customers from a file that Spectrum exports, or ask its administrator for a higher limit."
    )
    return reading.ended(ListTrouble.ROW_LIMIT, detail)


async def _items(reading: _Reading) -> ListRead:
    answers = [await reading.ask(ListQuestion(status=status)) for status in _STATUSES]
    if failed := next((one for one in answers if one.trouble not in (None, ListTrouble.ROW_LIMIT)), None):
        return reading.ended(failed.trouble, failed.read.detail)
    if all(one.read.whole for one in answers) and len(reading.codes) == len(reading.narrowed):
        return reading.ended(None, "")
    narrower = _Narrower(reading)
    if failed := await narrower.go_on([one.question for one in answers if one.trouble]):
        return reading.ended(failed.trouble, failed.read.detail)
    detail = (
        f"Spectrum's row limit cuts its list of items, also by status, category and description: "
        f"{len(reading.codes):,} are known here, and there may be more. An item that is not listed here may exist all "
        "the same. Ask Spectrum's administrator for a higher limit of rows."
    )
    return reading.ended(ListTrouble.ROW_LIMIT, detail)


class _Narrower:
    """Asks by category, and by how the description begins. Nobody knows all categories and all beginnings, so this
    gets more codes but never shows that they are all."""

    def __init__(self, reading: _Reading) -> None:
        self._reading = reading
        self._asked = set[ListQuestion]()
        self._patterns = True
        """Whether a pattern of a description still seems to mean what we think."""

    async def go_on(self, cut: list[ListQuestion]) -> _Answer | None:
        """Narrow these questions and those that come of them; return an answer that ended it all."""
        while (question := self._next(cut)) and self._reading.asked < MOST_QUESTIONS:
            self._asked.add(question)
            answer = await self._reading.ask(question)
            if question.description and not (answer.fits() and answer.trouble in (None, ListTrouble.ROW_LIMIT)):
                self._patterns = False  # the pattern was refused, or means something else
            elif answer.trouble is ListTrouble.ROW_LIMIT:
                cut.append(question)
            elif answer.trouble:
                return answer
        return None

    def _next(self, cut: list[ListQuestion]) -> ListQuestion | None:
        """The next question that was not asked: categories first, they make the fewest questions."""
        by_category = (
            replace(one, category=category)
            for one in cut
            if not one.category and not one.description
            for category in sorted(self._reading.categories)
        )
        by_name = (
            replace(one, description=f"{prefix}{sign}*")
            for one in cut
            if self._patterns and len(prefix := one.description.removesuffix("*")) < _LONGEST_PREFIX
            for sign in _SIGNS
        )
        return next((one for ones in (by_category, by_name) for one in ones if one not in self._asked), None)
