"""The settings that a model file keeps, checked like those of a user."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings


def stored_settings(stored: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Those that this version knows, as the file has them. path: of the file, for messages.

    Raises DataError where one is none that training takes.
    """
    known = {name: value for name, value in stored.items() if name in Settings.model_fields}
    try:
        Settings.model_validate(known)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, ("settings", *first["loc"])))
        said = f"damaged model file: {place}: {first['msg']}"
        raise DataError("damaged-model", said, path=path) from None
    return known
