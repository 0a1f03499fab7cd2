"""The OpenID Connect provider in the settings, if there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from adapters.bootstrap.settings import Settings
from adapters.outbound.clock import SystemClock
from adapters.outbound.random import SystemRandom
from core.model.shared.errors import OperatorMends
from core.model.shared.secret import Secret
from core.services.access.sign_in import IDENTITY_PATH

if TYPE_CHECKING:
    from adapters.outbound.oidc.oidc_identity import OidcIdentity


def open_identity(settings: Settings) -> OidcIdentity | None:
    """None if people sign in only by password and link. Raises OperatorMends (CONFIGURATION_INVALID)."""
    if settings.oidc_issuer is None:
        return None
    from adapters.outbound.oidc.oidc_identity import Client, OidcIdentity  # noqa: PLC0415 - few have a provider

    return OidcIdentity(
        issuer=settings.oidc_issuer,
        name=settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or "",
        client=Client(
            id=settings.oidc_client_id or "",
            secret=_secret(settings),
            back=f"{str(settings.public_url or '').rstrip('/')}{IDENTITY_PATH}/back",
        ),
        clock=SystemClock(),
        random=SystemRandom(),
        allowed_networks=tuple(settings.allowed_networks),
        hosted=settings.mode == "hosted",
    )


def _secret(settings: Settings) -> Secret:
    if settings.oidc_client_secret is not None:
        return Secret(settings.oidc_client_secret.get_secret_value())
    file = settings.oidc_client_secret_file
    try:
        text = file.read_text(encoding="utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(f"{file} cannot be read") from error
    if not text:
        raise _unreadable(f"{file} is empty")
    return Secret(text)


def _unreadable(why: str) -> OperatorMends:
    return OperatorMends(
        f"The client secret for signing in is missing: {why}.",
        code="CONFIGURATION_INVALID",
        fix="Write it into the file that JOBFERRY_OIDC_CLIENT_SECRET_FILE names, readable for this user.",
    )
