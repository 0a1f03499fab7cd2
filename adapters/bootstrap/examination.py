"""The checks of `jobferry doctor`: the installation, then every connection of every tenant."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from adapters.bootstrap.database import open_database
from adapters.bootstrap.database_checks import agrees_on_time, outlasts_power_cuts, takes_writes
from adapters.bootstrap.encryption_key import open_vault
from adapters.bootstrap.identity import open_identity
from adapters.bootstrap.machine_checks import readable_by_others, room_on_the_disk, somebody_works
from adapters.bootstrap.mail import open_mailer
from adapters.bootstrap.runtime import Runtime, open_runtime
from adapters.bootstrap.settings import Settings
from adapters.inbound.cli.options import me
from adapters.inbound.schema.wording import connection_words
from adapters.outbound.postgres.server.schema import require_schema
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from core.model.catalogue import CATALOGUE
from core.model.connections.connection import Connection
from core.model.connections.connection_state import ConnectionState
from core.model.shared.check_step import CheckState, CheckStep
from core.model.shared.errors import JobferryError, OperatorMends, TimeMends
from ports.mailer import Told
from ports.storage.due_work import Slots

_MAIL_FIX = (
    "Correct JOBFERRY_SMTP_HOST, _PORT, _SECURITY, _USER or _PASSWORD, and restart every process.",
    "Messages that wait are tried again for 15 hours.",
)
_PROVIDER_FIX = (
    "Set JOBFERRY_OIDC_ISSUER to the provider's issuer, exactly as the provider writes it.",
    "Let this machine reach the provider. If it is in a private network, list that in JOBFERRY_ALLOWED_NETWORKS.",
)


_LATE_SECONDS = 900
"""As in the alert JobferryQueueLate."""
_LATE_FIX = (
    "If no worker lives, start one: `jobferry worker`.",
    "`jobferry sends list --state queued` shows which connections wait. If it is many, run one more worker.",
)
_NEEDED = frozenset({"database", "schema", "writing", "encryption key"})


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of the report with its steps."""

    name: str
    steps: list[CheckStep]


async def examine_installation(settings: Settings) -> list[Section]:
    """Run all checks. Problems become failed steps, not errors. Connections are skipped if the installation fails."""
    async with AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(open_database(settings))
            schema = await _told("schema", _schema(url))
            if schema.code in ("DATABASE_UNREACHABLE", "DATABASE_UNSUITABLE"):
                unreachable = replace(schema, name="database")
                return [Section("Installation", [unreachable, await _told("encryption key", _key(settings))])]
            steps = [schema, await _told("writing", takes_writes(url)), await _told("clock", agrees_on_time(url))]
        except JobferryError as error:
            steps = [_failed("database", error), await _told("encryption key", _key(settings))]
            return [Section("Installation", steps)]
        where = "embedded" if settings.database_url is None else "your own"
        steps = [CheckStep("database", CheckState.OK, f"PostgreSQL answers ({where})"), *steps]
        usable = schema.state is CheckState.OK
        steps.append(await _told("encryption key", _key(settings, url if usable else None)))
        installation = Section("Installation", steps)
        if any(step.state is CheckState.FAILED for step in steps):
            return [installation]
        steps.append(room_on_the_disk(settings.data_dir))
        steps.append(await _told("durability", outlasts_power_cuts(url)))
        steps.append(await _told("worker", somebody_works(url)))
        if settings.oidc_issuer is not None:
            steps.append(await _told("sign-in", _sign_in(settings)))
            if steps[-1].code == "CONFIGURATION_INVALID":
                return [installation]
        steps.append(await _told("mail", _mail(settings)))
        if steps[-1].code == "CONFIGURATION_INVALID":
            return [installation]
        runtime = await stack.enter_async_context(open_runtime(settings))
        steps.append(await _told("slots", _slots(runtime)))
        steps.append(await _told("queue", _queue(runtime)))
        steps.append(await _told("restored backup", _restored(runtime, settings)))
        return [installation, *_plugins(runtime), *await _connections(runtime)]


def usable(sections: Sequence[Section]) -> bool:
    """Whether this installation can work at all: its database and its key are as needed."""
    return not any(step.name in _NEEDED and step.state is CheckState.FAILED for step in sections[0].steps)


async def _schema(url: str) -> CheckStep:
    await require_schema(url)
    return CheckStep("schema", CheckState.OK, "up to date")


async def _key(settings: Settings, url: str | None = None) -> CheckStep:
    """Whether the key can be read and, if `url` is given, whether it opens the secrets of that database."""
    vault = open_vault(settings)
    if url is not None:
        engine = make_engine(url, pool_size=1)
        try:
            await PostgresTransactions(engine, vault).require_key()
        finally:
            await engine.dispose()
    where = "the environment or jobferry.toml" if settings.encryption_key else str(settings.key_file)
    if not settings.encryption_key and readable_by_others(settings.key_file):
        detail = f"readable, from {where}, but all users of this machine may open that file"
        return CheckStep("encryption key", CheckState.UNKNOWN, detail, fix=(f"chmod 600 {settings.key_file}",))
    return CheckStep("encryption key", CheckState.OK, f"readable, from {where}")


async def _slots(runtime: Runtime) -> CheckStep:
    cases = runtime.use_cases
    tenants = await cases.find_tenant.all()
    return slots_for(runtime.slots, [len(await cases.find_connection.all(tenant.id)) for tenant in tenants[:2]])


def slots_for(slots: Slots, connections: Sequence[int]) -> CheckStep:
    """Judge the slots for tenants with so many connections: where there is one tenant only, its share serves nobody."""
    detail = f"{slots.total} for each worker, at most {slots.of_a_tenant} of them for one tenant"
    if len(connections) != 1 or connections[0] <= slots.of_a_tenant or slots.of_a_tenant == slots.total:
        return CheckStep("slots", CheckState.OK, detail)
    detail += f"; the only tenant has {connections[0]} connections"
    return CheckStep("slots", CheckState.UNKNOWN, detail, fix=("Set JOBFERRY_WORKER_TENANT_SHARE=1.",))


async def _queue(runtime: Runtime) -> CheckStep:
    return queue_for((await runtime.use_cases.collect_stats()).age_seconds)


def queue_for(age_seconds: float) -> CheckStep:
    """Judge how long the oldest due send has waited for a worker. A send that waits for its next attempt is not due."""
    if age_seconds <= _LATE_SECONDS:
        waited = f"the oldest due send has waited {age_seconds:.0f} seconds" if age_seconds else "no due send waits"
        return CheckStep("queue", CheckState.OK, waited)
    detail = f"the oldest due send has waited {age_seconds / 60:.0f} minutes for a worker"
    return CheckStep("queue", CheckState.UNKNOWN, detail, fix=_LATE_FIX)


async def _restored(runtime: Runtime, settings: Settings) -> CheckStep:
    """Whether the database knows every line that this machine's mark says was sent."""
    name, found = "restored backup", await runtime.services.compare_intents.look()
    behind = [(one.slug, number - one.intents) for one, number in found.behind]
    if behind:
        lost = ", ".join(f"{slug} ({lines})" for slug, lines in behind)
        detail = f"this machine has sent lines that the database does not know; missing by connection: {lost}"
        return CheckStep(name, CheckState.FAILED, detail, "DATABASE_RESTORED", CATALOGUE["DATABASE_RESTORED"].fix)
    if found.held:
        detail = f"items wait until somebody has compared them: {', '.join(one.slug for one in found.held)}"
        return CheckStep(name, CheckState.FAILED, detail, "DATABASE_RESTORED", CATALOGUE["DATABASE_RESTORED"].fix)
    if found.missing:
        detail = f"connections that sent from this machine and are not in the database: {', '.join(found.missing)}"
        fix = (
            "If a backup was restored, add them again. Compare their work orders in Spectrum before you post items.",
            f"If another installation used this data folder, move their files out of {settings.intents_dir}.",
        )
        return CheckStep(name, CheckState.UNKNOWN, detail, fix=fix)
    if found.unmarked:
        slugs = ", ".join(one.slug for one in found.unmarked)
        return CheckStep(name, CheckState.UNKNOWN, f"not comparable: this machine has no mark of what {slugs} sent")
    return CheckStep(name, CheckState.OK, "the database knows every line that was sent from here")


async def _sign_in(settings: Settings) -> CheckStep:
    """Whether the OpenID Connect provider answers and is the one in the settings."""
    identity = open_identity(settings)
    if identity is None:
        return CheckStep("sign-in", CheckState.SKIPPED, "only by password and link")
    try:
        await identity.examine()
    except (OperatorMends, TimeMends) as error:
        return CheckStep("sign-in", CheckState.FAILED, error.message, error.code, _PROVIDER_FIX)
    return CheckStep("sign-in", CheckState.OK, f"{identity.name} answers and is {settings.oidc_issuer}")


async def _mail(settings: Settings) -> CheckStep:
    """Whether the mail server answers and accepts the user. No mail is sent."""
    mailer = open_mailer(settings)
    if mailer is None:
        return CheckStep("mail", CheckState.SKIPPED, "no mail server is set; Teams and Slack can be told")
    found = await mailer.examine()
    if found.told is not Told.DELIVERED:
        return CheckStep("mail", CheckState.FAILED, found.detail, "MAIL_SERVER_UNUSABLE", _MAIL_FIX)
    if settings.public_url is None:
        detail = f"{found.detail}; mails have no links, because JOBFERRY_PUBLIC_URL is not set"
        return CheckStep("mail", CheckState.UNKNOWN, detail, fix=("Set JOBFERRY_PUBLIC_URL to the https address.",))
    return CheckStep("mail", CheckState.OK, found.detail)


def _plugins(runtime: Runtime) -> list[Section]:
    """One section, or none if only built-in plugins are installed."""
    listed = runtime.use_cases.list_plugins
    steps = [
        CheckStep(card.name, CheckState.OK, f"{card.version}, from {card.source}")
        for card in listed()
        if not card.built_in
    ]
    steps += [
        CheckStep(problem.source, CheckState.FAILED, problem.message, "PLUGIN_ERROR", (problem.fix,))
        for problem in listed.problems()
    ]
    return [Section("Plugins", steps)] if steps else []


async def _connections(runtime: Runtime) -> list[Section]:
    """One section for each connection, and one for each tenant that has none."""
    sections = []
    for tenant in await runtime.use_cases.find_tenant.all():
        connections = await runtime.use_cases.find_connection.all(tenant.id)
        if not connections:
            sections.append(Section(tenant.slug, [CheckStep("connections", CheckState.SKIPPED, "there is none yet")]))
        for connection in connections:
            try:
                tested = runtime.use_cases.examine_connection(tenant.id, connection.slug, by=me())
                steps = [_state(connection), *[step async for step in tested]]
            except JobferryError as error:
                steps = [_failed("connection", error)]
            sections.append(Section(f"{tenant.slug} / {connection.slug}", steps))
    return sections


def _state(connection: Connection) -> CheckStep:
    """The state in the words of the console; a hold is a failure, and what is not proven is not known."""
    match connection.state:
        case ConnectionState.WORKING:
            result = CheckState.OK
        case ConnectionState.HELD | ConnectionState.NO_ITEMS:
            result = CheckState.FAILED
        case _:
            result = CheckState.UNKNOWN
    found = connection.hold or connection.items_hold if result is CheckState.FAILED else None
    code, fix = (found.finding.code, found.finding.fix) if found else (None, ())
    return CheckStep("state", result, connection_words(connection), code, fix)


async def _told(name: str, looking: Awaitable[CheckStep]) -> CheckStep:
    try:
        return await looking
    except JobferryError as error:
        return _failed(name, error)


def _failed(name: str, error: JobferryError) -> CheckStep:
    return CheckStep(name, CheckState.FAILED, error.message, error.code, (error.fix,) if error.fix else ())
