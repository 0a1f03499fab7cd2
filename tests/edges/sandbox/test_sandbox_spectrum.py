"""The sandbox Spectrum keeps the published contract: asked over a real socket with hand-made XML."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from xml.sax.saxutils import escape

import aiohttp
import pytest
from lxml import etree
from yarl import URL

from adapters.sandbox import standalone
from adapters.sandbox.ready_made import Sandbox, commands
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from core.model.work_orders.spectrum_fields import SPECTRUM_FIELDS

TYPES = "http://www.northgate-is.com/proiv/webservices/types"
NEW = {
    "Authorization_ID": "SANDBOX-101",
    "Company_Code": "101",
    "WO_Number": "T104482",
    "WO_Reference_Code": "S",
    "WO_Job_Number": "HV0002",
    "Bill_Customer_Code": "HARVIEW",
    "Contract_Number": "HV-MSA-26",
    "Customer_PO_Number": "PO-77120",
    "Summary_Description": "Replace leaking check valve <4in> & retest",
}
LINE = {"Authorization_ID": "SANDBOX-101", "Company_Code": "101", "WO_Number": "T104482"}
MATERIAL = {**LINE, "Item_Code": "CV4G", "Quantity_Used": "1"}
CHARGE = {**LINE, "Other_Cost_Item": "SUB-CORE", "Cost_Of_Sales_Amount": "300"}
HEADER_NAMES = [field.name for field in SPECTRUM_FIELDS["WorkOrderHeader"]]
Rows = list[tuple[str, str, str]]
Send = Callable[..., Awaitable[Rows]]


@pytest.fixture
async def spectrum() -> AsyncIterator[SpectrumSandbox]:
    async with SpectrumSandbox.start() as running:
        yield running


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def send(spectrum: SpectrumSandbox, web: aiohttp.ClientSession) -> Send:
    """Send a write as a careful client would and give the rows of the answer: (code, column, text)."""

    async def send(service: str = "WorkOrderHeader", values: dict[str, str] = NEW, **changes: str) -> Rows:
        status, body = await post(web, spectrum, service, envelope(service, {**values, **changes}))
        assert status == 200, body
        return rows_of(service, body)

    return send


@pytest.fixture
def alter(spectrum: SpectrumSandbox, web: aiohttp.ClientSession) -> Callable[[dict[str, Any]], Awaitable[None]]:
    async def alter(changes: dict[str, Any]) -> None:
        async with web.patch(f"{spectrum.control_url}/state", json=changes) as answer:
            assert answer.status == 200, await answer.text()

    return alter


def envelope(service: str, values: dict[str, str], names: list[str] | None = None, namespace: str = TYPES) -> str:
    names = [field.name for field in SPECTRUM_FIELDS[service]] if names is None else names
    elements = "".join(f"<{name}>{escape(values.get(name, ''))}</{name}>" for name in names)
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<t:{service} xmlns:t="{namespace}">{elements}</t:{service}></s:Body></s:Envelope>'
    )


async def post(
    web: aiohttp.ClientSession, spectrum: SpectrumSandbox, service: str, body: str, **headers: str
) -> tuple[int, bytes]:
    url = f"{spectrum.url}/ws/{service}"
    sent = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{url}"', **headers}
    async with web.post(url, data=body.encode(), headers=sent) as answer:
        return answer.status, await answer.read()


def rows_of(service: str, body: bytes) -> Rows:
    root = etree.fromstring(body)
    data = root.find(f".//{{{TYPES}}}{service}Response/returnArray/returnData")
    assert data is not None, body
    return [
        (row.findtext("error_code") or "", row.findtext("column") or "", row.findtext("desc") or "") for row in data
    ]


def codes(rows: Rows) -> set[tuple[str, str]]:
    return {(code, column) for code, column, _ in rows}


def fault_of(body: bytes) -> str:
    return etree.fromstring(body).findtext(".//faultcode") or ""


class TestWorkOrders:
    async def test_a_new_number_creates_and_the_same_number_changes(
        self, spectrum: SpectrumSandbox, send: Send
    ) -> None:
        assert await send() == []
        assert await send(Customer_PO_Number="PO-2") == []

        orders = spectrum.state.companies["101"].work_orders
        assert list(orders) == ["T104482"]
        fields = orders["T104482"].fields
        assert fields["Customer_PO_Number"] == "PO-2"
        assert fields["Summary_Description"] == "Replace leaking check valve <4in> & retest"
        assert [change.by for change in orders["T104482"].history] == ["web_service", "web_service"]

    async def test_a_blank_never_clears(self, spectrum: SpectrumSandbox, send: Send) -> None:
        await send()
        await send(Customer_PO_Number="", Summary_Description="  ", Bill_Customer_Code="")

        fields = spectrum.state.work_order("101", "T104482").fields
        assert fields["Customer_PO_Number"] == "PO-77120"
        assert fields["Summary_Description"] == "Replace leaking check valve <4in> & retest"
        assert fields["Bill_Customer_Code"] == "HARVIEW"

    async def test_companies_keep_their_numbers_apart(self, spectrum: SpectrumSandbox, send: Send) -> None:
        await send()
        await send(
            Authorization_ID="SANDBOX-102",
            Company_Code="102",
            WO_Job_Number="PM0001",
            Bill_Customer_Code="PACMILL",
            Contract_Number="",
        )
        assert spectrum.state.work_order("101", "T104482").fields["WO_Job_Number"] == "HV0002"
        assert spectrum.state.work_order("102", "T104482").fields["WO_Job_Number"] == "PM0001"

    async def test_a_blank_number_takes_the_next_free_one(self, spectrum: SpectrumSandbox, send: Send) -> None:
        await send(WO_Number="50001")
        await send(WO_Number="")
        await send(WO_Number="")
        assert list(spectrum.state.companies["101"].work_orders) == ["50001", "50002", "50003"]

    async def test_a_blank_company_is_the_default_of_the_authorization(
        self, spectrum: SpectrumSandbox, send: Send
    ) -> None:
        await send(Company_Code="")
        assert spectrum.state.work_order("101", "T104482").fields["Bill_Customer_Code"] == "HARVIEW"

    async def test_defaults_of_the_site_fill_a_new_order(self, spectrum: SpectrumSandbox, send: Send) -> None:
        await send()
        fields = spectrum.state.work_order("101", "T104482").fields
        assert (fields["WO_Job_Division"], fields["Lead_Source"]) == ("SVC", "CONTRACT")

    async def test_g_rows_return_the_number_right_justified(self, send: Send, alter: Any) -> None:
        await alter({"settings": {"success": "rows"}})
        assert await send() == [("G", "WO_Number", "   T104482")]


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"Bill_Customer_Code": "NOBODY"}, {("I", "Bill_Customer_Code")}),
            ({"Bill_Customer_Code": ""}, {("M", "Bill_Customer_Code")}),
            ({"WO_Job_Number": "HV0003", "Contract_Number": ""}, {("I", "WO_Job_Number")}),
            ({"WO_Job_Number": ""}, {("M", "WO_Job_Number"), ("I", "Contract_Number")}),
            ({"WO_Job_Number": "CG0001"}, {("I", "Contract_Number")}),
            ({"WO_Job_Number": "CG0002", "Contract_Number": ""}, {("M", "WO_Job_Division")}),
            ({"WO_Job_Division": "JOBDC"}, {("I", "WO_Job_Division")}),
            ({"WO_Job_Division": "MISC"}, {("M", "GL_Department")}),
            ({"WO_Reference_Code": ""}, {("M", "WO_Reference_Code")}),
            ({"WO_Reference_Code": "J"}, {("I", "WO_Job_Number")}),
            ({"WO_Reference_Code": "X"}, {("I", "WO_Reference_Code")}),
            ({"Cost_Center": "NORTH"}, {("I", "Cost_Center")}),
            ({"WO_Number": "T1234567890"}, {("I", "WO_Number")}),
            ({"Customer_PO_Number": "P" * 26}, {("I", "Customer_PO_Number")}),
            ({"Summary_Description": "D" * 251}, {("I", "Summary_Description")}),
            ({"Summary_Description": "two\nlines"}, {("I", "Summary_Description")}),
            ({"Summary_Description": "\u4e2d"}, {("I", "Summary_Description")}),
            ({"Ordered_Date": "2026-11-23"}, {("I", "Ordered_Date")}),
            ({"Ordered_Date": "02/30/2026"}, {("I", "Ordered_Date")}),
            ({"Time_Entered": "256161"}, {("I", "Time_Entered")}),
            ({"Total_Quote_Amount": "-5"}, {("I", "Total_Quote_Amount")}),
            ({"Total_Quote_Amount": "1.234"}, {("I", "Total_Quote_Amount")}),
            ({"Taxable_Flag": "X"}, {("I", "Taxable_Flag")}),
            ({"Price_Level": "6"}, {("I", "Price_Level")}),
            ({"WO_Phone1": "919-555"}, {("I", "WO_Phone1")}),
        ],
    )
    async def test_each_problem_has_its_code_and_column(
        self, spectrum: SpectrumSandbox, send: Send, changes: dict[str, str], expected: set[tuple[str, str]]
    ) -> None:
        assert codes(await send(**changes)) == expected
        assert spectrum.state.companies["101"].work_orders == {}

    async def test_all_problems_come_at_once(self, send: Send) -> None:
        rows = await send(
            Bill_Customer_Code="", WO_Job_Number="NOWHERE", Contract_Number="GONE", Taxable_Flag="Q", Zone="ABCD"
        )
        assert codes(rows) == {
            ("M", "Bill_Customer_Code"),
            ("I", "WO_Job_Number"),
            ("I", "Contract_Number"),
            ("I", "Taxable_Flag"),
            ("I", "Zone"),
        }

    async def test_the_longest_values_and_plain_forms_are_taken(self, spectrum: SpectrumSandbox, send: Send) -> None:
        assert (
            await send(
                WO_Number="T123456789",
                Summary_Description="Ü" * 250,
                Customer_PO_Number="P" * 25,
                Price_Type="T",
                Ordered_Date="02/28/2026",
                Time_Entered="235959",
                Total_Quote_Amount="12345.67",
                Taxable_Flag="N",
            )
            == []
        )
        assert spectrum.state.work_order("101", "T123456789").fields["Summary_Description"] == "Ü" * 250

    async def test_a_lead_source_is_demanded_where_the_installation_says_so(self, send: Send) -> None:
        lake = {
            "Authorization_ID": "SANDBOX-103",
            "Company_Code": "103",
            "Contract_Number": "",
            "WO_Job_Number": "LV0002",
            "Bill_Customer_Code": "LAKEVIEW",
        }
        assert codes(await send(**lake)) == {("M", "Lead_Source")}
        assert await send(**lake, Lead_Source="WEB") == []

    async def test_locked_completed_and_closed_period_are_clean_refusals(
        self, spectrum: SpectrumSandbox, send: Send, alter: Any
    ) -> None:
        await send()
        await alter({"companies": {"101": {"work_orders": {"T104482": {"locked": True}}}}})
        assert codes(await send(Customer_PO_Number="PO-2")) == {("E", "WO_Number")}
        await alter({"companies": {"101": {"work_orders": {"T104482": {"locked": False, "completed": True}}}}})
        assert codes(await send(Customer_PO_Number="PO-2")) == {("E", "WO_Number")}
        await alter({"companies": {"101": {"period_open": False}}})
        assert codes(await send(WO_Number="T2")) == {("E", "Processing_Date")}

        assert len(spectrum.state.work_order("101", "T104482").history) == 1
        assert list(spectrum.state.companies["101"].work_orders) == ["T104482"]


class TestAccess:
    @pytest.mark.parametrize(
        "changes", [{"Authorization_ID": "WRONG"}, {"Authorization_ID": ""}, {"Company_Code": "102"}]
    )
    async def test_a_foreign_id_or_company_aborts_with_nothing_else_said(
        self, send: Send, changes: dict[str, str]
    ) -> None:
        assert codes(await send(**{"Bill_Customer_Code": "", **changes})) == {("A", "Authorization_ID")}

    async def test_an_id_is_bound_to_its_services_and_may_be_inactive(self, send: Send, alter: Any) -> None:
        await alter({"authorizations": {"SANDBOX-101": {"services": ["AddWOMaterialCost"]}}})
        assert codes(await send()) == {("A", "Authorization_ID")}
        await alter({"authorizations": {"SANDBOX-101": {"services": ["WorkOrderHeader"], "active": False}}})
        assert codes(await send()) == {("A", "Authorization_ID")}
        await alter({"authorizations": {"SANDBOX-101": {"active": True}}})
        assert await send() == []

    async def test_a_guid_dies_of_disuse_and_belongs_to_one_id(self, send: Send, alter: Any) -> None:
        assert await send(GUID="g-1") == []
        assert await send(GUID="g-1") == []
        await alter({"guids": {"g-1": {"last_used": "2020-01-01T00:00:00Z"}}})
        assert await send(GUID="g-1") == [("E", "GUID", "Time out has occurred")]
        assert await send(GUID="g-2") == []
        await alter({"guids": {"g-2": {"authorization": "SANDBOX-102"}}})
        assert await send(GUID="g-2") == [("E", "GUID", "Time out has occurred")]

    async def test_the_connection_test_says_successful(self, send: Send) -> None:
        test = {"Authorization_ID": "SANDBOX-101", "Version": "3.3"}
        assert await send("WSTestConnection", test) == [("S", "", "Successful")]
        assert codes(await send("WSTestConnection", test, Authorization_ID="X")) == {("A", "Authorization_ID")}

    async def test_enhanced_authentication_demands_a_bearer_token(
        self, spectrum: SpectrumSandbox, web: aiohttp.ClientSession, alter: Any
    ) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
            "scope": "spectrumapi",
        }
        body = envelope("WorkOrderHeader", NEW)
        async with web.post(f"{spectrum.url}/connect/token", data=form) as answer:
            assert answer.status == 404
        await alter({"settings": {"enhanced_auth": True}})
        assert (await post(web, spectrum, "WorkOrderHeader", body))[0] == 401
        assert (await post(web, spectrum, "WorkOrderHeader", body, Authorization="Bearer made-up"))[0] == 401
        async with web.post(f"{spectrum.url}/connect/token", data={**form, "client_secret": "no"}) as answer:
            assert (answer.status, await answer.json()) == (401, {"error": "invalid_client"})
        async with web.post(f"{spectrum.url}/connect/token", data=form) as answer:
            token = (await answer.json())["access_token"]
        assert (await post(web, spectrum, "WorkOrderHeader", body, Authorization=f"Bearer {token}"))[0] == 200

        async with web.post(f"{spectrum.url}/secretRotation", headers={"Authorization": f"Bearer {token}"}) as answer:
            rotated = (await answer.json())["client_secret"]
        assert rotated == spectrum.state.settings.client_secret != "sandbox-secret"
        await alter({"settings": {"token_seconds": 0}})
        assert (await post(web, spectrum, "WorkOrderHeader", body, Authorization=f"Bearer {token}"))[0] == 401


class TestCostLines:
    async def test_a_repeat_makes_a_second_line(self, spectrum: SpectrumSandbox, send: Send) -> None:
        await send()
        for _ in range(2):
            assert await send("AddWOMaterialCost", MATERIAL) == []
            assert await send("AddWOOtherCharges", CHARGE) == []
        company = spectrum.state.companies["101"]
        assert [line.fields["Item_Code"] for line in company.material] == ["CV4G", "CV4G"]
        keys = {line.system_key for line in company.material + company.charges}
        assert len(keys) == 4
        assert {len(key) for key in keys} == {24}

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"WO_Number": "T9"}, {("I", "WO_Number")}),
            ({"Item_Code": ""}, {("M", "Item_Code")}),
            ({"Item_Code": "GONE", "Quantity_Used": "1.234"}, {("I", "Item_Code"), ("I", "Quantity_Used")}),
            ({"Unit_Of_Measure": "FT"}, {("I", "Unit_Of_Measure")}),
            ({"Warehouse_Code": "GONE"}, {("I", "Warehouse_Code")}),
            ({"Unit_Cost": "4.00"}, {("I", "Unit_Cost")}),
            ({"Item_Code": "!VALVE", "Unit_Cost": "4.00", "Item_Description": "Valve", "Quantity_Used": "-2"}, set()),
        ],
    )
    async def test_material(
        self, spectrum: SpectrumSandbox, send: Send, changes: dict[str, str], expected: set[tuple[str, str]]
    ) -> None:
        await send()
        assert codes(await send("AddWOMaterialCost", MATERIAL, **changes)) == expected
        assert len(spectrum.state.companies["101"].material) == (0 if expected else 1)

    async def test_other_charges(self, send: Send, alter: Any) -> None:
        await send()
        assert codes(await send("AddWOOtherCharges", CHARGE, Other_Cost_Item="GONE")) == {("I", "Other_Cost_Item")}
        await alter({"companies": {"101": {"site_equipment_required": True}}})
        assert codes(await send("AddWOOtherCharges", CHARGE)) == {("M", "WO_Site_Equipment")}


class TestShape:
    @pytest.mark.parametrize(
        "body",
        [
            envelope("WorkOrderHeader", NEW, HEADER_NAMES[:-1]),
            envelope("WorkOrderHeader", NEW, [*HEADER_NAMES, "Zone"]),
            envelope("WorkOrderHeader", NEW, [HEADER_NAMES[1], HEADER_NAMES[0], *HEADER_NAMES[2:]]),
            envelope("WorkOrderHeader", NEW, [*HEADER_NAMES, "Colour"]),
            envelope("WorkOrderHeader", NEW, namespace="urn:other"),
            envelope("WorkOrderHeader", NEW)[:-20],
            envelope("WorkOrderHeader", NEW).replace("PO-77120", "<b>PO</b>"),
            envelope("WorkOrderHeader", NEW).replace("PO-77120", "\x01"),
            '<!DOCTYPE x [<!ENTITY e "v">]>' + envelope("WorkOrderHeader", NEW),
            "<html></html>",
            "",
        ],
        ids=["missing", "twice", "disorder", "unknown", "namespace", "cut", "nested", "control", "dtd", "html", "none"],
    )
    async def test_anything_but_the_declared_elements_in_order_faults(
        self, spectrum: SpectrumSandbox, web: aiohttp.ClientSession, body: str
    ) -> None:
        status, answer = await post(web, spectrum, "WorkOrderHeader", body)
        assert (status, fault_of(answer)) == (500, "soapenv:Client")
        assert spectrum.state.companies["101"].work_orders == {}

    async def test_content_type_and_soap_action_are_demanded(
        self, spectrum: SpectrumSandbox, web: aiohttp.ClientSession
    ) -> None:
        body = envelope("WorkOrderHeader", NEW)
        for headers in ({"Content-Type": "application/json"}, {"SOAPAction": '""'}):
            status, answer = await post(web, spectrum, "WorkOrderHeader", body, **headers)
            assert (status, fault_of(answer)) == (500, "soapenv:Client")

    async def test_a_service_that_is_not_deployed_faults_and_has_no_wsdl(
        self, spectrum: SpectrumSandbox, web: aiohttp.ClientSession, alter: Any
    ) -> None:
        await alter({"settings": {"services": ["WorkOrderHeader"]}})
        body = envelope("AddWOMaterialCost", MATERIAL)
        status, answer = await post(web, spectrum, "AddWOMaterialCost", body)
        assert status == 500
        assert b"could not find WebService named AddWOMaterialCost" in answer
        async with web.get(f"{spectrum.url}/wsdls/AddWOMaterialCost.jws") as wsdl:
            assert wsdl.status == 404

    async def test_the_wsdl_declares_every_element_in_order(
        self, spectrum: SpectrumSandbox, web: aiohttp.ClientSession
    ) -> None:
        async with web.get(f"{spectrum.url}/wsdls/WorkOrderHeader.jws") as answer:
            root = etree.fromstring(await answer.read())
        xsd = "{http://www.w3.org/2001/XMLSchema}"
        header = root.find(f".//{xsd}element[@name='WorkOrderHeader']")
        assert header is not None
        assert [one.get("name") for one in header.iter(f"{xsd}element")][1:] == HEADER_NAMES
        address = root.find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
        assert address is not None
        assert address.get("location") == f"{spectrum.url}/ws/WorkOrderHeader"

    async def test_processing_dates_never_set_make_a_server_fault(
        self, spectrum: SpectrumSandbox, web: aiohttp.ClientSession, alter: Any
    ) -> None:
        await alter({"companies": {"101": {"processing_dates_set": False}}, "settings": {"fault_status": 200}})
        status, answer = await post(web, spectrum, "WorkOrderHeader", envelope("WorkOrderHeader", NEW))
        assert (status, fault_of(answer)) == (200, "soapenv:Server")


class TestControlPort:
    async def test_a_manual_edit_stands_in_the_history(
        self, spectrum: SpectrumSandbox, web: aiohttp.ClientSession, send: Send, alter: Any
    ) -> None:
        await send()
        await alter({"companies": {"101": {"work_orders": {"T104482": {"fields": {"Zone": "N1"}}}}}})
        async with web.get(f"{spectrum.control_url}/state") as answer:
            order = (await answer.json())["companies"]["101"]["work_orders"]["T104482"]
        assert order["fields"]["Zone"] == "N1"
        assert [(change["by"], change["fields"]) for change in order["history"]][1:] == [("screen", {"Zone": "N1"})]

    async def test_the_whole_state_can_be_replaced(
        self, spectrum: SpectrumSandbox, web: aiohttp.ClientSession, send: Send
    ) -> None:
        async with web.put(
            f"{spectrum.control_url}/state",
            json={
                "authorizations": {"ONLY": {"companies": ["9"]}},
                "companies": {
                    "9": {
                        "customers": {"C": {}},
                        "sites": {"S": {"work_order_type": "SVC"}},
                        "work_order_types": {"SVC": {}},
                    }
                },
            },
        ) as answer:
            assert answer.status == 200
        assert codes(await send()) == {("A", "Authorization_ID")}
        nine = {"Authorization_ID": "ONLY", "Company_Code": "9", "WO_Number": "1", "WO_Reference_Code": "S"}
        assert await send(values={**nine, "WO_Job_Number": "S", "Bill_Customer_Code": "C"}) == []

    @pytest.mark.parametrize(
        ("method", "path", "body", "names"),
        [
            ("PATCH", "/state", {"companies": {"101": {"sites": {"X": {"active": "maybe"}}}}}, "101.sites.X"),
            ("PATCH", "/state", {"compaines": {}}, "compaines"),
            ("PUT", "/state", [], "JSON object"),
            ("POST", "/faults", {"kind": "explode"}, "kind"),
            ("POST", "/faults", {"kind": "latency", "secs": 1}, "secs"),
            ("POST", "/faults", {"kind": "latency", "seconds": "1"}, "seconds"),
            ("POST", "/faults", {"kind": "latency", "times": 0}, "times"),
            ("POST", "/faults", {"kind": "redirect"}, "address"),
            ("GET", "/requests?after=many", None, "after"),
        ],
    )
    async def test_a_bad_body_is_refused_with_what_is_wrong(
        self, spectrum: SpectrumSandbox, web: aiohttp.ClientSession, method: str, path: str, body: Any, names: str
    ) -> None:
        before = spectrum.state.to_json()
        async with web.request(method, spectrum.control_url + path, json=body) as answer:
            assert answer.status == 400
            assert names in (await answer.json())["error"]
        assert spectrum.state.to_json() == before
        assert spectrum.faults.waiting() == []

    async def test_the_log_answers_as_soon_as_there_is_more(
        self, spectrum: SpectrumSandbox, web: aiohttp.ClientSession, send: Send
    ) -> None:
        async def calls(query: str) -> list[dict[str, Any]]:
            async with web.get(f"{spectrum.control_url}/requests{query}") as answer:
                answered: list[dict[str, Any]] = await answer.json()
                return answered

        assert await calls("") == []
        waiting = asyncio.create_task(calls("?after=1&applied=true"))
        await send()
        await send(Bill_Customer_Code="NOBODY")
        assert not waiting.done()
        await send(Customer_PO_Number="PO-2")
        applied = await waiting
        assert [(call["method"], call["path"]) for call in applied] == [("POST", "/ws/WorkOrderHeader")] * 2
        assert [call["applied"] for call in await calls("")] == [True, False, True]
        assert "SANDBOX-101" not in str(await calls(""))
        async with web.get(f"{spectrum.control_url}/requests?after=3&wait=0") as answer:
            assert answer.status == 204


class TestTls:
    async def test_a_client_that_trusts_the_authority_gets_in(self) -> None:
        async with SpectrumSandbox.start(tls="valid") as spectrum, aiohttp.ClientSession() as web:
            assert spectrum.ca_certificate is not None
            trust = ssl.create_default_context(cadata=spectrum.ca_certificate)
            async with web.get(f"{spectrum.url}/wsdls/WorkOrderHeader.jws", ssl=trust) as answer:
                assert answer.status == 200
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await web.get(f"{spectrum.url}/wsdls/WorkOrderHeader.jws")

    async def test_an_expired_certificate_is_refused_by_clients(self) -> None:
        async with SpectrumSandbox.start(tls="expired") as spectrum, aiohttp.ClientSession() as web:
            trust = ssl.create_default_context(cadata=spectrum.ca_certificate)
            with pytest.raises(aiohttp.ClientConnectorCertificateError, match="expired"):
                await web.get(f"{spectrum.url}/wsdls/WorkOrderHeader.jws", ssl=trust)


class TestStandalone:
    @pytest.mark.parametrize("system", ["servicetrade", "spectrum"])
    async def test_it_says_where_it_listens_and_runs_until_cancelled(
        self, web: aiohttp.ClientSession, system: standalone.System
    ) -> None:
        told: asyncio.Queue[Sandbox] = asyncio.Queue()
        running = asyncio.create_task(standalone.run(system, tell=told.put_nowait))
        control_url = (await told.get()).control_url
        async with web.get(f"{control_url}/state") as answer:
            assert answer.status == 200
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        with pytest.raises(aiohttp.ClientConnectorError):
            await web.get(f"{control_url}/state")

    @pytest.mark.parametrize("start", [ServiceTradeSandbox.start, SpectrumSandbox.start])
    async def test_its_ready_made_commands_change_it_break_it_and_mend_it(
        self, start: Callable[[], AbstractAsyncContextManager[Sandbox]]
    ) -> None:
        async with start() as sandbox:
            before, waiting = sandbox.state.to_json(), []
            for what, command in commands(sandbox):
                shell = await asyncio.create_subprocess_exec("sh", "-c", f"{command} --fail")
                assert await shell.wait() == 0, what
                waiting.append(len(sandbox.faults.waiting()))
            assert max(waiting) > 0, "it failed"
            assert waiting[-1] == 0, "it is mended"
            changes = isinstance(sandbox, ServiceTradeSandbox)
            assert (sandbox.state.to_json() != before) == changes

    async def test_a_taken_port_is_an_os_error(self, spectrum: SpectrumSandbox) -> None:
        with pytest.raises(OSError, match="address already in use"):
            await standalone.run("spectrum", port=URL(spectrum.url).port or 0)
