"""Answers of the health checks."""

from __future__ import annotations

from typing import Literal

from adapters.inbound.schema.schema_base import Output


class Health(Output):
    status: Literal["ok"] = "ok"
