"""A raw socket server that does exactly what a test says, and the Spectrum target that points at it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_network

from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from core.model.connections.connection import ConnectionSecrets, SpectrumTarget
from core.model.connections.endpoint import Endpoint
from core.model.shared.secret import Secret

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
AUTHORIZATION_ID = "AUTH-7711-XYZ"
FIELDS = {
    "Company_Code": "A1",
    "WO_Number": "S1001",
    "WO_Reference_Code": "S",
    "WO_Job_Number": "SITE1",
    "Bill_Customer_Code": "CUST1",
}

Behaviour = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawServer:
    """Reads one request a connection and answers with the next behaviour of its path; the last one stays."""

    behaviours: Mapping[str, Sequence[Behaviour]]
    url: str = ""
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    served: dict[str, int] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            request = await read_request(reader)
            self.requests.append(request)
            path = request.split(b" ", 2)[1].decode()
            behaviours = self.behaviours.get(path) or self.behaviours["*"]
            turn = self.served.get(path, 0)
            self.served[path] = turn + 1
            behaviour = behaviours[min(turn, len(behaviours) - 1)]
            if isinstance(behaviour, bytes):
                writer.write(behaviour)
                await writer.drain()
            else:
                await behaviour(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return


@asynccontextmanager
async def raw_server(
    *behaviours: Behaviour,
    paths: Mapping[str, Sequence[Behaviour]] | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[RawServer]:
    server = RawServer({"*": behaviours, **(paths or {})})
    async with listening(server.serve, tls) as port:
        server.url = f"{'https' if tls else 'http'}://{'localhost' if tls else '127.0.0.1'}:{port}"
        yield server


@asynccontextmanager
async def listening(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    tls: ssl.SSLContext | None = None,
    at: socket.socket | None = None,
) -> AsyncIterator[int]:
    """A listener that leaves nothing open behind it: at the bound socket `at`, or on a free port."""
    tasks: set[asyncio.Task[None]] = set()

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(attend(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    where = {"sock": at} if at else {"host": "127.0.0.1", "port": 0}
    listener = await asyncio.start_server(connected, ssl=tls, **where)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        await asyncio.sleep(0)
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    return head + await reader.readexactly(length)


def http(
    body: bytes | str = b"", status: str = "200 OK", content_type: str = "text/xml; charset=utf-8", **headers: str
) -> bytes:
    """The bytes of one HTTP answer."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + content


def soap(*rows: tuple[str, str, str], method: str = "WorkOrderHeader") -> str:
    """A complete answer to a write with these (code, text, column) rows."""
    entries = "".join(
        f"<response><error_code>{code}</error_code><desc>{text}</desc><column>{column}</column></response>"
        for code, text, column in rows
    )
    return envelope(
        f'<n:{method}Response xmlns:n="http://www.northgate-is.com/proiv/webservices/types">'
        f"<returnArray><returnData>{entries}</returnData></returnArray></n:{method}Response>"
    )


def envelope(content: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">'
        f"<s:Body>{content}</s:Body></s:Envelope>"
    )


def fault(code: str, text: str) -> str:
    return envelope(f"<s:Fault><faultcode>s:{code}</faultcode><faultstring>{text}</faultstring></s:Fault>")


def target(
    url: str,
    *,
    client_secret: str | None = None,
    ca_certificate: str | None = None,
    authorization_id: str = AUTHORIZATION_ID,
    connection_id: str = "con_1",
) -> SpectrumTarget:
    secrets = ConnectionSecrets(
        Secret(authorization_id),
        "client-1" if client_secret else None,
        Secret(client_secret) if client_secret else None,
    )
    return SpectrumTarget(connection_id, Endpoint.parse(url), "A1", secrets, ca_certificate)


def spectrum(*, deadline_seconds: float = 5.0, connect_seconds: float = 2.0) -> SoapSpectrum:
    return SoapSpectrum(allowed_networks=LOOPBACK, deadline_seconds=deadline_seconds, connect_seconds=connect_seconds)
