"""The account of the sandbox ServiceTrade beside its jobs: webhooks with their deliveries, the login, and how it
behaves."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from adapters.sandbox.controlled_state import Record


class EntityEvents(Record):
    entity_type: int
    actions: list[str]


class Webhook(Record):
    hook_url: str
    enabled: bool = True
    include_changesets: bool = False
    entity_events: list[EntityEvents] = Field(default_factory=list)


class Delivery(Record):
    """One try to deliver an event. `status` is the receiver's answer, None without an answer within five seconds."""

    webhook: str
    message_id: str
    attempt: int
    status: int | None
    body: dict[str, Any]


class Login(Record):
    """The credentials for both kinds of sign-in."""

    username: str = "integration@cardinal.example"
    password: str = "sandbox-password"  # noqa: S105 - known to everybody, protects nothing
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105


class Settings(Record):
    """The behaviour of this ServiceTrade where its documentation leaves a choice, and its limits.

    `job_shape` is the shape of a single job, `messages` the shape of messages, `total_pages` whether and how lists give
    their number of pages. `session_limit`: more sessions drop the oldest. `call_ms` is the server time of a call,
    refilled by `refill_ms_per_second`. `retry_after` is sent with 429.
    """

    job_shape: Literal["flat", "compound"] = "flat"
    empty_external_ids: Literal["object", "array"] = "object"
    messages: Literal["object", "array", "string", "null"] = "object"
    total_pages: Literal["number", "string", "absent"] = "number"
    numbers_as_strings: bool = False
    listed_as_stubs: bool = False
    """Lists of companies, locations, contracts and library items hold id and name only: what they hold is not known."""
    session_limit: int = 200
    token_seconds: int = 3600
    refresh_tokens: bool = True
    call_ms: float = 17
    refill_ms_per_second: float = 1000
    retry_after: int = 15
    forbidden: list[str] = Field(default_factory=list)
    """Path prefixes (such as /webhook) that answer 403: the user lacks the role."""
    delivery_seconds: float = 5
    delivery_pause_seconds: float = 0.2
