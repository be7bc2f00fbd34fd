"""Pictures of matplotlib as SVG within a page, in the colours of its style sheet: light, dark and on paper.

The colours of a picture become variables of `style.css`; its heat maps stay what they are, since a colour
bar names their colours. Text stays text.
"""

import re
import xml.etree.ElementTree as ET

from lstmcli.reports.pictures.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    RED,
    SKY,
)

_VARIABLES = {
    "#ffffff": "back", "#000000": "ink", INK: "ink", GREY: "quiet", BLUE: "blue", RED: "red",
    GREEN: "green", ORANGE: "orange", PURPLE: "purple", SKY: "sky",
}  # fmt: skip
_COLOURS = {colour.lower(): f"var(--{name})" for colour, name in _VARIABLES.items()}
_FONT = "'DejaVu Sans', Verdana, sans-serif"  # the second is as wide
_MEASURES = {"d", "x", "y", "transform", "width", "height", "viewBox", "points"}
_LEFT_OUT = {"metadata", "style"}
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_REFERENCE = re.compile(r"^#|^url\(#")


def inline_svg(svg: bytes, name: str, title: str) -> str:
    """The picture as an element of a page. name: begins its identifiers, which are those of a page; title:
    its text for screen readers."""
    root = ET.fromstring(svg.decode("utf-8"))
    for parent in list(root.iter()):
        for child in list(parent):
            if _tag(child) in _LEFT_OUT:
                parent.remove(child)
    named = (_named(value) for one in root.iter() for value in one.attrib.values() if _REFERENCE.match(value))
    names = {old: f"{name}-{number}" for number, old in enumerate(dict.fromkeys(named), 1)}
    for one in root.iter():
        one.tag = _tag(one)
        one.attrib = {key: value for key, value in _attributes(one, names).items() if value}
    for one in root.iter("g"):
        _share_style(one)
    size = {key: f"{float(root.attrib[key].removesuffix('pt')) * 4 / 3:.0f}" for key in ("width", "height")}
    root.attrib = {"viewBox": root.attrib["viewBox"], **size, "role": "img", "aria-label": title}
    return re.sub(r">\s+<", "><", ET.tostring(root, encoding="unicode"))


def _tag(one: ET.Element) -> str:
    return one.tag.partition("}")[2]


def _named(reference: str) -> str:
    """What #name or url(#name) names."""
    return reference.partition("#")[2].rstrip(")")


def _share_style(group: ET.Element) -> None:
    """Gives a group the style that all of its parts have: a third of the bytes of many points."""
    first, *rest = {one.attrib.get("style", "") for one in group} or {""}
    # The opacity of a group is not that of each of its parts where they overlap.
    if len(group) < 2 or rest or not first or re.search("(^|; )opacity", first):
        return
    group.attrib["style"] = "; ".join(filter(None, (group.attrib.get("style"), first)))
    for one in group:
        del one.attrib["style"]


def _attributes(one: ET.Element, names: dict[str, str]) -> dict[str, str]:
    """names: what the picture calls what it refers to, and the page."""
    made = {key.rpartition("}")[2]: value for key, value in one.attrib.items()}
    for key, value in made.items():
        if key in _MEASURES:
            made[key] = _LONG_NUMBER.sub(_rounded, value)
        elif key == "style":
            made[key] = "; ".join(filter(None, map(_declaration, value.split(";"))))
        elif value.startswith("data:"):
            made[key] = "".join(value.split())
        elif _REFERENCE.match(value):
            made[key] = value.replace(_named(value), names[_named(value)])
    made["id"] = names.get(made.get("id", ""), "")
    return made


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")


def _declaration(text: str) -> str:
    """One of a style, with a variable for a colour."""
    key, _, value = (part.strip() for part in text.partition(":"))
    if key in ("fill", "stroke"):
        value = _COLOURS.get(value.lower(), value)
    elif key == "font":
        value = re.sub(r"(?<=px ).*", _FONT, value)
    return f"{key}: {value}" if key and value != "miter" else ""
