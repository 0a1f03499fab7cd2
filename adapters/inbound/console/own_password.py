"""One's own password: whoever knows the present one sets another, and every other session ends."""

from __future__ import annotations

from http import HTTPStatus

from adapters.inbound.console.visit import Arrival, Drawn, GoTo
from adapters.inbound.server.problem import status_of
from core.model.access.person import SHORTEST_PASSWORD
from core.model.shared.errors import BadInput, JobferryError


async def show_password(visit: Arrival) -> Drawn:
    return _drawn(visit)


async def change_password(visit: Arrival) -> Drawn | GoTo:
    wanted = visit.form.get("password", "")
    try:
        if wanted != visit.form.get("again", ""):
            raise BadInput("The two new passwords are not the same.", fix="Type the new one twice.")
        signed = await visit.use_cases.sign_in.change_password(visit.person, visit.form.get("present", ""), wanted)
    except BadInput as error:
        return _drawn(visit, error)
    return GoTo("/password?done=changed", token=signed.token)


def _drawn(visit: Arrival, error: JobferryError | None = None) -> Drawn:
    content = {"error": error, "shortest": SHORTEST_PASSWORD, "done": visit.query.get("done", "")}
    return Drawn("password.html", content, status_of(error) if error else HTTPStatus.OK)
