"""A setting: described once, with the words that people read about it and the rule that its values keep.

Storage, API, console, command line, change log and docs are made from these descriptions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, get_type_hints

from core.model.shared.errors import FieldError

_KEY = "setting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """`group` is the heading that it stands under. `words` are what people read for each value of a choice. `rule` says
    in words which values `valid` takes; `example` is one of them, as programs write it, and
    `format` the form of a text, such as `uri`. `public_name` is its name in
    API and storage, the field's own where empty. `within` is the object of the API's messages that holds it, '' for the
    message itself. `in_forms`: console and command line ask for it among the others; otherwise it has a page of its
    own."""

    title: str
    group: str
    help: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    long: bool = False
    valid: Callable[[Any], object] | None = None
    rule: str = ""
    example: Any = None
    format: str = ""
    public_name: str = ""
    within: str = ""
    in_forms: bool = True


@dataclass(frozen=True, slots=True)
class DescribedSetting:
    """A field of a settings class with its description. `type` is the field's resolved type."""

    name: str
    type: Any
    setting: Setting
    default: Any
    default_factory: Any

    @property
    def public_name(self) -> str:
        return self.setting.public_name or self.name

    @property
    def path(self) -> str:
        """Its place in a message, such as `servicetrade.base_url`."""
        return f"{self.setting.within}.{self.public_name}".lstrip(".")

    @property
    def pointer(self) -> str:
        """The same as a JSON pointer."""
        return "/" + self.path.replace(".", "/")

    @property
    def required(self) -> bool:
        return self.default is MISSING and self.default_factory is MISSING

    def initial(self) -> Any:
        """The default. Raises LookupError for a setting that has none."""
        if self.required:
            raise LookupError(f"{self.name} has no default")
        return self.default if self.default_factory is MISSING else self.default_factory()


def setting(default: Any = MISSING, *, default_factory: Any = MISSING, **described: Any) -> Any:
    """A dataclass field that is a setting; `described` are the fields of `Setting`."""
    metadata = {_KEY: Setting(**described)}
    if default_factory is not MISSING:
        return field(default_factory=default_factory, metadata=metadata)
    return field(default=default, metadata=metadata)


def described(owner: type) -> tuple[DescribedSetting, ...]:
    """The settings of a dataclass, in the order of their definition."""
    types = get_type_hints(owner)
    return tuple(
        DescribedSetting(one.name, types[one.name], one.metadata[_KEY], one.default, one.default_factory)
        for one in fields(owner)
        if _KEY in one.metadata
    )


def is_code(limit: int, *, required: bool = False) -> Any:
    """Whether a text could be one of Spectrum's codes: at most `limit` ASCII characters, without outer spaces."""

    def valid(text: str) -> bool:
        if not text:
            return not required
        return len(text) <= limit and text.isascii() and text.isprintable() and text == text.strip()

    return valid


def in_groups(settings: Iterable[DescribedSetting], groups: Sequence[str]) -> tuple[DescribedSetting, ...]:
    """The settings in the order of these groups, and within a group in the order of their definition."""
    return tuple(sorted(settings, key=lambda one: groups.index(one.setting.group)))


def broken_rules(settings: Iterable[DescribedSetting], owner: Any) -> Iterator[FieldError]:
    """An error for each setting of `owner` whose value breaks its rule."""
    for one in settings:
        if one.setting.valid and not one.setting.valid(getattr(owner, one.name)):
            yield FieldError(one.pointer, one.setting.rule)


def differences(settings: Iterable[DescribedSetting], before: Any, after: Any) -> list[str]:
    """The names of the settings that differ."""
    return [one.name for one in settings if getattr(before, one.name) != getattr(after, one.name)]
