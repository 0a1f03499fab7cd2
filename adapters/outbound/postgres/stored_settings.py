"""Settings as the JSON of a `settings` column: made from their descriptions, so a new one is stored, too."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, TypeAdapter

from core.model.connections.endpoint import Endpoint
from core.model.shared.setting import DescribedSetting

_AS_TEXT = {Endpoint: Annotated[Endpoint, PlainValidator(Endpoint.parse), PlainSerializer(str)]}


class StoredSettings:
    """The settings of one class. Those named in `columns` have columns of their own and are left out."""

    def __init__(self, settings: Sequence[DescribedSetting], columns: Collection[str] = ()) -> None:
        self._stored: Sequence[tuple[DescribedSetting, TypeAdapter[Any]]] = [
            (one, TypeAdapter(_AS_TEXT.get(one.type, one.type))) for one in settings if one.name not in columns
        ]

    def dump(self, owner: Any) -> dict[str, Any]:
        """The JSON, by public names."""
        return {one.public_name: kind.dump_python(getattr(owner, one.name), mode="json") for one, kind in self._stored}

    def load(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The values by field names. A setting that was added after the row was stored is not there."""
        return {
            one.name: kind.validate_python(stored[one.public_name])
            for one, kind in self._stored
            if one.public_name in stored
        }
