"""Settings as --set takes them."""

import json
import re
import shlex
from collections.abc import Sequence
from typing import Any

_RESERVED = {"auto", "null", "true", "false"}
_PLAIN = re.compile(r"[^\W\d][\w./-]*( [\w.]+)*|[0-9]+[a-z]+=[a-z]+|[|;#.]")


def written_value(value: Any) -> str:
    """As --set reads it back."""
    many = value if isinstance(value, list) else [value]
    plain = all(isinstance(v, str) and _PLAIN.fullmatch(v) for v in many)
    if plain and not _RESERVED & {v.lower() for v in many}:
        return ",".join(many)
    return json.dumps(value, ensure_ascii=False)


def set_option(name: str, columns: Sequence[str]) -> str:
    """`--set past=promo`, as it is typed in a shell."""
    return f"--set {shlex.quote(f'{name}={written_value(list(columns))}')}"


def set_text_option(name: str, text: str) -> str:
    """The same of a setting that is one text, such as `time`."""
    return f"--set {shlex.quote(f'{name}={text}')}"
