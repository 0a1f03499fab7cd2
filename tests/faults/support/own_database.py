"""A PostgreSQL server of one test's own, which may be pulled out from under everybody and started again."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from adapters.outbound.postgres.server.embedded import EmbeddedPostgres

_STOP_SECONDS = 30


@dataclass
class OwnDatabase:
    """`stops` counts how often it was stopped at once. After each start it is at the same address."""

    folder: Path
    url: str = ""
    stops: int = 0
    _handles: list[EmbeddedPostgres] = field(default_factory=list)

    def start(self) -> None:
        self._handles.append(EmbeddedPostgres.start(self.folder))
        self.url = self._handles[-1].url

    def stop_at_once(self) -> None:
        """An immediate stop: no session is ended in order, and the next start recovers as after a crash."""
        first_line = (self.folder / "postgres/postmaster.pid").read_text().partition("\n")[0]
        postmaster = psutil.Process(int(first_line))
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(_STOP_SECONDS)
        self.stops += 1

    def close(self) -> None:
        for handle in self._handles:
            handle.close()


@contextmanager
def own_database() -> Iterator[OwnDatabase]:
    with tempfile.TemporaryDirectory(prefix="jobferry-away-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        database = OwnDatabase(Path(folder))
        database.start()
        try:
            yield database
        finally:
            database.close()
