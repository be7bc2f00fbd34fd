"""Commands of the shell that mend a file, as messages offer them."""

import os
import shlex

_UNPACK = {".gz": "gzip -dc", ".bz2": "bzip2 -dc", ".xz": "xz -dc", ".zst": "zstd -dc", ".zip": "unzip -p"}


def on_file(command: str, name: str, reads: str = "") -> str:
    """A command that reads a file, of a packed one what it holds.

    reads: what stands before the name, as "< " where the command takes no name.
    """
    file = shlex.quote(name)
    unpack = _UNPACK.get(os.path.splitext(name)[1].lower())
    return f"{unpack} {file} | {command}" if unpack else f"{command} {reads}{file}"
