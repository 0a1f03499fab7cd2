"""External ids of the sandbox ServiceTrade: one value per record and system, and no value twice in a system.

The status of a refused duplicate is not documented; 409 is assumed [inf]. A value is unique among records of one type.
"""

from __future__ import annotations

from aiohttp import web

from adapters.sandbox.servicetrade.envelope import answer, body_of, refusal
from adapters.sandbox.servicetrade.records import external_ids, job, party
from adapters.sandbox.servicetrade.state import JOB, ServiceTradeState
from adapters.sandbox.servicetrade.webhooks import Webhooks


def external_id_routes(state: ServiceTradeState, webhooks: Webhooks) -> list[web.RouteDef]:
    async def show_all(request: web.Request) -> web.Response:
        values = state.external_ids(request.match_info["kind"], request.match_info["id"])
        if values is None:
            return refusal(state, 404, "Entity not found")
        return answer(state, {"values": external_ids(state, values)})

    async def show(request: web.Request) -> web.Response:
        values = state.external_ids(request.match_info["kind"], request.match_info["id"])
        if values is None or request.match_info["system"] not in values:
            return refusal(state, 404, "External ID not found")
        return answer(state, {"value": values[request.match_info["system"]]})

    async def set_value(request: web.Request) -> web.Response:
        kind, record, system = (request.match_info[name] for name in ("kind", "id", "system"))
        values = state.external_ids(kind, record)
        if values is None:
            return refusal(state, 404, "Entity not found")
        if system not in state.external_systems:
            return refusal(state, 404, "External system not found")
        value = (await body_of(request)).get("value")
        if not isinstance(value, str):
            return refusal(state, 400, "value: is required")
        if value and _holder(state, kind, system, value) not in (None, record):
            return refusal(state, 409, "External ID is already in use")
        if value:
            values[system] = value
        else:
            values.pop(system, None)
        if kind == "job":
            webhooks.happened(JOB, record, "updated")
        return answer(state, {"value": value})

    async def find(request: web.Request) -> web.Response:
        kind, system, value = (request.match_info[name] for name in ("kind", "system", "value"))
        record = _holder(state, kind, system, value)
        if record is None:
            return refusal(state, 404, "Entity not found")
        return answer(state, job(state, record) if kind == "job" else party(state, kind, record))

    one = r"/api/externalid/{kind}/{id:\d+}/{system}"
    return [
        web.get(r"/api/externalid/{kind}/{id:\d+}", show_all),
        web.get(one, show),
        web.put(one, set_value),
        web.post(one, set_value),
        web.get(r"/api/externalid/{kind:company|location|contract|libitem|job}/{system:[a-z]\w*}/{value}", find),
    ]


def _holder(state: ServiceTradeState, kind: str, system: str, value: str) -> str | None:
    records = state.of_type(kind).items()
    return next((record for record, one in records if one.external_ids.get(system) == value), None)
