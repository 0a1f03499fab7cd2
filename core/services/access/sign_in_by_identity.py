"""Sign in to the console with an identity provider that the operator trusts. It never adds a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog

from core.model.shared.errors import NotFound, Unauthorized
from core.services.access.sign_in import SignedIn, SignIn
from core.services.service import Dependencies, Service
from ports.identity import AuthorizationRequest, Identity

_log = structlog.get_logger()


class SignInByIdentity(Service):
    """`identity` is None if the operator has set up no provider."""

    def __init__(self, d: Dependencies, sign_in: SignIn) -> None:
        super().__init__(d)
        self._sign_in = sign_in

    @property
    def name(self) -> str:
        """The provider's display name, '' for none."""
        return self._identity.name if self._identity else ""

    async def begin(self, page: str) -> AuthorizationRequest:
        """Raises NotFound (IDENTITY_NOT_FOUND), TimeMends (IDENTITY_UNREACHABLE), OperatorMends (IDENTITY_SETUP)."""
        return await self._there().begin(page)

    async def finish(
        self, answer: Mapping[str, str], kept: str, tenant_of: Callable[[str], Awaitable[str | None]]
    ) -> SignedIn:
        """Sign in with the provider's answer. `tenant_of` gives the tenant of the requested page; it selects the person
        if several tenants know the address. Raises as `begin` does, and Unauthorized (IDENTITY_REFUSED).
        """
        verified = await self._there().finish(answer, kept)
        tenant_id = await tenant_of(verified.page)
        async with self._transactions.begin_instance() as i:
            known = await i.credentials.people_with(verified.email.strip().lower())
        people = [person for person, _ in known if tenant_id is None or person.tenant_id in (tenant_id, None)]
        if len(people) != 1:
            _log.info("sign_in.refused", candidates=len(people))
            raise self._nobody() if not people else self._several()
        return await self._sign_in.begin(people[0], "person.signed_in_by_identity", page=verified.page)

    def _there(self) -> Identity:
        if self._identity is None:
            raise NotFound(
                "Here you can sign in only with a password or a link.",
                code="IDENTITY_NOT_FOUND",
                fix="Sign in on the sign-in page.",
            )
        return self._identity

    def _nobody(self) -> Unauthorized:
        return Unauthorized(
            f"{self.name} confirmed your e-mail address, but nobody here has that address.",
            code="IDENTITY_REFUSED",
            fix="Ask an administrator of your account to add you, or sign in there with another address.",
        )

    def _several(self) -> Unauthorized:
        return Unauthorized(
            "Your e-mail address belongs to more than one account here.",
            code="IDENTITY_REFUSED",
            fix="Open a page of the account that you want, such as a link to one of its jobs, and sign in from there.",
        )
