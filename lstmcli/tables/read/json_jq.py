"""Where values stand in a JSON document, in the words of jq."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lstmcli.tables.read.json_walk import JsonWalk
from lstmcli.tables.read.time_names import NO_TIME_NAME, rank_of_name

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")  # that jq and a shell take as it is
_OF_OBJECT, _OF_LIST = 100, 5  # values of what is no table that are looked into


def parts_in_jq(walk: JsonWalk, at: int) -> Iterator[tuple[str, int]]:
    """The first values of an object or a list: how jq names them, and their places."""
    if walk.sign(at) == "{":
        named = (
            (f".{n}" if PLAIN_NAME.fullmatch(n) else f".[{json.dumps(n)}]", p) for n, p in walk.members(at)
        )
        return islice(named, _OF_OBJECT)
    numbered = ((f"[{n}]", place) for n, place in enumerate(walk.places(at)))
    return islice(numbered, _OF_LIST) if walk.sign(at) == "[" else iter(())


def rows_in_jq(path: str) -> str:
    """Rows that are lists, those of several lists with what else stands beside them."""
    before, index, member = path.rpartition("[0]")
    if not index:
        return f"{path or '.'}[]"
    return f"{before}[] | (del({member or '.'}) | tostring) as $s | {member or '.'}[] | [$s, .[]]"


def pairs_in(value: Any) -> str | None:
    """The name of pairs of times and values in an object that names no time; "" of a list."""
    if not isinstance(value, dict) or any(rank_of_name(name) < NO_TIME_NAME for name in value):
        return "" if isinstance(value, list) else None
    return next((name for name, held in value.items() if isinstance(held, list) and _are_pairs(held)), None)


def _are_pairs(held: list[Any]) -> bool:
    return len(held) > 1 and all(isinstance(each, list) and len(each) == 2 for each in held[:2])
