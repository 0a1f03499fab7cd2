"""`jobferry openapi`: the description of the HTTP API for programs."""

from __future__ import annotations

import json

import typer


def openapi() -> None:
    """Print the OpenAPI document of the HTTP API.

    \b
    Example:
      jobferry openapi > openapi.json
    """
    from adapters.inbound.api.openapi import openapi_document

    typer.echo(json.dumps(openapi_document(), indent=1))
