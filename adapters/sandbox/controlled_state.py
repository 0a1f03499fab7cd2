"""The state of a simulated system as plain data, which the control port shows, replaces and changes."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class ControlledState(Record):
    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    def replace(self, document: dict[str, Any]) -> None:
        """Replace the state by `document`. Raises ValueError with every wrong place, and changes nothing then."""
        self._become(self._validated(document))

    def alter(self, changes: dict[str, Any]) -> None:
        """Apply a JSON merge patch (RFC 7396). Raises ValueError with every wrong place, and changes nothing then."""
        self._become(self._validated(merged(self.to_json(), changes)))

    def _validated(self, document: dict[str, Any]) -> Self:
        try:
            return type(self).model_validate(document)
        except ValidationError as error:
            wrong = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise ValueError("; ".join(wrong)) from error

    def _become(self, other: Self) -> None:
        for name in type(self).model_fields:
            setattr(self, name, getattr(other, name))


def merged(target: Any, patch: Any) -> Any:
    """Return `target` with `patch` applied: objects are merged, null removes, other values replace."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
