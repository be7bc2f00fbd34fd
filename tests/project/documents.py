"""README, CONTRIBUTING and docs as tests see them: code blocks with their markers, links, headings.

A comment above a block says how it is run:

    (none)                runs as it is, in a folder with the sample data and a small model
    slow                  the same, in the slow tier; before another word: that, in the slow tier
    by hand: REASON       cannot be run by a test; its commands and options are looked up
    session               commands after `$ `; the words printed are compared
    check                 commands after `$ `; the lines printed are compared
    excerpt of DOCUMENT   lines that the other document has too
    anything else         has a test of its own, see NAMED
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from warm_program import warm_program

ROOT = Path(__file__).parents[2]
NAMED = {"main job", "test", "install", "onnx", "onnx code", "recipe jq log", "recipe jq", "recipe mlr"} | {
    "recipe xargs",
    "recipe curl",
    "recipe prom",
    "recipe nagios",
    "recipe sh",
    "integration spark",  # these by tests/integrations/
    "integration dask",
    "integration nixtla",
    "integration mlflow",
}
_BLOCK = re.compile(r"(?:<!-- ([^\n]+?) -->\n\n?)?^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One fenced block; number: its place in the document, from 1."""

    document: str
    number: int
    marker: str
    language: str
    text: str
    slow: bool = False

    def __str__(self) -> str:
        return f"{self.document}-{self.number}"


def documents() -> list[Path]:
    top = [ROOT / f"{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG")]
    return [*top, *sorted((ROOT / "docs").rglob("*.md"))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path) -> list[Block]:
    found = []
    for number, match in enumerate(_BLOCK.finditer(path.read_text()), 1):
        slow, marker = re.fullmatch(r"(slow)? ?(.*)", match[1] or "").groups()
        found.append(Block(name_of(path), number, marker, match[2], match[3], bool(slow)))
    return found


def all_blocks(*languages: str) -> list[Block]:
    return [block for path in documents() for block in blocks(path) if block.language in languages]


def named(document: str, marker: str) -> str:
    """The text of the one block with that marker."""
    (text,) = [block.text for block in blocks(ROOT / document) if block.marker == marker]
    return text


def anchors(path: Path) -> set[str]:
    """What a link may name behind `#`: the headings, as GitHub writes them."""
    prose = _BLOCK.sub("", path.read_text())
    slugs: list[str] = []
    for heading in re.findall(r"^#+ (.+)$", prose, re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        again = slugs.count(slug)
        slugs += [slug, *([f"{slug}-{again}"] if again else [])]
    return set(slugs)


def links(path: Path) -> list[str]:
    return re.findall(r"\]\(([^)]+)\)", _BLOCK.sub("", path.read_text()))


def run_warm_in(folder: Path, command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """As `run_in`, without the time that the imports of `lstmcli` take, see `warm_program`."""
    return run_in(folder, command, warm_program(), **variables)


def run_in(
    folder: Path, command: str, program: str = "", **variables: str
) -> "subprocess.CompletedProcess[str]":
    """Runs shell lines where `lstmcli`, `python` and `torchrun` are those of this environment.

    program: the path of another `lstmcli`.
    """
    tools = folder / "bin"
    tools.mkdir(exist_ok=True)
    for name, module in (("lstmcli", "-m lstmcli"), ("torchrun", "-m torch.distributed.run"), ("python", "")):
        script = tools / name
        start = program if program and name == "lstmcli" else f"{sys.executable} {module}"
        script.write_text(f'#!/bin/sh\nexec {start} "$@"\n')
        script.chmod(0o755)
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
