"""A process that changes the encryption key, as `jobferry secrets rotate` does, with crash points between its steps.

A moment is the instant before or after a key file is written out and put in place, and before or after every statement
and commit. None of it needs a hook in the product.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Pool, event

from adapters.bootstrap.key_rotation import rotate
from adapters.bootstrap.load_settings import load_settings
from adapters.bootstrap.log import configure_log
from adapters.bootstrap.settings import Settings
from tests.faults.support.crash_injector import CrashInjector
from tests.faults.support.processes import processes


@dataclass(frozen=True, slots=True)
class RotationOrders:
    database_url: str
    key_file: Path
    dies_at: int = 0
    trail: Path = Path(os.devnull)

    def settings(self) -> Settings:
        return load_settings({"database_url": self.database_url, "encryption_key_file": self.key_file})


def rotate_until_killed(orders: RotationOrders) -> None:
    """The process's main."""
    configure_log("error")
    _add_crash_points(CrashInjector(orders.dies_at, orders.trail))
    asyncio.run(rotate(orders.settings(), by="ann"))


def _add_crash_points(injector: CrashInjector) -> None:
    for name in ("fsync", "replace", "unlink"):
        setattr(os, name, _with_crash_point(injector, name, getattr(os, name)))
    event.listen(Engine, "before_cursor_execute", lambda *_: injector.moment("before statement"))
    event.listen(Engine, "after_cursor_execute", lambda *_: injector.moment("after statement"))
    event.listen(Engine, "commit", lambda *_: injector.moment("before commit"))
    event.listen(Pool, "checkin", lambda *_: injector.moment("after commit"))


def _with_crash_point(injector: CrashInjector, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def watched(*args: Any, **kwargs: Any) -> Any:
        injector.moment(f"before {name}")
        result = call(*args, **kwargs)
        injector.moment(f"after {name}")
        return result

    return watched


@dataclass(slots=True)
class RotationProcess:
    process: ForkServerProcess

    @classmethod
    def start(cls, orders: RotationOrders) -> RotationProcess:
        process = processes.Process(target=rotate_until_killed, args=(orders,))
        process.start()
        return cls(process)

    def kill(self) -> None:
        """By its id; one that has ended by itself is left in peace."""
        self.process.kill()

    async def killed(self) -> bool:
        """Once it has ended: whether it was killed and did not come to its end."""
        await asyncio.to_thread(self.process.join)
        code = self.process.exitcode
        self.process.close()
        assert code in (0, -signal.SIGKILL, 255), f"the rotation ended with {code}"
        return code != 0
