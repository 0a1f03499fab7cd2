"""The REST service workOrders/images of the sandbox Spectrum. It keeps no content, only its size and SHA-256.

Source: Spectrum Data Exchange documentation of Work Order Image. The answer's shape is our own: it is not documented.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from hashlib import sha256
from typing import Any

from aiohttp import BasicAuth, web

from adapters.sandbox.faults import FaultKind, Faults
from adapters.sandbox.request_log import CALL, RequestLog
from adapters.sandbox.spectrum.access import Tokens
from adapters.sandbox.spectrum.state import SpectrumState, StoredDocument

MOST_REQUEST_BYTES = 16 << 20
_NEEDED = ("Authorization_ID", "Company_Code", "WO_Number", "Image_File", "Image_Type")


class Images:
    def __init__(self, state: SpectrumState, faults: Faults, log: RequestLog, tokens: Tokens) -> None:
        self._state = state
        self._faults = faults
        self._log = log
        self._tokens = tokens

    async def handle(self, request: web.Request) -> web.Response:
        if not self._state.settings.images:
            raise web.HTTPNotFound
        try:
            [row] = json.loads(await request.read())["workOrderImages"]
            values = {str(name): str(text) for name, text in row.items()}
        except (ValueError, LookupError, TypeError, AttributeError):
            return _refused(400, "", "The request holds no single image")
        if not self._admits(request, values):
            raise web.HTTPUnauthorized
        if fault := self._faults.take(request.method, request.path, (FaultKind.ROWS,)):
            request[CALL].fault = fault.kind
            code, column, text = fault.text.split(None, 2)
            return web.json_response({"workOrderImages": [_problem(code, column, text)]})
        if missing := next((name for name in _NEEDED if not values.get(name)), ""):
            return _refused(400, missing, "A value is required")
        return await self._store(request, values)

    async def _store(self, request: web.Request, values: dict[str, str]) -> web.Response:
        order = self._state.companies[values["Company_Code"]].work_orders.get(values["WO_Number"])
        if order is None:
            return _refused(400, "WO_Number", "Work order does not exist")
        if len(values.get("Image_Description", "")) > 40:
            return _refused(400, "Image_Description", "Value is longer than 40 characters")
        try:
            content = b64decode(values["Image_File"], validate=True)
        except binascii.Error:
            return _refused(400, "Image_File", "Not base64")
        key = values.get("Document_ID", "").strip()
        if key and key not in order.documents:
            return _refused(400, "Document_ID", "Document does not exist")
        key = key or f"{len(order.documents) + 1:08d}"
        order.documents[key] = StoredDocument(
            type=values["Image_Type"],
            description=values.get("Image_Description", ""),
            bytes=len(content),
            sha256=sha256(content).hexdigest(),
        )
        await self._log.mark_applied(request[CALL])
        return web.json_response({"workOrderImages": [{"Document_ID": key, "error_code": "", "desc": ""}]})

    def _admits(self, request: web.Request, values: dict[str, str]) -> bool:
        code, company = values.get("Authorization_ID", ""), values.get("Company_Code", "")
        authorization = self._state.authorizations.get(code)
        if authorization is None or not authorization.active or company not in authorization.companies:
            return False
        if self._state.settings.enhanced_auth:
            return self._tokens.admits(request)
        try:
            login = BasicAuth.decode(request.headers.get("Authorization", ""))
        except ValueError:
            return False
        return (login.login, login.password) == (company, code)


def _problem(code: str, column: str, text: str) -> dict[str, Any]:
    return {"Document_ID": "", "error_code": code, "column": column, "desc": text}


def _refused(status: int, column: str, text: str) -> web.Response:
    return web.json_response({"workOrderImages": [_problem("I", column, text)]}, status=status)
