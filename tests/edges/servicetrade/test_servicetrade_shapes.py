"""Records of ServiceTrade in every shape of their members: the product answers as to the plain twin of the record.

A shape is the same value written otherwise, nothing written otherwise, or something that cannot be read.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.inbound.api.servicetrade_hook import jobs_named_in
from adapters.outbound.servicetrade.jobs import MOST_OTHER_JOBS
from core.model.connections.connection import Connection
from core.model.connections.endpoint import Endpoint
from core.model.connections.item_settings import NonStock
from core.model.mappings.readiness import NamedRecord, UpcomingJob
from core.model.planning.job import ChangedJob, JobSnapshot
from core.model.planning.line_fold import FoldedItem
from core.model.shared.errors import TenantMends
from core.model.work_orders.item import JobItem
from core.services.planning.plan_items import plan_items
from plugins.host import PluginHost
from tests.support.servicetrade_canned import ACCOUNT, canned

ID = "2412087334600705"
ABSENT = object()
EPOCH = datetime.fromtimestamp(0, UTC)
CONNECTION = Connection(
    id="con_1",
    tenant_id="ten_1",
    slug="main",
    name="Spectrum",
    external_system="spectrum",
    endpoint=Endpoint.parse("spectrum.example.com"),
    company_code="101",
    default_warehouse="MAIN",
)

NOTHING: list[Any] = [None, "", [], {}, [[]], [None], ABSENT]
ODD: list[Any] = [True, {"x": 1}, [1, 2], ["a", "b"], [{"x": 1}], {"id": {"x": 1}}, math.nan, math.inf]


@dataclass(frozen=True)
class Shape:
    """`told` is what ServiceTrade sends, `plain` its plain twin. `odd`: it cannot be read; `plain` is nothing then."""

    told: Any
    plain: Any
    odd: bool = False


def shapes(*same: Any, plain: Any, odd: list[Any] = ODD, nothing: list[Any] = NOTHING) -> st.SearchStrategy[Shape]:
    """Shapes of a member; `same` are other ways to write its plain value."""
    return st.sampled_from(
        [
            *(Shape(one, plain) for one in (plain, [plain], *same)),
            *(Shape(one, ABSENT) for one in nothing),
            *(Shape(one, ABSENT, odd=True) for one in odd),
        ]
    )


def reference(number: int, name: str) -> st.SearchStrategy[Shape]:
    stub = {"id": number, "name": name}
    same = (number, str(number), f" {number} ", [number], float(number), {"id": f" {number} ", "name": [name]}, [stub])
    odd = [True, [1, 2], {"id": {"x": 1}}, "x", 1.5, {"id": "x"}]
    return shapes(*same, plain=stub, odd=odd, nothing=[*NOTHING, 0, False, " ", {"id": None}, {"x": 1}])


def words(plain: Any, *same: Any, odd: list[Any] = ODD) -> st.SearchStrategy[Shape]:
    return shapes(*same, plain=plain, odd=odd)


OFFICE = {"id": 31, "name": "Raleigh"}
LINE = {"id": 2, "name": "Sprinkler", "abbr": "SPR"}
JOB_MEMBERS: dict[str, st.SearchStrategy[Shape]] = {
    "number": words("104482", 104482, 104482.0, [104482], " 104482 "),
    "status": words("completed", ["completed"]),
    "type": words("repair"),
    "description": words("Replace the valve."),
    "customerPo": words("77120", 77120, [77120]),
    "customer": reference(5, "Harborview"),
    "location": reference(6, "Plant 2"),
    "contract": reference(7, ""),
    "externalIds": shapes(
        {"spectrum": ["T104482"]},
        {"spectrum": "T104482", "west": {"x": 1}},
        [{"spectrum": "T104482"}],
        plain={"spectrum": "T104482"},
        odd=["x", 7, [1, 2], True, {"spectrum": {"x": 1}}, {"spectrum": True}],
        nothing=[*NOTHING, {"spectrum": None}, {"spectrum": []}, {"west": "x"}],
    ),
    "completedOn": shapes("1795180320", " 1795180320 ", 1795180320.0, plain=1795180320, odd=["soon", 1e17, *ODD]),
    "name": words("Riser 2"),
    "updated": shapes("1795180321", plain=1795180321, odd=["soon", 1e17, *ODD]),
    "serviceLine": shapes("Sprinkler", plain=LINE, odd=[True, 2, "2", [1, 2], {"x": 1}, {"id": 2}, {"name": {"x": 1}}]),
    "tags": shapes(
        ["riser"],
        [{"name": "riser"}, None, []],
        {"0": None, "2": {"id": 77, "name": "riser"}},
        {"id": 77, "name": "riser"},
        "riser",
        [["riser"]],
        plain=[{"id": 77, "name": "riser"}],
        odd=[True, 77, [77], ["77"], {"x": 1}, [True]],
    ),
    "offices": shapes(
        OFFICE, "Raleigh", ["Raleigh"], {"1": OFFICE}, plain=[OFFICE], odd=[True, 31, [31], {"x": 1}, [True]]
    ),
    "appointments": shapes(plain=[{"id": 1}], odd=[*ODD, 1e300, "x"]),
}
SPARE = {"name", "updated", "serviceLine", "tags", "offices", "appointments"}
"""No plan needs them, so they never make a job unreadable."""
COMPANY = {"id": 5, "name": "Harborview", "externalIds": {"spectrum": "HV", "west": "W"}}
SITE = {"id": 6, "name": "Plant 2", "externalIds": {"spectrum": "HV2"}}
OTHERS = {"/company/5": COMPANY, "/location/6": SITE, "/externalid/contract/7/spectrum": {"value": "HV-M"}}


def records(job: UpcomingJob) -> list[NamedRecord | None]:
    return [job.customer, job.location, job.contract]


def dumps(event: object) -> bytes:
    return json.dumps(event).encode()


def written(members: Mapping[str, Shape]) -> dict[str, Any]:
    return {name: shape.told for name, shape in members.items() if shape.told is not ABSENT}


def plain(members: Mapping[str, Shape]) -> dict[str, Any]:
    return {name: shape.plain for name, shape in members.items() if shape.plain is not ABSENT}


def read_job(job: Mapping[str, Any], others: Mapping[str, Any] = OTHERS) -> JobSnapshot:
    service_trade, _ = canned({f"/job/{ID}": job, **others})
    return asyncio.run(service_trade.read_job(ACCOUNT, ID, "spectrum"))


@given(members=st.fixed_dictionaries({}, optional=JOB_MEMBERS))
@settings(max_examples=200)
def test_a_job_in_any_shape_is_read_like_its_plain_twin(members: dict[str, Shape]) -> None:
    needed = {name for name, shape in members.items() if shape.odd and name not in SPARE}
    if plain(members).get("status") != "completed":
        needed.discard("completedOn")
    job = {"id": ID, **written(members)}
    if needed:
        with pytest.raises(TenantMends) as caught:
            read_job(job)
        assert caught.value.code == "ST_RECORD_UNREADABLE"
        assert all(name in caught.value.message for name in (*needed, f"the job {ID}"))
    else:
        assert read_job(job) == read_job({"id": ID, **plain(members)})


@given(
    name=st.sampled_from(sorted(JOB_MEMBERS)),
    data=st.data(),
    key=st.sampled_from([int(ID), ID, f" {ID} ", [ID], [int(ID)]]),
)
@settings(max_examples=200)
def test_both_shapes_of_the_answer_are_read_alike(name: str, data: st.DataObject, key: Any) -> None:
    shape = data.draw(JOB_MEMBERS[name].filter(lambda one: not one.odd))
    job = {"id": key, **written({name: shape})}
    twin = read_job({"id": ID, **plain({name: shape})})
    assert read_job(job) == read_job({"job": job}) == read_job({"job": [job]}) == twin
    inside = {"/company/5": {"company": COMPANY}, "/location/6": {"location": [SITE], "companies": [COMPANY]}}
    assert read_job({**job, "customer": 5, "location": 6}, {**OTHERS, **inside}) == read_job(
        {**job, "customer": 5, "location": 6}
    )


@pytest.mark.parametrize(
    ("assigned", "offices", "office"),
    [
        (31, [OFFICE], "Raleigh"),
        ("31", [{"id": 30, "name": "West"}, OFFICE], "Raleigh"),
        ([" 31 "], OFFICE, "Raleigh"),
        ({"id": 31}, [OFFICE], "Raleigh"),
        (OFFICE, [], "Raleigh"),
        ([OFFICE], None, "Raleigh"),
        ("Raleigh", "", "Raleigh"),
        (None, [30, OFFICE], None),
        ([], [OFFICE], "Raleigh"),
        ("", OFFICE, "Raleigh"),
        ({}, ["Raleigh"], "Raleigh"),
        (31, [], None),
        (31, [{"id": 30, "name": "West"}], None),
        (True, [OFFICE], None),
        ([1, 2], [OFFICE], None),
        ({"x": 1}, [OFFICE], None),
        ({"name": ["Raleigh"]}, None, "Raleigh"),
    ],
)
def test_an_office_in_any_shape_is_found_or_left_empty_and_never_guessed(
    assigned: Any, offices: Any, office: str | None
) -> None:
    assert read_job({"id": ID, "assignedOffice": assigned, "offices": offices}).office == office


def test_bare_ids_get_their_names_from_the_lists_beside_the_job() -> None:
    job = {"id": ID, "assignedOffice": 31, "serviceLine": "2", "tags": [77, "78"], "contract": 7}
    beside = {
        "locations": [OFFICE],
        "serviceLines": [LINE],
        "tags": [{"id": 77, "name": "riser"}, {"id": "78", "name": "hot"}],
        "contracts": [{"id": 7, "name": "Master"}],
    }
    read = read_job({"job": job, **beside})
    assert (read.office, read.service_line, read.tags) == ("Raleigh", "Sprinkler", ("riser", "hot"))
    assert read.contract
    assert read.contract.name == "Master"


@given(
    name=words("Harborview"),
    ids=JOB_MEMBERS["externalIds"],
    key=st.sampled_from([5, "5", " 5 ", [5], 5.0]),
)
@settings(max_examples=100)
def test_a_customer_in_any_shape_is_read_like_its_plain_twin(name: Shape, ids: Shape, key: Any) -> None:
    job = {"id": ID, "customer": 5}
    members = {"name": name, "externalIds": ids}
    if ids.odd:
        with pytest.raises(TenantMends, match=r"the company 5.*externalIds is "):
            read_job(job, {"/company/5": {"id": key, **written(members)}})
    else:
        twin = read_job(job, {"/company/5": {"id": 5, **plain(members)}})
        assert read_job(job, {"/company/5": {"id": key, **written(members)}}) == twin


@pytest.mark.parametrize("value", [[], {}, None, ""])
def test_a_contract_without_a_code_has_none_however_that_is_written(value: Any) -> None:
    read = read_job({"id": ID, "contract": 7}, {"/externalid/contract/7/spectrum": {"value": value}})
    assert read.contract
    assert read.contract.external_id is None
    with pytest.raises(TenantMends, match="external ID of the contract 7.*value is true"):
        read_job({"id": ID, "contract": 7}, {"/externalid/contract/7/spectrum": {"value": True}})


# --- items

FIGURES_ODD = [
    "$12.50",
    "1,250.00",
    "12,5",
    "one",
    True,
    False,
    {"x": 1},
    [1, 2],
    "0x10",
    "1_0",
    "NaN",
    1e300,
    math.nan,
    -math.inf,
]
LIBRARY_MEMBERS: dict[str, st.SearchStrategy[Shape]] = {
    "name": words("Valve"),
    "code": words("417", 417, 417.0),
    "externalIds": shapes(
        {"spectrum": "CV4G", "west": {"x": 1}},
        plain={"spectrum": "CV4G"},
        odd=["x", 7, {"spectrum": {"x": 1}}],
        nothing=[*NOTHING, {"spectrum": None}],
    ),
}
ITEM_MEMBERS: dict[str, st.SearchStrategy[Shape]] = {
    "name": words("Check valve"),
    "quantity": shapes("2.50", " 2.50 ", "2.5", plain=2.5, odd=FIGURES_ODD, nothing=[*NOTHING, " "]),
    "cost": shapes("0.50", ".5", [" .5 "], "5e-1", plain=0.5, odd=FIGURES_ODD, nothing=[*NOTHING, " "]),
    "source": shapes({"type": "tech"}, {"type": ["tech"]}, plain="tech", odd=[True, [1, 2], {"x": 1}]),
    "serviceLine": JOB_MEMBERS["serviceLine"],
    "job": shapes(
        int(ID),
        ID,
        f" {ID} ",
        plain={"id": int(ID)},
        odd=[True, [1, 2], {"x": 1}, {"id": {}}, "x", "RepairJob", {"id": "x"}],
    ),
    "externalIds": shapes(plain={"spectrum": "not this one"}),
    "usedOn": shapes(plain=1795093200, odd=[*ODD, "soon", 1e300]),
}
LIBRARY_ODD = {"code": "code", "externalIds": "external_id"}


def read_items(*rows: Mapping[str, Any]) -> list[JobItem]:
    service_trade, _ = canned({"/jobitem": {"jobItems": list(rows), "totalPages": 1}})
    return list(asyncio.run(service_trade.read_items(ACCOUNT, ID, "spectrum")))


def fold(item: JobItem, connection: Connection = CONNECTION) -> FoldedItem:
    job = JobSnapshot(id=ID, number="104482", status="completed")
    [folded] = asyncio.run(plan_items(PluginHost(()), connection, job, [item], {}))
    return folded


@given(
    members=st.fixed_dictionaries({}, optional=ITEM_MEMBERS),
    library=st.fixed_dictionaries({}, optional=LIBRARY_MEMBERS),
    type_=st.sampled_from(["part", "fee", "labor", "service"]),
    fallback=st.sampled_from(list(NonStock)),
    key=st.sampled_from([71, "71", " 71 ", [71], 71.0]),
)
@settings(max_examples=200)
def test_an_item_in_any_shape_is_read_and_planned_like_its_plain_twin(
    members: dict[str, Shape], library: dict[str, Shape], type_: str, fallback: NonStock, key: Any
) -> None:
    odd = {
        *({"quantity", "cost"} & {name for name, shape in members.items() if shape.odd}),
        *(LIBRARY_ODD[name] for name, shape in library.items() if shape.odd and name in LIBRARY_ODD),
    }
    lib = {"type": [type_], **written(library)}
    neighbour = {"id": 72, "quantity": 1, "cost": 1, "libItem": {"type": "part", "code": "X"}}
    item, other = read_items({"id": key, "libItem": [lib], **written(members)}, neighbour)
    twin, _ = read_items({"id": 71, "libItem": {"type": type_, **plain(library)}, **plain(members)}, neighbour)
    assert {one.member for one in item.unreadable} == odd
    assert replace(item, unreadable=()) == twin
    assert other.code == "X"
    connection = replace(CONNECTION, non_stock_fallback=fallback)
    told, expected = fold(item, connection), fold(twin, connection)
    if not odd or expected.left_out:
        assert replace(told, item=twin, line=None) == replace(expected, line=None)
        assert (told.line and told.line.values) == (expected.line and expected.line.values)
    found = [one for one in told.findings if one.code == "ITEM_VALUE_UNREADABLE"]
    assert len(found) <= len(odd)
    for one in found:
        assert (item.name.strip() or "71") in one.message
    if "quantity" in odd and not expected.left_out:
        assert told.blocked
        assert any("its quantity cannot be read" in one.message for one in found)
    if odd == {"cost"}:
        full = fold(replace(twin, cost=Decimal(5), quantity=Decimal(1)), connection)
        sent = full.line and any(value.origin.source == "item.cost" for value in full.line.values)
        assert ["its cost cannot be read" in one.message for one in found] == ([True] if sent else [])


@pytest.mark.parametrize(
    ("told", "quoted"),
    [("$1,250.00", '"$1,250.00"'), (True, "true"), ([1, 2], "[1, 2]"), ("12,5", '"12,5"'), ("x" * 90, '"xxx')],
)
def test_a_cost_that_cannot_be_read_is_a_finding_only_where_a_cost_is_sent(told: Any, quoted: str) -> None:
    row = {"id": 71, "name": "Permit", "quantity": 1, "cost": told, "libItem": {"type": "fee", "code": "P"}}
    [fee] = read_items(row)
    folded = fold(fee)
    assert folded.blocked
    [found] = folded.findings
    assert found.code == "ITEM_VALUE_UNREADABLE"
    assert found.message.startswith(f"The item Permit: its cost cannot be read: {quoted}")
    assert len(found.message) < 120
    for type_ in ("part", "labor", "service"):
        [other] = read_items({**row, "libItem": {"type": type_, "code": "P"}})
        assert fold(other).findings == ()
    non_stock = replace(CONNECTION, non_stock_fallback=NonStock.ALL)
    [part] = read_items({**row, "libItem": {"type": "part", "code": "P"}})
    assert [one.code for one in fold(part, non_stock).findings] == ["ITEM_VALUE_UNREADABLE"]


@pytest.mark.parametrize("nothing", [None, "", [], {}, False, [None], ABSENT])
def test_no_library_item_is_none_however_that_is_written(nothing: Any) -> None:
    [item] = read_items(written({"id": Shape(71, 71), "libItem": Shape(nothing, ABSENT)}))
    assert item == JobItem(id="71", name="", type="", quantity=None, cost=None)


@pytest.mark.parametrize("library", [2020, "2020", "part", True, [1, 2], {"type": 4}, {"type": {"id": 4}, "x": [1]}])
def test_an_item_of_an_unknown_type_is_never_sent_since_it_may_be_labor(library: Any) -> None:
    [item] = read_items({"id": 71, "name": "Hours", "quantity": 1, "cost": 2, "libItem": library})
    assert item.type == ""
    folded = fold(item, replace(CONNECTION, non_stock_fallback=NonStock.ALL))
    assert (folded.line, folded.blocked) == (None, True)


LIBRARY_ITEM = {"id": 2020, "name": "Valve 4in", "type": "part", "code": "V4", "externalIds": {"spectrum": "CV4G"}}


@pytest.mark.parametrize(
    "told", [2020, "2020", " 2020 ", [2020], 2020.0, {"id": 2020}, {"id": "2020", "name": "V", "externalIds": []}]
)
@pytest.mark.parametrize(
    "answer", [LIBRARY_ITEM, [LIBRARY_ITEM], {"libItem": LIBRARY_ITEM}, {"libItem": [LIBRARY_ITEM]}]
)
def test_a_bare_library_item_is_resolved_with_one_call(told: Any, answer: Any) -> None:
    rows = [{"id": number, "quantity": 1, "cost": 2, "libItem": told} for number in (71, 72)]
    service_trade, transport = canned({"/jobitem": {"jobItems": rows, "totalPages": 1}, "/libitem/2020": answer})
    items = asyncio.run(service_trade.read_items(ACCOUNT, ID, "spectrum"))
    assert items == read_items(*({**row, "libItem": LIBRARY_ITEM} for row in rows))
    assert transport.read.count("/libitem/2020") == 1


@pytest.mark.parametrize("answer", [None, {}, [], {"id": 2021, "type": "part"}, {"libItem": 2020}, {"id": {"x": 1}}])
def test_a_bare_library_item_that_cannot_be_resolved_blocks_its_item_only(answer: Any) -> None:
    rows = [{"id": 71, "name": "Hours", "quantity": 1, "libItem": 2020}, {"id": 72, "libItem": LIBRARY_ITEM}]
    data = {"/jobitem": {"jobItems": rows, "totalPages": 1}} | ({} if answer is None else {"/libitem/2020": answer})
    service_trade, _ = canned(data)
    item, other = asyncio.run(service_trade.read_items(ACCOUNT, ID, "spectrum"))
    assert [(one.member, one.value) for one in item.unreadable] == [("type", "2020")]
    assert other.external_id == "CV4G"
    assert other.unreadable == ()


def test_a_bare_labor_item_is_known_as_labor() -> None:
    rows = [{"id": 71, "name": "Hours", "quantity": 1, "libItem": 9}]
    library = {"id": 9, "type": "labor", "externalIds": {"spectrum": {"x": 1}}}
    service_trade, _ = canned({"/jobitem": {"jobItems": rows, "totalPages": 1}, "/libitem/9": library})
    [item] = asyncio.run(service_trade.read_items(ACCOUNT, ID, "spectrum"))
    folded = fold(item)
    assert folded.left_out
    assert folded.left_out.code == "labor"
    assert not folded.blocked


def test_a_code_does_not_stand_in_for_an_external_id_that_cannot_be_read() -> None:
    library = {"type": "part", "code": "P", "externalIds": {"spectrum": {"x": 1}}}
    [item] = read_items({"id": 71, "name": "Valve", "quantity": 1, "libItem": library})
    for fallback in NonStock:
        folded = fold(item, replace(CONNECTION, non_stock_fallback=fallback))
        assert [one.code for one in folded.findings if one.blocks] == ["ITEM_VALUE_UNREADABLE"]
        assert 'external ID in the library cannot be read: {"spectrum": {"x": 1}}' in folded.findings[0].message
        assert not [one for one in (folded.line.values if folded.line else ()) if one.field == "Item_Code"]


@pytest.mark.parametrize(
    "rows",
    [
        {"id": 71, "quantity": 1},
        [[{"id": 71, "quantity": 1}]],
        [{"id": [71], "quantity": "1"}],
        {"0": {"id": 71, "quantity": 1}},
        {"3": [{"id": "71", "quantity": 1}]},
    ],
)
def test_one_record_in_the_place_of_a_list_is_a_list_of_one(rows: Any) -> None:
    service_trade, _ = canned({"/jobitem": {"jobItems": rows, "totalPages": ["1"]}})
    [item] = asyncio.run(service_trade.read_items(ACCOUNT, ID, "spectrum"))
    assert (item.id, item.quantity) == ("71", Decimal(1))


@pytest.mark.parametrize("wrapped", [lambda row: row, lambda row: [row], lambda row: [[row]], lambda row: {"4": row}])
async def test_a_search_and_the_comments_read_lists_in_these_shapes_too(wrapped: Callable[[Any], Any]) -> None:
    job, comment = {"id": [int(ID)], "number": " 104482 "}, {"id": 3, "content": "text\n\nmark"}
    service_trade, transport = canned(
        {"/job": {"jobs": wrapped(job), "totalPages": 1}, "/comment": {"comments": wrapped(comment), "totalPages": 1}}
    )
    assert await service_trade.find_job_ids(ACCOUNT, "104482") == [ID]
    await service_trade.replace_comment(ACCOUNT, ID, "mark", "text")
    assert transport.written == {}


def listing(*numbers: int) -> dict[str, Any]:
    """Pages of all jobs, whatever is asked for."""
    rows = [{"id": 1000 + place, "number": number} for place, number in enumerate(numbers)]
    return {"jobs": rows, "totalPages": 1}


async def test_where_the_filter_by_number_is_ignored_only_jobs_with_the_number_are_found() -> None:
    many = range(200_000, 200_000 + MOST_OTHER_JOBS - 1)
    service_trade, _ = canned({"/job": listing(104481, *many)})
    assert await service_trade.find_job_ids(ACCOUNT, "104482") == []
    service_trade, _ = canned({"/job": listing(104482, *many, 104482)})
    assert len(await service_trade.find_job_ids(ACCOUNT, "104482")) == 2, "the same number far behind is noticed"
    service_trade, _ = canned({"/job": listing(104482, 104481, *many, 104483)})
    with pytest.raises(TenantMends, match="more than 2,000 of them") as refused:
        await service_trade.find_job_ids(ACCOUNT, "104482")
    assert refused.value.code == "JOB_NUMBER_SEARCH_FAILED"


# --- what else is read


async def test_a_tag_that_cannot_be_read_is_not_lost_by_writing_the_others() -> None:
    for tags in ([77, "riser"], [{"id": 77}], True, [True]):
        service_trade, transport = canned({f"/job/{ID}": {"id": ID, "number": {"x": 1}, "tags": tags}})
        with pytest.raises(TenantMends, match="one of its tags has no name"):
            await service_trade.set_failure_tag(ACCOUNT, ID, "failed", present=True)
        assert transport.written == {}
    service_trade, transport = canned({f"/job/{ID}": {"id": ID, "number": {"x": 1}, "tags": "riser"}})
    await service_trade.set_failure_tag(ACCOUNT, ID, "failed", present=True)
    assert transport.written == {f"/job/{ID}": {"tags": ["riser", "failed"]}}


@pytest.mark.parametrize("spelling", ["Cr\u00eape", "Cre\u0302pe", " Cr\u00eape "])
@pytest.mark.parametrize("wanted", ["Cr\u00eape", "Cre\u0302pe"])
async def test_a_tag_is_the_same_in_both_spellings_of_its_letters(spelling: str, wanted: str) -> None:
    job = {"id": ID, "number": 1, "tags": [{"id": 1, "name": "ri\u0301ser"}, {"id": 2, "name": spelling}]}
    service_trade, transport = canned({f"/job/{ID}": job})
    await service_trade.set_failure_tag(ACCOUNT, ID, wanted, present=True)
    assert transport.written == {}
    await service_trade.set_failure_tag(ACCOUNT, ID, wanted, present=False)
    assert transport.written == {f"/job/{ID}": {"tags": ["ri\u0301ser"]}}


@given(
    members=st.fixed_dictionaries(
        {"status": JOB_MEMBERS["status"]},
        optional={name: JOB_MEMBERS[name] for name in JOB_MEMBERS if name != "status"},
    )
)
@settings(max_examples=200)
def test_a_completion_needs_only_the_status_and_its_moment(members: dict[str, Shape]) -> None:
    async def changed(row: Mapping[str, Any]) -> ChangedJob:
        service_trade, _ = canned({"/job": {"jobs": [row], "totalPages": 1}, f"/job/{ID}": row})
        [found] = [one async for one in service_trade.changed_since(ACCOUNT, EPOCH)]
        if not found.unreadable:
            assert await service_trade.completion_of(ACCOUNT, ID) == found.completion
        return found

    told = asyncio.run(changed({"id": ID, **written(members)}))
    if members["status"].plain is ABSENT or ("completedOn" in members and members["completedOn"].odd):
        assert told.id == ID
        assert told.unreadable
    else:
        assert told == asyncio.run(changed({"id": ID, **plain(members)}))


async def test_a_job_without_a_readable_status_is_never_completed() -> None:
    odd: list[Any] = [None, "", " ", [], {}, ["a", "b"], True]
    for status in odd:
        service_trade, transport = canned({f"/job/{ID}": {"id": ID, "status": status}})
        with pytest.raises(TenantMends, match=f"the job {ID}.*status is "):
            await service_trade.complete_job(ACCOUNT, ID)
        assert transport.written == {}


@given(members=st.fixed_dictionaries({}, optional={**JOB_MEMBERS, "scheduledDate": JOB_MEMBERS["updated"]}))
@settings(max_examples=100)
def test_a_job_to_come_is_listed_whatever_its_members_are(members: dict[str, Shape]) -> None:
    async def listed(row: Mapping[str, Any]) -> list[UpcomingJob]:
        service_trade, _ = canned({"/job": {"jobs": [row], "totalPages": 1}})
        return [one async for one in service_trade.upcoming_jobs(ACCOUNT)]

    [told] = asyncio.run(listed({"id": ID, **written(members)}))
    [twin] = asyncio.run(listed({"id": ID, **plain(members)}))
    assert (told.id, told.number, told.date) == (twin.id, twin.number, twin.date)
    for one, other in zip(records(told), records(twin), strict=True):
        assert (one and one.id) == (other and other.id)  # a bare id has no name


@given(
    kind=st.sampled_from([3, "3", " 3 ", "job", "Job", " JOB ", 3.0, [3], ["job"]]),
    key=st.sampled_from([7, "7", " 7 ", [7], 7.0]),
)
def test_an_event_of_a_job_is_known_in_every_spelling(kind: Any, key: Any) -> None:
    entity = {"type": kind, "id": key, "uri": {}}
    for data in ([{"entity": entity}], {"entity": entity}, [[{"entity": [entity]}]]):
        assert jobs_named_in(dumps({"data": data})) == {"7"}


@pytest.mark.parametrize("kind", ["location", " jobitem ", 5, "23", 11.0, ["company"]])
def test_an_event_of_another_thing_names_no_job(kind: Any) -> None:
    assert jobs_named_in(dumps({"data": [{"entity": {"type": kind, "id": 7}}]})) == set()


@pytest.mark.parametrize("kind", [None, "", " ", [], {}, True, {"x": 1}, [3, 5]])
def test_an_event_of_an_unreadable_type_may_be_one_of_any_job(kind: Any) -> None:
    assert jobs_named_in(dumps({"data": [{"entity": {"type": kind, "id": 7}}]})) is None
