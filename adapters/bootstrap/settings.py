"""The settings of an installation: their names, limits and defaults. `load_settings` reads them."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import AfterValidator, Field, HttpUrl, IPvAnyNetwork, JsonValue, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from adapters.outbound.smtp.server import parsed_sender
from core.model.operations.retention import RetentionPeriods
from core.model.shared.retry_delays import RetryDelays
from core.services.service import LineTiming

PREFIX = "JOBFERRY_"
FILE = "jobferry.toml"
SPECTRUM_DEADLINE_SECONDS = 60.0
SHORTEST_QUIET_SECONDS = 2 * SPECTRUM_DEADLINE_SECONDS
"""At least twice as long as a call may last, so that a line declared "not posted" cannot appear later."""
DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8480
PLUGINS_FOLDER = "jobferry_plugins"


def _postgres_url(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in ("postgresql", "postgres") or len(parts.path) < 2:
        raise ValueError("must be an address such as postgresql://user:password@host:5432/jobferry")
    return url


def _issuer(text: str) -> str:
    """Kept unchanged, because the provider must name itself exactly the same."""
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment or "@" in text:
        raise ValueError("must be an address such as https://login.example.com, without anything after the path")
    return text


def _sender(text: str) -> str:
    parsed_sender(text)
    return text


LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["text", "json"]


def _in_full(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"must be named in full: {path} is below a home folder that is not known") from error


class HomeFolderMissing(Exception):
    """The user has no home folder, in which the data folder would be."""


def _usual_data_dir() -> Path:
    try:
        return user_data_path("jobferry", appauthor=False)
    except RuntimeError as error:
        raise HomeFolderMissing from error


FolderPath = Annotated[Path, AfterValidator(_in_full)]


def _for_ever_or_30_days(days: int) -> int:
    if 0 < days < 30:
        raise ValueError("must be 0 (for ever) or at least 30")
    return days


MOST_WAITING_PER_TENANT = 200
"""Half of the connections that may wait in a process (`Limits.waiting_connections`): all that one tenant ever gets."""
Days = Annotated[int, Field(ge=1, le=36_500)]
DaysOrForEver = Annotated[int, Field(ge=0, le=36_500), AfterValidator(_for_ever_or_30_days)]


class Settings(BaseSettings):
    """All are optional. Without `database_url` the embedded PostgreSQL inside `data_dir` is used."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        toml_file=FILE,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    data_dir: FolderPath = Field(default_factory=_usual_data_dir)
    database_url: Annotated[SecretStr, AfterValidator(_postgres_url)] | None = None
    encryption_key: SecretStr | None = None
    encryption_key_file: FolderPath | None = None
    mode: Literal["self-hosted", "hosted"] = "self-hosted"
    allowed_networks: tuple[IPvAnyNetwork, ...] = ()
    public_url: HttpUrl | None = None
    log_level: LogLevel = "info"
    log_format: LogFormat | None = None
    retry_delays: tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...] = Field(
        default=RetryDelays().seconds, min_length=1
    )
    quiet_period_seconds: float = Field(
        default=LineTiming().quiet.total_seconds(), ge=SHORTEST_QUIET_SECONDS, le=86_400, allow_inf_nan=False
    )
    poll_seconds: float = Field(default=300, ge=1, le=86_400, allow_inf_nan=False)
    host: str = DEFAULT_HOST
    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    worker_host: str = DEFAULT_HOST
    worker_port: int | None = Field(default=None, ge=0, le=65535)
    worker_concurrency: int = Field(default=200, ge=1, le=2_000)
    worker_tenant_share: float = Field(default=0.25, gt=0, le=1, allow_inf_nan=False)
    spectrum_calls_at_once: int = Field(default=8, ge=1, le=1000)
    requests_at_once: int = Field(default=200, ge=4, le=100_000)
    rate_limit_per_minute: int = Field(default=600, ge=0, le=1_000_000)
    event_streams_per_tenant: int = Field(default=200, ge=1, le=MOST_WAITING_PER_TENANT)
    waiting_sends_per_tenant: int = Field(default=10_000, ge=0, le=10_000_000)
    waiting_requests_per_tenant: int = Field(default=200, ge=0, le=MOST_WAITING_PER_TENANT)
    plugins_dir: FolderPath | None = None
    no_plugins: bool = False
    trusted_plugins: tuple[str, ...] = ()
    plugin_defaults: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    keep_attempts_days: DaysOrForEver = 90
    keep_sends_days: DaysOrForEver = 400
    keep_completions_days: DaysOrForEver = 730
    keep_audit_days: DaysOrForEver = 730
    keep_deliveries_days: Days = 30
    keep_idempotency_keys_days: Days = 30
    oidc_issuer: Annotated[str, AfterValidator(_issuer)] | None = None
    oidc_client_id: str | None = Field(default=None, min_length=1)
    oidc_client_secret: SecretStr | None = None
    oidc_client_secret_file: FolderPath | None = None
    oidc_name: str | None = Field(default=None, min_length=1, max_length=60)
    smtp_host: str | None = Field(default=None, min_length=1, max_length=253, pattern=r"^[^\s/@]+$")
    smtp_port: int | None = Field(default=None, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_plaintext_allowed: bool = False
    smtp_user: str | None = Field(default=None, min_length=1, max_length=320)
    smtp_password: SecretStr | None = None
    smtp_password_file: FolderPath | None = None
    smtp_sender: Annotated[str, AfterValidator(_sender)] | None = None

    @property
    def file(self) -> Path:
        """The settings file, which need not exist."""
        return Path(str(self.model_config["toml_file"])).absolute()

    @property
    def console_address(self) -> str:
        """Where people open the console: the public address, else `serve` on this machine. Empty if its port is any."""
        if self.public_url is not None:
            return str(self.public_url).rstrip("/")
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}" if self.port else ""

    @property
    def key_file(self) -> Path:
        """The file of the encryption key, if the settings do not hold the key itself."""
        return self.encryption_key_file or self.data_dir / "encryption.key"

    @property
    def retention(self) -> RetentionPeriods:
        return RetentionPeriods(
            attempts=_period(self.keep_attempts_days),
            sends=_period(self.keep_sends_days),
            completions=_period(self.keep_completions_days),
            audit=_period(self.keep_audit_days),
            deliveries=timedelta(days=self.keep_deliveries_days),
            idempotency_keys=timedelta(days=self.keep_idempotency_keys_days),
        )

    @property
    def intents_dir(self) -> Path:
        """The folder that stores the highest intent of each connection, outside the database."""
        return self.data_dir / "intents"

    @property
    def plugins_folder(self) -> Path:
        """The folder of single-file plugins, which need not exist."""
        return self.plugins_dir or Path(PLUGINS_FOLDER)

    @property
    def private_paths(self) -> tuple[Path, ...]:
        """Files and folders that no plugin may open. They need not exist."""
        ours = ("postgres", "postgres.lock", "postgres.users", "postgres.new")
        passwords = Path(os.path.expanduser(os.environ.get("PGPASSFILE") or "~/.pgpass"))  # there may be no home
        secrets = (self.oidc_client_secret_file, self.smtp_password_file)
        files = (self.key_file, self.intents_dir, *secrets, passwords, Path(FILE), self.file)
        return (*(self.data_dir / name for name in ours), *(file for file in files if file))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags first, then the environment, then jobferry.toml in the working directory."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def _period(days: int) -> timedelta | None:
    """0 is for ever."""
    return timedelta(days=days) if days else None
