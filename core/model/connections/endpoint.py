"""The address of a Spectrum instance, parsed from a person's input. No other code builds such addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.model.shared.errors import BadInput, FieldError

DEFAULT_PORT = 8482
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"^(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*\.?$")
_IPV6 = re.compile(r"^[0-9a-f:.]+$")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Scheme, host and port of Data Exchange. Calls go to `/ws/NAME`; WSDLs are at `/wsdls/NAME.jws`."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """Read `HOST`, `HOST:PORT`, `https://HOST:PORT` or `https://HOST:PORT/ws`.

        Raises BadInput for any other form; credentials, other paths, queries and fragments are refused.
        """
        typed = text.strip()
        if not typed:
            raise _refused("is empty")
        if any(ch.isspace() or ord(ch) < 32 for ch in typed):
            raise _refused("contains spaces or control characters")
        try:
            parts = urlsplit(typed if "://" in typed else f"https://{typed}")
            port = parts.port
        except ValueError as error:
            raise _refused("is not a valid address") from error
        if parts.scheme not in ("https", "http"):
            raise _refused(f"starts with {parts.scheme}://; only https:// (or http:// inside your own network) works")
        if parts.username is not None or parts.password is not None:
            raise _refused("contains a user name or password; the Authorization ID has its own field")
        host = (parts.hostname or "").lower()
        if not (_HOST.match(host) or (":" in host and _IPV6.match(host))):
            raise _refused("has no valid host name")
        if parts.query or parts.fragment or parts.path.rstrip("/") not in ("", "/ws"):
            raise _refused("has a path other than /ws")
        if port == 0:
            raise _refused("has port 0")
        return cls(parts.scheme, host.rstrip("."), port or DEFAULT_PORT)

    @property
    def base(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def place(self) -> tuple[str, int]:
        """Host and port, without the scheme."""
        return self.host, self.port

    def service_url(self, service: str) -> str:
        return f"{self.base}/ws/{service}"

    def wsdl_url(self, service: str) -> str:
        return f"{self.base}/wsdls/{service}.jws"

    def __str__(self) -> str:
        return f"{self.base}/ws"


def _refused(reason: str) -> BadInput:
    return BadInput(
        f"The Spectrum address {reason}.",
        code="ENDPOINT_URL_INVALID",
        fix="Enter it as Spectrum shows it under System Administration > Utilities > Data Exchange Download, "
        "for example https://spectrum.example.com:8482/ws.",
        errors=[FieldError("/endpoint_url", reason)],
    )
