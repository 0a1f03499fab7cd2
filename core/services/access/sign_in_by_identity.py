"""Sign in with an identity provider that the operator trusts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog

from core.model.access.person import address_of, is_page
from core.model.shared.errors import NotFound, Unauthorized
from core.services.access.sign_in import Choice, SignedIn, SignIn
from core.services.service import Dependencies, Service
from ports.identity import AuthorizationRequest, Identity

_log = structlog.get_logger()


class SignInByIdentity(Service):
    """Sign in with the provider, if there is one. It never adds a person."""

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
    ) -> SignedIn | Choice:
        """Sign in with the provider's answer, with or without a password here. `tenant_of` gives the tenant of the
        requested page. Raises as `begin` does, and Unauthorized (IDENTITY_REFUSED).
        """
        verified = await self._there().finish(answer, kept)
        page = verified.page if is_page(verified.page) else ""
        tenant_id = await tenant_of(page)
        async with self._transactions.begin_instance() as i:
            people = [person for person, _ in await i.credentials.people_with(address_of(verified.email))]
        if not people:
            _log.info("sign_in.refused", candidates=0)
            raise self._nobody()
        return await self._sign_in.enter(people, "person.signed_in_by_identity", tenant_id=tenant_id, page=page)

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
