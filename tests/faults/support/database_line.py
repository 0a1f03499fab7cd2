"""A line to the database that breaks at random: before, in the middle of or after what is sent to the server."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import make_url

_ENDS = (ConnectionError, OSError)


@dataclass
class DatabaseLine:
    """`share` of all messages to the server end their session. `url` leads through this line."""

    random: Random
    share: float = 0.0
    url: str = ""
    broken: Counter[str] = field(default_factory=Counter)
    _sessions: set[asyncio.Task[None]] = field(default_factory=set)

    @classmethod
    @asynccontextmanager
    async def to(cls, database_url: str, seed: int) -> AsyncIterator[DatabaseLine]:
        """Listens on a loopback port of its own."""
        line, given = cls(Random(seed)), make_url(database_url)
        folder, port = str(given.query.get("host") or ""), given.port or given.query.get("port") or 5432

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            line._sessions.add(task)
            task.add_done_callback(line._sessions.discard)
            with suppress(asyncio.CancelledError, *_ENDS):
                there, onward = (
                    await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
                    if folder
                    else await asyncio.open_connection(given.host, int(str(port)))
                )
                try:
                    await line._pass_on(reader, writer, there, onward)
                finally:
                    onward.transport.abort()
            writer.transport.abort()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        query = {name: value for name, value in given.query.items() if name not in ("host", "port")}
        here = given.set(host="127.0.0.1", port=server.sockets[0].getsockname()[1], query=query)
        line.url = here.render_as_string(hide_password=False)
        try:
            yield line
        finally:
            server.close()
            for session in line._sessions:
                session.cancel()
            await asyncio.gather(*line._sessions, return_exceptions=True)

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        onward: asyncio.StreamWriter,
    ) -> None:
        """Until either side ends or the line breaks."""

        async def answers() -> None:
            with suppress(*_ENDS):
                while data := await there.read(65_536):
                    writer.write(data)
                    await writer.drain()

        answering = asyncio.create_task(answers())
        asking = asyncio.create_task(self._ask(reader, onward))
        try:
            await asyncio.wait({answering, asking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            answering.cancel()
            asking.cancel()
            await asyncio.gather(answering, asking, return_exceptions=True)

    async def _ask(self, reader: asyncio.StreamReader, onward: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            place = self.random.choice(("before", "within", "after")) if self.random.random() < self.share else ""
            self.broken[place] += 1
            if place == "before":
                return
            onward.write(data[: len(data) // 2] if place == "within" else data)
            await onward.drain()
            if place == "within":
                return
            if place == "after":
                await asyncio.sleep(self.random.random() * 0.005)  # the server may be done, or not
                return
