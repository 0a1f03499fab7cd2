"""This installation for one command: its settings, its log, and its runtime."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from adapters.bootstrap.importing import much_imported
from adapters.bootstrap.log import configure_log, format_before_settings

if TYPE_CHECKING:
    from adapters.bootstrap.settings import LogLevel, Settings
    from adapters.inbound.cli.command_context import CommandContext


class Installation:
    """Settings are read, and the runtime is imported, on first use: so `--help` is quick, and it works with a broken
    configuration."""

    def __init__(self, flags: Mapping[str, Any], file: Path | None = None) -> None:
        """`file` is read instead of jobferry.toml in the working directory."""
        self._flags = dict(flags)
        self._file = file

    @cached_property
    def settings(self) -> Settings:
        from adapters.bootstrap.load_settings import load_settings  # noqa: PLC0415

        return load_settings(self._flags, self._file)

    def with_flags(self, **flags: Any) -> Installation:
        """The same installation with a command's own flags; flags that are None are ignored."""
        given = {name: value for name, value in flags.items() if value is not None}
        return Installation(self._flags | given, self._file)

    def start_log(self, default: LogLevel | None = None) -> None:
        """Start the log. `default` applies if no level is set; commands for people log only errors."""
        chosen = "log_level" in self.settings.model_fields_set or default is None
        level = self.settings.log_level if chosen else default or self.settings.log_level
        configure_log(level, self.settings.log_format)

    @property
    def log_format_as_said(self) -> str | None:
        """Also if the settings cannot be read; None if nothing says it."""
        from adapters.bootstrap.settings import FILE  # noqa: PLC0415 - help and completion do not need it

        return format_before_settings(self._flags.get("log_format"), self._file or Path(FILE))

    @asynccontextmanager
    async def open_context(self) -> AsyncIterator[CommandContext]:
        with much_imported():
            from adapters.bootstrap.runtime import open_runtime  # noqa: PLC0415
            from adapters.inbound.cli.command_context import CommandContext  # noqa: PLC0415

        self.start_log("error")
        async with open_runtime(self.settings) as runtime:
            address = self.settings.console_address
            yield CommandContext(runtime.use_cases, runtime.worker_alive, runtime.worker_at_hand, address)


def installation_of(ctx: typer.Context) -> Installation:
    found: Installation = ctx.obj
    return found
