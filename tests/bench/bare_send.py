"""The same remote calls as one send, and nothing else: no plan, no checks, nothing stored. The bench's yardstick."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

import aiohttp

from core.model.work_orders.work_order import LENGTHS

TYPES = "http://www.northgate-is.com/proiv/webservices/types"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


@dataclass(frozen=True, slots=True)
class Systems:
    """Where the two remote systems listen, and what signs in to them."""

    servicetrade_url: str
    spectrum_url: str
    username: str
    password: str
    authorization_id: str
    company_code: str
    system: str


class BareSend:
    """Signs in once, then carries job after job across."""

    def __init__(self, systems: Systems, session: aiohttp.ClientSession) -> None:
        self._at = systems
        self._session = session

    async def sign_in(self) -> None:
        body = {"username": self._at.username, "password": self._at.password}
        async with self._session.post(f"{self._at.servicetrade_url}/auth", json=body) as response:
            data = (await response.json())["data"]
        self._session.headers["Cookie"] = f"PHPSESSID={data['authToken']}"

    async def read(self, job_id: str) -> tuple[Any, Any, Any, Any]:
        """The job, its customer, its location, and the external id of its contract."""
        job = await self._get(f"/job/{job_id}")
        customer, location, contract = await asyncio.gather(
            self._get(f"/company/{job['customer']['id']}"),
            self._get(f"/location/{job['location']['id']}"),
            self._get(f"/externalid/contract/{job['contract']['id']}/{self._at.system}"),
        )
        return job, customer, location, contract

    async def __call__(self, job_id: str) -> str:
        """Returns the work order number."""
        job, customer, location, contract = await self.read(job_id)
        number = str(job["number"])
        await self._write(
            {
                "Authorization_ID": self._at.authorization_id,
                "GUID": str(uuid4()),
                "Company_Code": self._at.company_code,
                "WO_Number": number,
                "WO_Reference_Code": "S",
                "WO_Job_Number": location["externalIds"][self._at.system],
                "Bill_Customer_Code": customer["externalIds"][self._at.system],
                "Contract_Number": contract["value"],
                "Customer_PO_Number": job["customerPo"],
                "Summary_Description": job["description"],
            }
        )
        url = f"{self._at.servicetrade_url}/externalid/job/{job_id}/{self._at.system}"
        async with self._session.put(url, json={"value": number}) as response:
            response.raise_for_status()
        return number

    async def _get(self, path: str) -> Any:
        async with self._session.get(f"{self._at.servicetrade_url}{path}") as response:
            response.raise_for_status()
            return (await response.json())["data"]

    async def _write(self, fields: dict[str, str]) -> None:
        elements = "".join(f"<{name}>{escape(fields.get(name, ''))}</{name}>" for name in LENGTHS)
        body = (
            f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><t:WorkOrderHeader xmlns:t="{TYPES}">{elements}'
            "</t:WorkOrderHeader></soap:Body></soap:Envelope>"
        )
        url = f"{self._at.spectrum_url}/ws/WorkOrderHeader"
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{url}"'}
        connector = aiohttp.TCPConnector(force_close=True)
        async with (
            aiohttp.ClientSession(connector=connector) as fresh,
            fresh.post(url, data=body.encode(), headers=headers) as response,
        ):
            text = await response.text()
            if response.status != 200 or "WorkOrderHeaderResponse" not in text or "<error_code>" in text:
                raise RuntimeError(f"the sandbox refused: {text[:300]}")
