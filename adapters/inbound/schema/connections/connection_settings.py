"""The settings of a connection as fields of its messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import create_model

from adapters.inbound.schema.schema_base import Input, Output
from adapters.inbound.schema.setting_fields import new_fields, patch_fields, shown_fields
from core.model.connections.settings import CONNECTION_SETTINGS

CLIENT_SECRET_END = "client_secret_expires_at"  # noqa: S105 - a field's name

if TYPE_CHECKING:
    NewSettings = Input
    SettingsPatch = Input
    ShownSettings = Output
else:
    # The end of a client secret is given together with the secret.
    _NEW = [one for one in CONNECTION_SETTINGS if one.name != CLIENT_SECRET_END]
    NewSettings = create_model("NewSettings", __base__=Input, **new_fields(_NEW))
    SettingsPatch = create_model("SettingsPatch", __base__=Input, **patch_fields(CONNECTION_SETTINGS))
    ShownSettings = create_model("ShownSettings", __base__=Output, **shown_fields(CONNECTION_SETTINGS))
