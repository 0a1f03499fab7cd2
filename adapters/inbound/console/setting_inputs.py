"""Settings as inputs of a form: made from their descriptions, so a new one is asked for, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from adapters.inbound.console.forms import Field
from core.model.connections.settings import ExternalSync
from core.model.shared.setting import DescribedSetting
from core.model.work_orders.item import DEFAULT_KINDS, LABOR, ItemKind


def inputs(one: DescribedSetting, shown: Mapping[str, Any] | None) -> Iterator[Field]:
    """The inputs of one setting; `shown` is the whole as the API shows it, None for a new one."""
    if one.type == Mapping[str, ItemKind]:
        kinds = shown[one.public_name] if shown else DEFAULT_KINDS
        for item_type in sorted({*DEFAULT_KINDS, *kinds} - {LABOR}):
            yield _input(one, "choice", f".{item_type}", f"Items of the type {item_type}", required=True)
    elif one.type == ExternalSync | None:
        yield _input(one, "text", ".path", f"{one.setting.title} path", help="Such as /externalsync.")
        yield _input(
            one,
            "json",
            ".body",
            f"{one.setting.title} body",
            help="As JSON; its texts may hold {job_id}, {system}, {status} and {message}.",
        )
    elif isinstance(one.type, type) and issubclass(one.type, Enum):
        yield _input(one, "choice", required=True)
    else:
        kind = "long" if one.setting.long else "number" if one.type == int | None else "text"
        yield _input(one, kind, required=one.required)


def _input(
    one: DescribedSetting, kind: str, below: str = "", label: str = "", help: str = "", *, required: bool = False
) -> Field:
    found = one.setting
    unit = f" ({found.unit})" if found.unit else ""
    return Field(
        group=found.group,
        name=f"{one.path}{below}",
        label=label or f"{found.title}{unit}",
        kind=kind,
        required=required,
        options=found.words,
        help=f"{found.help} {help}".strip(),
    )
