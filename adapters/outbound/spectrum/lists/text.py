"""Reads the bytes of a long answer as text while they arrive: unpacks them, finds the character set, and repairs what
XML does not allow. The spellings are those of `answer_text`; a multipart answer is read whole, so it must be short."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator, Mapping

from adapters.net.windows_text import as_windows
from adapters.outbound.spectrum.answer_text import charset_of, document_of, repaired, without_declaration
from adapters.outbound.spectrum.multipart import Unreadable

_GZIP = b"\x1f\x8b\x08"
_PIECE = 65_536
_BEGINNING = 1_024
"""So many bytes are kept back until the character set is known from the declaration."""
_LONGEST_REFERENCE = 14
_OPEN_REFERENCE = re.compile("&#?[0-9a-zA-Z]{0,12}\\Z")
MOST_MULTIPART = 1_048_576
"""Largest multipart answer in bytes."""


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return as_windows(error.object[error.start : error.end]), error.end


codecs.register_error("jobferry-windows", _as_windows)


class Unpacking:
    """Takes the pieces of a body and gives them unpacked, whatever `Content-Encoding` says: the bytes decide."""

    def __init__(self) -> None:
        self._stream: zlib._Decompress | None = None
        self._begun = False
        self.whole = True
        """Whether the body may end here: it is not compressed, or unpacked to the end of a stream."""

    def feed(self, head: Mapping[str, str], piece: bytes) -> Iterator[bytes]:
        """The unpacked pieces of a part of the body. Raises Unreadable for a damaged one."""
        if not self._begun and piece:
            self._begun = True
            if bits := _bits(piece, head.get("Content-Encoding", "")):
                self._stream = zlib.decompressobj(bits)
        if self._stream is None:
            yield piece
            return
        while piece and not self._stream.eof:
            try:
                yield self._stream.decompress(piece, _PIECE)
            except zlib.error as error:
                raise Unreadable("The compressed answer is damaged.") from error
            self.whole = self._stream.eof
            piece = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        if piece.strip(b"\0"):
            raise Unreadable("Something follows the end of the compressed answer.")


def _bits(start: bytes, encoding: str) -> int:
    """What zlib calls this compression, 0 for none."""
    if start.startswith(_GZIP):
        return zlib.MAX_WBITS + 16
    zlib_header = len(start) > 1 and start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.MAX_WBITS if encoding.strip().lower() == "deflate" and zlib_header else 0


class Text:
    """Takes the pieces of an unpacked body and gives its text, without a declaration."""

    def __init__(self, content_type: str) -> None:
        self._content_type = content_type
        self._multipart = content_type.lstrip().lower().startswith("multipart/")
        self._start = bytearray()
        self._decoder: codecs.IncrementalDecoder | None = None
        self._kept = ""

    def feed(self, piece: bytes) -> str:
        """The text of the next piece, as far as it is certain. Raises Unreadable."""
        if self._decoder:
            return self._certain(self._decoder.decode(piece))
        self._start += piece
        if self._multipart and not self._begins_like_xml:
            if len(self._start) > MOST_MULTIPART:
                raise Unreadable("The multipart answer is too long.")
            return ""
        return "" if len(self._start) < _BEGINNING else self._certain(self._begin())

    def end(self) -> str:
        """The rest of the text. Raises Unreadable."""
        if self._multipart and not self._begins_like_xml:
            return document_of(bytes(self._start), self._content_type)
        rest = self._kept + ("" if self._decoder else self._begin())
        self._kept = ""
        return repaired(rest + (self._decoder.decode(b"", True) if self._decoder else ""))

    @property
    def _begins_like_xml(self) -> bool:
        return self._decoder is not None or bytes(self._start[:64]).lstrip().startswith(b"<")

    def _begin(self) -> str:
        codec = charset_of(bytes(self._start), self._content_type)
        errors = "jobferry-windows" if codec in ("utf-8", "cp1252") else "replace"
        self._decoder = codecs.getincrementaldecoder(codec)(errors)
        text = self._decoder.decode(bytes(self._start))
        self._start.clear()
        return without_declaration(text)

    def _certain(self, text: str) -> str:
        """The text without a reference at its end that may go on in the next piece."""
        text = self._kept + text
        opened = _OPEN_REFERENCE.search(text, max(0, len(text) - _LONGEST_REFERENCE))
        end = opened.start() if opened else len(text)
        self._kept = text[end:]
        return repaired(text[:end])
