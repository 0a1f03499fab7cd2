"""The result of a sign-in: `data.authToken` of a session [doc], or an OAuth2 answer without the envelope [seen]."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from adapters.net import bounded_json
from adapters.net.json_shapes import text_or_nothing
from core.model.shared.secret import Secret

_DEFAULT_LIFETIME = 3600.0


class Granted:
    """The token, its lifetime in seconds (OAuth2 only), and if told the refresh token and the user's time zone."""

    __slots__ = ("refresh_token", "seconds", "time_zone", "token")

    def __init__(
        self, token: str, seconds: float = _DEFAULT_LIFETIME, refresh_token: str = "", time_zone: str = ""
    ) -> None:
        self.token = Secret(token)
        self.seconds = seconds
        self.refresh_token = Secret(refresh_token) if refresh_token else None
        self.time_zone = time_zone


def _seconds(told: object) -> float | None:
    """A lifetime that cannot be read counts as not told, so that it does not refuse a good token."""
    try:
        seconds = float(text_or_nothing(told))
    except ValueError:
        return None
    return seconds if 0 < seconds < math.inf else None


def _time_zone(user: object) -> str:
    """The time zone of a user's record; what cannot be read counts as not told."""
    return text_or_nothing(user.get("timezone")) if isinstance(user, dict) else ""


class _AuthToken(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    authToken: str = ""
    user: Annotated[str, BeforeValidator(_time_zone)] = ""


class _AccessToken(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    access_token: str = ""
    expires_in: Annotated[float | None, BeforeValidator(_seconds)] = None
    refresh_token: Annotated[str, BeforeValidator(text_or_nothing)] = ""


def granted_by(body: bytes) -> Granted | None:
    """Read a 2xx answer to a sign-in. None if it holds no token. Raises ValueError if it is no JSON object."""
    document: Any = bounded_json.parse(body)
    if not isinstance(document, dict):
        raise ValueError("the answer is not a JSON object")  # noqa: TRY004
    try:
        if document.get("access_token"):
            oauth = _AccessToken.model_validate(document)
            return Granted(oauth.access_token, oauth.expires_in or _DEFAULT_LIFETIME, oauth.refresh_token)
        session = _AuthToken.model_validate(document.get("data") or {})
    except ValidationError:
        return None
    return Granted(session.authToken, time_zone=session.user) if session.authToken else None
