"""ServiceTrade's envelope around every answer, in the shape that the settings select."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from aiohttp import web

from adapters.sandbox.servicetrade.account import Settings
from adapters.sandbox.servicetrade.state import ServiceTradeState

DEFAULT_PAGE_SIZE = 100


def answer(state: ServiceTradeState, data: Any, status: int = 200, *, error: str = "") -> web.Response:
    """Return `{"messages", "data", "meta"}` with the remaining server time."""
    said = {"error": [error]} if error else {}
    usage = {"requestDurationMs": 3, "resourceUsageMs": state.settings.call_ms, "resourceBalanceMs": state.balance_ms}
    document = {"messages": _messages(state.settings, said), "data": data, "meta": {"stats": usage}}
    return web.json_response(_as_asked(document, state.settings), status=status, dumps=exact_json)


def refusal(state: ServiceTradeState, status: int, message: str) -> web.Response:
    return answer(state, None, status, error=message)


def page(
    state: ServiceTradeState,
    request: web.Request,
    key: str,
    rows: Sequence[Mapping[str, Any]],
    size: int = DEFAULT_PAGE_SIZE,
) -> web.Response:
    """Return one page of a list. A page after the end is empty."""
    size = max(1, _number(request, "limit", size))
    wanted = max(1, _number(request, "page", 1))
    pages = max(1, -(-len(rows) // size))
    data: dict[str, Any] = {"page": wanted, key: rows[(wanted - 1) * size : wanted * size]}
    match state.settings.total_pages:
        case "number":
            data["totalPages"] = pages
        case "string":
            data["totalPages"] = str(pages)
    return answer(state, data)


async def body_of(request: web.Request) -> dict[str, Any]:
    """Return the JSON object of the request, empty if the body is something else."""
    try:
        document = json.loads(await request.read())
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def exact_json(part: Any) -> str:
    """Return JSON in which every Decimal keeps its digits: 12.50 is written as 12.50."""
    if isinstance(part, Decimal):
        return format(part, "f")
    if isinstance(part, dict):
        return "{" + ", ".join(f"{json.dumps(str(name))}: {exact_json(value)}" for name, value in part.items()) + "}"
    if isinstance(part, (list, tuple)):
        return "[" + ", ".join(map(exact_json, part)) + "]"
    return json.dumps(part)


def _messages(settings: Settings, said: dict[str, list[str]]) -> Any:
    texts = [text for listed in said.values() for text in listed]
    match settings.messages:
        case "object":
            return said
        case "array":
            return texts
        case "string":
            return " ".join(texts)
        case _:
            return None


def _as_asked(document: Any, settings: Settings) -> Any:
    return _stringified(document) if settings.numbers_as_strings else document


def _stringified(part: Any) -> Any:
    """Return the document with every number as text."""
    if isinstance(part, dict):
        return {name: _stringified(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_stringified(value) for value in part]
    if isinstance(part, Decimal):
        return format(part, "f")
    return str(part) if isinstance(part, (int, float)) and not isinstance(part, bool) else part


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() else default
