"""`jobferry doctor`: checks the installation and every connection, one line a check, with the fix if it failed."""

from __future__ import annotations

import asyncio

import typer

from adapters.bootstrap.installation import installation_of
from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.endings import ExitCode
from adapters.inbound.cli.options import Json
from adapters.inbound.cli.views.check_view import failed, print_checks, tell_result
from adapters.inbound.cli.views.output import document
from adapters.inbound.schema.connections import ExaminationOut
from adapters.inbound.schema.schema_base import Output


class DoctorOut(Output):
    sections: list[ExaminationOut]
    ok: bool


@answers(DoctorOut)
def doctor(ctx: typer.Context, as_json: Json = False) -> None:
    """Check the installation and its connections.

    Checks the database, its schema, the encryption key, the clock and every connection. Writes nothing to Spectrum and
    ServiceTrade; each connection keeps the result as its last test. A failed check comes with its fix. The exit code
    is 3 if this installation cannot work at all, and 5 if something else failed.

    \b
    Example:
      jobferry doctor
    """
    from adapters.bootstrap.examination import examine_installation, usable

    installation = installation_of(ctx)
    installation.start_log("error")
    sections = asyncio.run(examine_installation(installation.settings))
    bad = any(failed(section.steps) for section in sections)
    if as_json:
        document(DoctorOut(ok=not bad, sections=[ExaminationOut.of(one.name, one.steps) for one in sections]))
    else:
        for section in sections:
            print_checks(section.name, section.steps)
        tell_result(bad=bad)
    if bad:
        raise typer.Exit(ExitCode.PARTLY_DONE if usable(sections) else ExitCode.CONFIGURATION)
