"""All codes of a kind, also where a row limit cuts each answer; and that nothing is called whole without proof."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from core.model.connections.connection import ConnectionSecrets, SpectrumTarget
from core.model.connections.endpoint import Endpoint
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_read import EVERYTHING, ListQuestion, ListRead
from core.model.mappings.listed_code import ListedCode, ListTrouble
from core.model.shared.secret import Secret
from core.services.mappings.read_whole_list import MOST_QUESTIONS, read_whole_list

CUSTOMER, ITEM = AliasKind.CUSTOMER, AliasKind.ITEM
TARGET = SpectrumTarget(
    "con_1", Endpoint.parse("https://spectrum.example.com"), "101", ConnectionSecrets(Secret("AUTH-1"))
)


class Scene:
    def __init__(self) -> None:
        self.spectrum = MemorySpectrum()
        self.lists = self.spectrum.lists
        self.codes: set[str] = set()

    def put(self, kind: AliasKind, *codes: str, name: str = "", category: str = "", active: bool = True) -> None:
        self.lists.put("101", [ListedCode(kind=kind, code=code, name=name or code, active=active) for code in codes])
        if category:
            self.lists.categories |= dict.fromkeys(codes, category)

    async def read(self, kind: AliasKind) -> ListRead:
        async def take(codes: Sequence[ListedCode]) -> None:
            self.codes.update(one.code for one in codes)

        return await read_whole_list(self.spectrum, TARGET, kind, take)

    @property
    def questions(self) -> list[ListQuestion]:
        return [question for _, question in self.lists.questions]


async def test_a_list_below_the_limit_is_whole_after_one_question() -> None:
    scene = Scene()
    scene.put(CUSTOMER, "A", "B")
    read = await scene.read(CUSTOMER)
    assert (read.whole, read.rows, scene.codes, scene.questions) == (True, 2, {"A", "B"}, [EVERYTHING])


@pytest.mark.parametrize("kind", [CUSTOMER, ITEM])
async def test_an_empty_list_shows_nothing(kind: AliasKind) -> None:
    read = await Scene().read(kind)
    assert (read.trouble, read.rows) == (ListTrouble.EMPTY, 0)
    assert f"without any {kind}" in read.detail


async def test_a_cut_list_of_customers_gets_its_active_ones_first_and_is_never_whole() -> None:
    scene = Scene()
    scene.put(CUSTOMER, *(f"A{number:03}" for number in range(10)), active=False)
    scene.put(CUSTOMER, "Z1", "Z2")
    scene.lists.row_limit = 5
    read = await scene.read(CUSTOMER)
    assert read.trouble is ListTrouble.ROW_LIMIT
    assert {"Z1", "Z2"} < scene.codes
    assert read.rows == len(scene.codes) == 7
    assert "Import" in read.detail
    assert scene.questions == [EVERYTHING, ListQuestion(active_only=True)]


async def test_items_are_whole_if_each_status_is() -> None:
    scene = Scene()
    scene.put(ITEM, *(f"A{number}" for number in range(5)))
    scene.put(ITEM, *(f"D{number}" for number in range(5)), active=False)
    scene.lists.row_limit = 5
    read = await scene.read(ITEM)
    assert (read.whole, read.rows, len(scene.codes)) == (True, 10, 10)
    assert [question.status for question in scene.questions] == ["", "A", "D", "N"]


async def test_statuses_that_leave_out_what_was_there_before_do_not_make_a_whole() -> None:
    scene = Scene()
    scene.put(ITEM, *(f"A{number}" for number in range(6)))
    scene.lists.row_limit = 5
    asked = scene.lists.read

    async def deaf(company, kind, take, question):  # type: ignore[no-untyped-def]
        """This Spectrum has other letters for the statuses: nothing has those that are documented."""
        return ListRead() if question.status else await asked(company, kind, take, question)

    scene.lists.read = deaf  # type: ignore[method-assign]
    assert (await scene.read(ITEM)).trouble is ListTrouble.ROW_LIMIT


async def test_categories_get_more_of_a_cut_list_and_more_categories_with_it() -> None:
    scene = Scene()
    for place in range(6):
        scene.put(ITEM, *(f"{place}-{number}" for number in range(4)), category=f"CAT{place}", name="?")
    scene.lists.row_limit = 5
    read = await scene.read(ITEM)
    assert read.trouble is ListTrouble.ROW_LIMIT
    assert "row limit" in read.detail
    assert {"0-3", "1-3"} <= scene.codes
    assert ListQuestion(status="A", category="CAT1") in scene.questions


async def test_the_beginning_of_the_description_gets_what_no_category_does() -> None:
    scene = Scene()
    for letter in "ABCXYZ":
        scene.put(ITEM, *(f"{letter}{number}" for number in range(4)), name=f"{letter.lower()}nvil")
    scene.lists.row_limit = 5
    read = await scene.read(ITEM)
    assert read.trouble is ListTrouble.ROW_LIMIT  # nobody knows whether names begin with other signs, too
    assert read.rows == len(scene.codes) == 24


async def test_a_pattern_that_means_something_else_is_not_asked_again() -> None:
    scene = Scene()
    scene.put(ITEM, *(f"Z{number}" for number in range(9)), name="Zinc")
    scene.lists.row_limit = 5
    asked = scene.lists.read

    async def deaf(company, kind, take, question):  # type: ignore[no-untyped-def]
        """This Spectrum takes no notice of the description."""
        return await asked(company, kind, take, ListQuestion(status=question.status) if question.status else question)

    scene.lists.read = deaf  # type: ignore[method-assign]
    assert (await scene.read(ITEM)).trouble is ListTrouble.ROW_LIMIT
    assert len(scene.questions) == 5


async def test_there_is_an_end_to_the_questions() -> None:
    scene = Scene()
    for letter in "ABCDEFGHIJ":
        for other in "ABCDEFGHIJ":
            scene.put(ITEM, *(f"{letter}{other}{number}" for number in range(3)))
    scene.lists.row_limit = 2
    assert (await scene.read(ITEM)).trouble is ListTrouble.ROW_LIMIT
    assert len(scene.questions) == MOST_QUESTIONS


async def test_a_spectrum_that_goes_away_between_two_questions_ends_the_reading() -> None:
    scene = Scene()
    scene.put(ITEM, *(f"A{number}" for number in range(9)), category="C")
    scene.lists.row_limit = 5
    asked = scene.lists.read

    async def away(company, kind, take, question):  # type: ignore[no-untyped-def]
        if question.category:
            return ListRead(trouble=ListTrouble.UNREADABLE, detail="Nothing listens there.")
        return await asked(company, kind, take, question)

    scene.lists.read = away  # type: ignore[method-assign]
    read = await scene.read(ITEM)
    assert (read.trouble, read.detail, read.rows) == (ListTrouble.UNREADABLE, "Nothing listens there.", 5)


async def test_a_list_that_may_not_be_read_is_asked_for_once() -> None:
    scene = Scene()
    scene.lists.troubles[ITEM] = ListTrouble.NOT_ALLOWED
    assert (await scene.read(ITEM)).trouble is ListTrouble.NOT_ALLOWED
    assert len(scene.questions) == 1
