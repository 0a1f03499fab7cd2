"""Files of any length: each piece is sent as soon as it is read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping

import structlog
from aiohttp import web

from adapters.inbound.server.event_stream import Streams, TooManyStreams

_log = structlog.get_logger()


async def streamed_download(
    request: web.Request,
    streams: Streams,
    owner: str,
    name: str,
    pieces: AsyncIterator[str],
    media_type: str,
    *,
    person: str = "",
) -> web.StreamResponse:
    """The file piece by piece. If one cannot be read, the connection is cut off: then the client reports a failed
    download, and nobody has a file that looks whole. A HEAD request reads nothing. `owner` is
    the account, or the operator's key or person; `person` asks at the console.

    Raises TooManyStreams if the person (or `owner` without one) or the whole account has as many as allowed under way.
    """
    with streams.files.place(person or owner) as free, streams.files_together.place(owner) as room:
        if not free:
            message = f"{streams.files.most} of your downloads are under way already."
            raise TooManyStreams(message, fix="Wait until one of them is done, then try again.", retry_after=30)
        if not room:
            message = "As many downloads of this account as may be are under way already."
            raise TooManyStreams(message, fix="Wait until one of them is done, then try again.", retry_after=30)
        return await _send(request, name, pieces, media_type)


async def _send(request: web.Request, name: str, pieces: AsyncIterator[str], media_type: str) -> web.StreamResponse:
    response = web.StreamResponse(headers=attached(name))
    response.content_type, response.charset = media_type, "utf-8"
    response.force_close()
    await response.prepare(request)
    try:
        if request.method != "HEAD":
            async for piece in pieces:
                await response.write(piece.encode())
        await response.write_eof()
    except ConnectionError:
        pass  # the client has disconnected
    except Exception:
        _log.exception("download.broke_off", path=request.path)
        if request.transport:
            request.transport.abort()
    finally:
        if isinstance(pieces, AsyncGenerator):  # gives its database session back
            await pieces.aclose()
    return response


def attached(name: str) -> Mapping[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
