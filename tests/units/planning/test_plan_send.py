"""The plan: from a job, a connection and the built-in rules to every header field, findings and a stable hash."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.connections.connection import Connection
from core.model.connections.endpoint import Endpoint
from core.model.connections.settings import LongText, Overwrite, PluginUse
from core.model.planning.draft import FieldPatch, HeaderPatch, NumberPatch
from core.model.planning.fold import fold_plan, start_draft
from core.model.planning.job import JobSnapshot, Party
from core.model.planning.number_choice import choose_number
from core.model.planning.plan import SendPlan
from core.model.shared.finding import Finding, Severity
from core.model.work_orders.work_order import SCHEDULE_FIELDS, WorkOrderRecord
from plugins.hookspecs import PluginInfo, hookimpl
from plugins.host import PluginHost

CONNECTION = Connection(
    id="con_1",
    tenant_id="ten_1",
    slug="main",
    name="Spectrum",
    external_system="spectrum",
    endpoint=Endpoint.parse("spectrum.example.com"),
    company_code="101",
    leading_character="T",
    default_work_order_type="SVC",
    lead_source="WEB",
)
JOB = JobSnapshot(
    id="2412087334600705",
    number="104482",
    status="scheduled",
    description="Replace leaking check valve on riser 2 and retest.",
    customer_po="PO-77120",
    customer=Party(id="1", name="Harborview Foods", external_id="HARVIEW"),
    location=Party(id="2", name="Plant 2", external_id=" HV0002 "),
    contract=Party(id="3", name="Master Service", external_id="HV-MSA-26"),
)


async def plan(
    job: JobSnapshot = JOB,
    connection: Connection = CONNECTION,
    record: WorkOrderRecord | None = None,
    *,
    taken: bool = False,
    adopt: bool = False,
    plugins: tuple[object, ...] = (),
) -> SendPlan:
    """The same steps as the planning service, without its reading."""
    host, draft = PluginHost(plugins), start_draft(job, connection)
    for hook in ("work_order_number", "map_work_order", "validate_work_order"):
        for rule in host.chain(connection, hook):
            answer = await host.ask(hook, rule, draft)
            if isinstance(answer, Finding):
                draft = replace(draft, findings=(*draft.findings, answer))
            elif answer is not None:
                draft = draft.with_patch(answer, rule.name, rule.version)
    choice = choose_number(draft, record, adopt=adopt)
    return fold_plan(draft, connection, record, choice, taken=taken, adopt=adopt)


def codes(made: SendPlan, severity: Severity = Severity.BLOCKER) -> list[str]:
    return [f.code for f in made.findings if f.severity is severity]


def record_of(made: SendPlan) -> WorkOrderRecord:
    return WorkOrderRecord(
        tenant_id="ten_1",
        connection_id="con_1",
        job_id=made.job_id,
        number=made.number,
        sent={h.field: h.source_value for h in made.header},
    )


async def test_every_field_has_its_value_and_origin() -> None:
    made = await plan()
    assert made.values == {
        "Company_Code": "101",
        "WO_Number": "T104482",
        "WO_Reference_Code": "S",
        "WO_Job_Number": "HV0002",
        "WO_Job_Division": "SVC",
        "Bill_Customer_Code": "HARVIEW",
        "Contract_Number": "HV-MSA-26",
        "Customer_PO_Number": "PO-77120",
        "Summary_Description": "Replace leaking check valve on riser 2 and retest.",
        "Lead_Source": "WEB",
    }
    assert {h.field: h.origin.source for h in made.header} == {
        "Company_Code": "setting.company_code",
        "WO_Number": "job.number",
        "WO_Reference_Code": "core",
        "WO_Job_Number": "mapping.site",
        "WO_Job_Division": "setting.default_work_order_type",
        "Bill_Customer_Code": "mapping.customer",
        "Contract_Number": "mapping.contract",
        "Customer_PO_Number": "job.customerPo",
        "Summary_Description": "job.description",
        "Lead_Source": "setting.lead_source",
    }
    assert {h.origin.rule for h in made.header} == {"core", "field_mapping", "leading_character"}
    assert made.sendable
    assert made.creates
    assert not made.findings


async def test_appointments_never_go_along() -> None:
    made = await plan(replace(JOB, tags=("urgent",), office="Raleigh"))
    assert not SCHEDULE_FIELDS.intersection(field for field, value in made.values.items() if value)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"customer": None}, "CUSTOMER_MISSING"),
        ({"location": None}, "SITE_MISSING"),
        ({"customer": Party(id="1", name="H")}, "MAP_CUSTOMER_MISSING"),
        ({"location": Party(id="2", name="P")}, "MAP_SITE_MISSING"),
        ({"customer": Party(id="1", name="H", external_id="  ")}, "MAP_EMPTY_VALUE"),
        ({"location": Party(id="2", name="P", external_id="")}, "MAP_EMPTY_VALUE"),
        ({"number": None}, "JOB_NUMBER_MISSING"),
        ({"number": "  "}, "JOB_NUMBER_MISSING"),
        ({"number": "1234567890"}, "WO_NUMBER_TOO_LONG"),
        ({"number": "10 4\u00e9"}, "INVALID_CHARACTERS"),
        ({"customer": Party(id="1", name="H", external_id="ABCDEFGHIJK")}, "FIELD_LENGTH_OTHER"),
        ({"customer": Party(id="1", name="H", external_id="CAF\u00c9")}, "INVALID_CHARACTERS"),
        ({"location": Party(id="2", name="P", external_id="A\x07B")}, "INVALID_CHARACTERS"),
        ({"description": "Pump \U0001f6a8 down"}, "INVALID_CHARACTERS"),
        ({"external_id": "104482"}, "WO_NUMBER_CHANGED"),
    ],
)
async def test_what_stands_in_the_way_is_a_blocker_with_fix_and_owner(change: dict[str, object], code: str) -> None:
    made = await plan(replace(JOB, **change))  # type: ignore[arg-type]
    assert codes(made) == [code]
    assert not made.sendable
    assert all(f.fix and f.cause and f.owner for f in made.blockers)


async def test_a_field_that_spectrum_does_not_have_stops_the_send_and_names_the_rule() -> None:
    class Misspelt:
        @staticmethod
        @hookimpl
        def plugin_info() -> PluginInfo:
            return PluginInfo("misspelt", "1", "Slips.")

        @staticmethod
        @hookimpl
        def map_work_order() -> HeaderPatch:
            return HeaderPatch((FieldPatch("Prioritycode", "1", "r"), FieldPatch("Company_Code", "999", "ignored")))

    made = await plan(connection=replace(CONNECTION, plugins=(PluginUse("misspelt"),)), plugins=(Misspelt,))
    [found] = made.blockers
    assert (found.code, found.origin) == ("FIELD_LENGTH_OTHER", "misspelt")
    assert "'Prioritycode'" in found.message
    assert made.values["Company_Code"] == "101"


async def test_an_unmapped_contract_is_left_out_with_a_note() -> None:
    made = await plan(replace(JOB, contract=Party(id="3", name="Master")))
    assert "Contract_Number" not in made.values
    assert codes(made, Severity.INFO) == ["CONTRACT_NOT_MAPPED"]
    assert made.sendable


@pytest.mark.parametrize(
    ("change", "field", "limit", "code"),
    [
        ({"description": "word " * 60 + "end"}, "Summary_Description", 250, "DESCRIPTION_TOO_LONG"),
        ({"customer_po": "PO 1234567890 AND 987654321"}, "Customer_PO_Number", 25, "PO_TOO_LONG"),
    ],
)
async def test_long_text_is_cut_at_a_word_or_refused_by_setting(
    change: dict[str, str], field: str, limit: int, code: str
) -> None:
    job = replace(JOB, **change)  # type: ignore[arg-type]
    cut = await plan(job)
    assert cut.sendable
    assert codes(cut, Severity.WARNING) == [code]
    whole = next(iter(change.values()))
    assert whole.startswith(cut.values[field] + " ")
    assert len(cut.values[field]) <= limit
    refused = await plan(job, replace(CONNECTION, long_text=LongText.REFUSE))
    assert codes(refused) == [code]


async def test_control_characters_become_a_blank_with_a_warning_and_accents_stay() -> None:
    made = await plan(replace(JOB, description="Caf\u00e9\r\n\tline\x00 two\u200b"))
    assert made.values["Summary_Description"] == "Caf\u00e9 line two"
    assert codes(made, Severity.WARNING) == ["INVALID_CHARACTERS"]
    assert made.sendable


async def test_what_became_empty_is_said_to_stay_in_spectrum() -> None:
    made = await plan(replace(JOB, customer_po=""), record=record_of(await plan()))
    assert codes(made, Severity.WARNING) == ["CLEAR_NOT_POSSIBLE"]
    assert made.values["Customer_PO_Number"] == ""
    assert made.sendable


async def test_changed_fields_sends_only_what_changed_at_the_source() -> None:
    sparing = replace(CONNECTION, overwrite=Overwrite.CHANGED_FIELDS)
    before = await plan(connection=sparing)
    again = await plan(replace(JOB, customer_po="PO-2"), sparing, record_of(before))
    assert {field: value for field, value in again.values.items() if value} == {
        "Company_Code": "101",
        "WO_Number": "T104482",
        "WO_Reference_Code": "S",
        "WO_Job_Number": "HV0002",
        "Customer_PO_Number": "PO-2",
    }
    assert {h.field for h in again.header if h.changes} == {"Customer_PO_Number"}
    third = await plan(replace(JOB, customer_po="PO-2"), sparing, record_of(again))
    assert "PO-2" not in third.values.values(), "the record keeps what the source said, also for fields left out"


async def test_overwrite_all_sends_every_field_again() -> None:
    first = await plan()
    again = await plan(record=record_of(first))
    assert again.values == first.values
    assert not any(h.changes for h in again.header)
    assert not again.creates


async def test_a_number_of_another_job_blocks_until_adopted() -> None:
    assert codes(await plan(taken=True)) == ["WO_NUMBER_TAKEN"]
    adopted = await plan(taken=True, adopt=True)
    assert adopted.sendable
    assert codes(adopted, Severity.WARNING) == ["WO_NUMBER_TAKEN"]


async def test_the_number_of_the_first_send_is_kept_when_chosen() -> None:
    record = record_of(await plan())
    changed = replace(CONNECTION, leading_character="W")
    assert codes(await plan(connection=changed, record=record)) == ["WO_NUMBER_CHANGED"]
    kept = await plan(connection=changed, record=record, adopt=True)
    assert kept.sendable
    assert kept.number == kept.values["WO_Number"] == "T104482"


class PlantRule:
    """A plugin of the connection, between the built-in ones."""

    @hookimpl
    def plugin_info(self) -> PluginInfo:
        return PluginInfo("plant", "2.1", "test")

    @hookimpl
    def work_order_number(self) -> NumberPatch:
        return NumberPatch("P7", "plant jobs start with P")

    @hookimpl
    def map_work_order(self) -> HeaderPatch:
        return HeaderPatch(
            (
                FieldPatch("Priority_Code", "1", "plants first"),
                FieldPatch("Company_Code", "999", "a rule may not"),
                FieldPatch("Total_Quote_Amount", "12.345", "too precise"),
            )
        )


async def test_the_hash_is_stable_and_covers_values_and_origins() -> None:
    class SamePo(PlantRule):
        @hookimpl
        def work_order_number(self) -> NumberPatch | None:  # type: ignore[override]
            return None

        @hookimpl
        def map_work_order(self) -> HeaderPatch:
            return HeaderPatch((FieldPatch("Customer_PO_Number", "PO-77120", "the blanket order"),))

    first = await plan()
    assert first.plan_hash == (await plan()).plan_hash
    assert first.plan_hash != (await plan(replace(JOB, customer_po="PO-2"))).plan_hash
    opted = replace(CONNECTION, plugins=(PluginUse("plant"),))
    other_origin = await plan(connection=opted, plugins=(SamePo(),))
    assert other_origin.values == first.values
    assert other_origin.plan_hash != first.plan_hash


async def test_a_plugin_is_asked_only_where_the_connection_opted_in() -> None:
    opted = replace(CONNECTION, plugins=(PluginUse("plant"),))
    made = await plan(connection=opted, plugins=(PlantRule(),))
    assert made.number == "P7"
    priority = next(h for h in made.header if h.field == "Priority_Code")
    assert (priority.value, priority.origin.rule, priority.origin.version) == ("1", "plant", "2.1")
    assert made.values["Company_Code"] == "101", "what no rule may touch stays the core's"
    assert codes(made) == ["NUMBER_PRECISION"]
    assert (await plan(plugins=(PlantRule(),))).number == "T104482"


async def test_a_missing_or_raising_plugin_stops_the_send_by_name() -> None:
    class Raising(PlantRule):
        @hookimpl
        def work_order_number(self) -> NumberPatch:
            raise ZeroDivisionError("boom")

    opted = replace(CONNECTION, plugins=(PluginUse("plant"),))
    missing = await plan(connection=opted)
    assert set(codes(missing)) == {"PLUGIN_MISSING"}
    raised = await plan(connection=opted, plugins=(Raising(),))
    assert "PLUGIN_ERROR" in codes(raised)
    assert "plant 2.1" in raised.blockers[0].message


@given(st.text(max_size=400), st.text(max_size=60), st.text(max_size=14))
async def test_no_text_reaches_spectrum_too_long_or_with_characters_it_does_not_take(
    description: str, po: str, number: str
) -> None:
    made = await plan(replace(JOB, description=description, customer_po=po, number=number))
    if made.sendable:
        for field, value in made.values.items():
            assert value == value.strip()
            assert value.isprintable()
            assert len(value) <= {"Summary_Description": 250, "Customer_PO_Number": 25}.get(field, 15)
        assert len(made.number) <= 10
