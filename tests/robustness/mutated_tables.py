"""Small tables in every form that is read, damaged at random: each is read or refused, in time.

    python tests/robustness/mutated_tables.py --count 10000

Damages cells and text, and then the bytes of the packed file, the workbook, the Parquet or the JSON; a text
also goes through a stream, row by row. Tells how many ended how, how long it took and the most memory; ends
with 1 where one did not end well.
"""

import bz2
import gzip
import io
import json
import lzma
import random
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import zstandard
from fuzzing import arguments, check_refusal, count_outcomes, no_longer_than

from lstmcli.errors import LstmcliError
from lstmcli.jobs.follow.lines import LineReader
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table

sys.path += [str(Path(__file__).parents[1] / folder) for folder in (".", "tables")]
from builders import made_model
from test_mutated_files import damage_bytes, mutated, start_table, undamaged

SECONDS = 10
MODEL = made_model()  # loads what is large before memory is limited
FORMS = "csv", "stream", "gz", "bz2", "xz", "zst", "zip", "xlsx", "ods", "parquet", "json", "ndjson"
ODS = "urn:oasis:names:tc:opendocument:xmlns:"


def zipped(members, method=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def frame_of(rng):
    header, *rows = start_table(rng)
    return pd.DataFrame([row[: len(header)] for row in rows], columns=header)


def workbook(rng):
    """A sheet whose members are damaged before they are packed."""
    book, made = openpyxl.Workbook(), io.BytesIO()
    for row in start_table(rng):
        book.active.append([float(c) if c.replace(".", "", 1).isdigit() else c for c in row])
    book.save(made)
    return in_members(rng, made.getvalue())


def document(rng):
    cell = '<t:table-cell o:value-type="string"><x:p>%s</x:p></t:table-cell>'
    rows = "".join(f"<t:table-row>{''.join(cell % c for c in row)}</t:table-row>" for row in start_table(rng))
    spaces = f'xmlns:o="{ODS}office:1.0" xmlns:t="{ODS}table:1.0" xmlns:x="{ODS}text:1.0"'
    head = f"<o:document-content {spaces}><o:body><o:spreadsheet><t:table t:name='S'>"
    content = f"{head}{rows}</t:table></o:spreadsheet></o:body></o:document-content>"
    content = content.replace("o:", "office:").replace("t:table", "table:table").replace("x:p>", "text:p>")
    content = content.replace("t:name", "table:name").replace("xmlns:t=", "xmlns:table=")
    content = content.replace("xmlns:x=", "xmlns:text=")
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return in_members(
        rng, zipped({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": "<a/>"})
    )


def in_members(rng, raw):
    """An archive with a member that is damaged, in half of the cases."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    if rng.random() < 0.5:
        name = rng.choice([name for name in members if "sheet" in name or "content" in name])
        members[name] = damage_bytes(rng, members[name])
    return zipped(members)


def parquet(rng):
    made = io.BytesIO()
    frame_of(rng).to_parquet(made)
    return made.getvalue()


def json_of(rng, lines):
    records = frame_of(rng).to_dict("records")
    return ("\n".join(map(json.dumps, records)) if lines else json.dumps(records)).encode()


def content_of(form, seed):
    """A damaged file, the same for the same seed."""
    rng = random.Random(seed)
    packers = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.compress}
    if form in ("csv", "stream"):
        return mutated(seed)
    if form in packers:
        raw = packers[form](mutated(seed) if seed % 2 else undamaged(seed))
    elif form == "zip":
        methods = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
        raw = zipped({"data.csv": mutated(seed)}, rng.choice(methods))
    elif form in ("json", "ndjson"):
        raw = json_of(rng, form == "ndjson")
    else:
        raw = {"xlsx": workbook, "ods": document, "parquet": parquet}[form](rng)
    for _ in range(rng.choice([0, 1, 1, 2])):
        raw = damaged(rng, raw)
    return raw


def damaged(rng, raw):
    """Mostly single bytes and bits, which leave most of a packed file whole."""
    if not raw or rng.random() < 0.2:
        return damage_bytes(rng, raw)
    at = rng.randrange(len(raw)) if rng.random() < 0.5 else rng.randrange(max(0, len(raw) - 120), len(raw))
    value = rng.choice([raw[at] ^ (1 << rng.randrange(8)), rng.randrange(256), 0, 255])
    return raw[:at] + bytes([value]) + raw[at + 1 :]


def read_file(path):
    panel_of(read_table(str(path)), Settings())


def read_stream(raw):
    """The rows of a stream, for a model of the undamaged table."""
    contract = MODEL.contract
    refused = []
    reader = LineReader(contract, contract.roles, refused.append)
    roles = contract.roles
    header = ",".join([roles.time, *roles.series, *roles.targets, *roles.covariates]).encode()
    lines = [header, *raw.split(b"\n")[1:]]
    rows = sum(1 for at in range(0, len(lines), 7) for _ in reader.rows(lines[at : at + 7]))
    return "rows" if rows else "no rows"


def tried(seed, folder):
    """The outcome for one seed."""
    form = FORMS[seed % len(FORMS)]
    raw = content_of(form, seed)
    path = folder / "data"
    path.write_bytes(raw)
    with no_longer_than(SECONDS), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if form == "stream":
                return f"stream: {read_stream(raw)}"
            read_file(path)
        except LstmcliError as error:
            check_refusal(error, "backslashreplace")
            return f"{form}: refused"
    return f"{form}: read"


def main():
    with tempfile.TemporaryDirectory() as name:
        count_outcomes(lambda seed: tried(seed, Path(name)), arguments(__doc__))


if __name__ == "__main__":
    main()
