"""A job's paperwork as documents of its work order: which attachments go, and what they must look like.

The limits are Jobferry's own: Spectrum documents none for workOrders/images, and a document is held in memory while it
is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TYPES: Mapping[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "tif": (b"II*\x00", b"MM\x00*"),
    "tiff": (b"II*\x00", b"MM\x00*"),
}
"""The types that are sent, by the end of the file's name, and how the content of each begins."""
MOST_BYTES = 5 << 20
"""Of one document."""
MOST_DOCUMENTS = 10
"""Of one job. More would hold up the next work orders of the connection."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment of a job in ServiceTrade. `size` is in bytes, None if ServiceTrade does not tell it."""

    id: str
    name: str
    size: int | None = None

    @property
    def file_type(self) -> str:
        """The end of its name in lower case, '' without one."""
        _, dot, end = self.name.rpartition(".")
        return end.strip().lower() if dot else ""


@dataclass(frozen=True, slots=True)
class Paperwork:
    """The attachments of a completed job. `trouble`: why they cannot be read."""

    attachments: tuple[Attachment, ...] = ()
    trouble: str = ""


def kept_back(one: Attachment) -> str:
    """Why an attachment is not sent; '' if it is."""
    if one.file_type not in TYPES:
        return f"only {', '.join(TYPES)} are sent"
    if one.size is not None and one.size > MOST_BYTES:
        return f"it has {one.size:,} bytes, and {MOST_BYTES:,} are the most"
    return ""


def chosen(attachments: Sequence[Attachment]) -> tuple[Sequence[Attachment], Sequence[tuple[Attachment, str]]]:
    """Those that are sent, and those that are not with the reason."""
    fit = [one for one in attachments if not kept_back(one)]
    left = [(one, why) for one in attachments if (why := kept_back(one))]
    many = f"a job sends {MOST_DOCUMENTS} documents at most"
    return fit[:MOST_DOCUMENTS], [*left, *((one, many) for one in fit[MOST_DOCUMENTS:])]


def unusable(file_type: str, content: bytes) -> str:
    """Why this content cannot be a document of that type; '' if it can."""
    if not content:
        return "it is empty"
    if len(content) > MOST_BYTES:
        return f"it has more than {MOST_BYTES:,} bytes"
    if not content.startswith(TYPES.get(file_type, ())):
        return f"its content is no {file_type}"
    return ""
