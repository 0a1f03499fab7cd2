"""Reads the settings: jobferry.toml, overridden by JOBFERRY_... in the environment, then by flags.

A misspelt name is refused in both, or a setting that somebody relies on would be left out in silence.
"""

from __future__ import annotations

import difflib
import errno
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict, SettingsError

from adapters.bootstrap.settings import FILE, PREFIX, HomeFolderMissing, Settings
from adapters.outbound.smtp.server import is_loopback
from core.model.shared.errors import FieldError, OperatorMends

_OF_KUBERNETES = re.compile(
    r"\w+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)=.*|\w+_PORT=(tcp|udp|sctp)://.*", re.DOTALL
)
"""Kubernetes gives every container such variables for each service, so also for one called jobferry or jobferry-api."""


def load_settings(flags: Mapping[str, Any] | None = None, file: Path | None = None) -> Settings:
    """`flags` that are None are ignored. `file` must exist; without it jobferry.toml in the working directory is read
    if there is one. Raises OperatorMends (CONFIGURATION_INVALID), which names every wrong key."""
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    called = str(file or FILE)
    wrong = list(_misspelt(os.environ))
    try:
        settings = _settings_with(file)(**given)
    except ValidationError as error:
        raise _invalid([*wrong, *_problems(error, called)], called) from error
    except TOMLDecodeError as error:
        raise _invalid([FieldError(called, f"is not readable TOML: {error}")], called) from error
    except UnicodeDecodeError as error:
        raise _invalid([FieldError(called, "is not UTF-8 text")], called) from error
    except SettingsError as error:
        # Raised for an environment value that must be JSON. Its text names the field and never shows the value.
        name = next((name for name in Settings.model_fields if f'"{name}"' in str(error)), "")
        detail = 'is not JSON, such as ["10.0.0.0/8"] for a list'
        raise _invalid([*wrong, FieldError(PREFIX + name.upper(), detail)], called) from error
    except RecursionError as error:
        raise _invalid([*wrong, FieldError(called, "or a variable is nested too deeply")], called) from error
    except HomeFolderMissing as error:
        missing = FieldError(f"{PREFIX}DATA_DIR", "must be set: this user has no home folder")
        raise _invalid([*wrong, missing], called) from error
    except OSError as error:
        raise _invalid([FieldError(called, f"cannot be read: {error.strerror}")], called) from error
    if wrong := [*wrong, *_half_set(settings), *_half_set_mail(settings)]:
        raise _invalid(wrong, called)
    return settings


def _settings_with(file: Path | None) -> type[Settings]:
    """The settings with this file in the place of jobferry.toml. Raises OSError for one that cannot be read: a folder
    (which Docker makes for a file that it does not find), a dangling link or a pipe would be left out in silence."""
    read = file or Path(FILE)
    if file or os.path.lexists(read):
        if read.is_fifo():
            raise OSError(errno.ESPIPE, "it is a pipe, not a file")
        read.open("rb").close()
    if file is None:
        return Settings

    class SettingsOfFile(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    return SettingsOfFile


def _misspelt(environment: Mapping[str, str]) -> Iterator[FieldError]:
    """Variables that begin like ours and are no setting. Empty ones count as not set."""
    for name, value in environment.items():
        setting = name.upper().removeprefix(PREFIX).lower()
        if not name.upper().startswith(PREFIX) or setting in Settings.model_fields or not value:
            continue
        if not _OF_KUBERNETES.fullmatch(f"{name}={value}"):
            yield FieldError(name, f"is not a setting{_meant(setting, PREFIX)} (in the environment)")


def _meant(name: str, prefix: str = "") -> str:
    ending = max((one for one in Settings.model_fields if name.endswith(f"_{one}")), key=len, default=None)
    near = [ending] if ending else difflib.get_close_matches(name, Settings.model_fields, n=1)
    return f"; did you mean {prefix}{near[0].upper() if prefix else near[0]}?" if near else ""


def _half_set(settings: Settings) -> Iterator[FieldError]:
    """OpenID Connect settings that are missing although others are set."""
    ours = [name for name in Settings.model_fields if name.startswith("oidc_") and getattr(settings, name) is not None]
    if ours and settings.oidc_issuer is None:
        yield FieldError(f"{PREFIX}OIDC_ISSUER", f"is missing, and {PREFIX}{ours[0].upper()} needs it")
    if settings.oidc_issuer is None:
        return
    if settings.oidc_client_id is None:
        yield FieldError(f"{PREFIX}OIDC_CLIENT_ID", f"is missing, and {PREFIX}OIDC_ISSUER is set")
    if (settings.oidc_client_secret is None) is (settings.oidc_client_secret_file is None):
        detail = f"or {PREFIX}OIDC_CLIENT_SECRET_FILE must be set, not both, because {PREFIX}OIDC_ISSUER is set"
        yield FieldError(f"{PREFIX}OIDC_CLIENT_SECRET", detail)
    if settings.public_url is None:
        yield FieldError(f"{PREFIX}PUBLIC_URL", f"is missing, and {PREFIX}OIDC_ISSUER needs it as the return address")


def _half_set_mail(settings: Settings) -> Iterator[FieldError]:
    """Settings of the mail server that are missing although others are set, or that do not go together."""
    needed = ("smtp_user", "smtp_sender", "smtp_password", "smtp_password_file")
    ours = [name for name in needed if getattr(settings, name) is not None]
    if settings.smtp_host is None:
        if ours:
            yield FieldError(f"{PREFIX}SMTP_HOST", f"is missing, and {PREFIX}{ours[0].upper()} needs it")
        return
    if settings.smtp_sender is None:
        yield FieldError(f"{PREFIX}SMTP_SENDER", f"is missing, and {PREFIX}SMTP_HOST is set")
    passwords = [one for one in (settings.smtp_password, settings.smtp_password_file) if one is not None]
    if settings.smtp_user is not None and len(passwords) != 1:
        detail = f"or {PREFIX}SMTP_PASSWORD_FILE must be set, not both, because {PREFIX}SMTP_USER is set"
        yield FieldError(f"{PREFIX}SMTP_PASSWORD", detail)
    if settings.smtp_user is None and passwords:
        yield FieldError(f"{PREFIX}SMTP_USER", "is missing, and a password of the mail server is set")
    plain = settings.smtp_security == "none" and not settings.smtp_plaintext_allowed
    if plain and not is_loopback(settings.smtp_host):
        detail = f"is none, and {settings.smtp_host} is another machine: use starttls or tls"
        yield FieldError(f"{PREFIX}SMTP_SECURITY", f"{detail}, or set {PREFIX}SMTP_PLAINTEXT_ALLOWED")


def _problems(error: ValidationError, file: str) -> Iterator[FieldError]:
    for one in error.errors(include_input=False, include_url=False):
        name = str(one["loc"][0]) if one["loc"] else ""
        if one["type"] == "extra_forbidden":
            yield FieldError(name, f"is not a setting{_meant(name)} (in {file})")
        else:
            yield FieldError(name, f"{one['msg'][0].lower()}{one['msg'][1:]} ({PREFIX}{name.upper()} or {name})")


def _invalid(problems: list[FieldError], file: str) -> OperatorMends:
    return OperatorMends(
        "The configuration is not valid: " + "; ".join(f"{p.pointer} {p.detail}" for p in problems) + ".",
        code="CONFIGURATION_INVALID",
        fix=f"Correct the named settings in {file}, in the environment or on the command line.",
        errors=problems,
    )
