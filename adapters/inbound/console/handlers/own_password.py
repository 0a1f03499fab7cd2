"""A person's own password: changing it needs the present one and ends every other session."""

from __future__ import annotations

from http import HTTPStatus

from adapters.inbound.console.page_request import PageRequest, Redirect, Rendered
from adapters.inbound.server.problem import status_of
from core.model.access.person import SHORTEST_PASSWORD
from core.model.shared.errors import BadInput, JobferryError


async def show_password(request: PageRequest) -> Rendered:
    return _rendered(request)


async def change_password(request: PageRequest) -> Rendered | Redirect:
    wanted = request.form.get("password", "")
    try:
        if wanted != request.form.get("again", ""):
            raise BadInput("The two new passwords are not the same.", fix="Type the same new password twice.")
        signed = await request.use_cases.sign_in.change_password(
            request.person, request.form.get("present", ""), wanted
        )
    except BadInput as error:
        return _rendered(request, error)
    return Redirect("/password?done=changed", token=signed.token)


def _rendered(request: PageRequest, error: JobferryError | None = None) -> Rendered:
    content = {"error": error, "shortest": SHORTEST_PASSWORD, "done": request.query.get("done", "")}
    return Rendered("password.html", content, status_of(error) if error else HTTPStatus.OK)
