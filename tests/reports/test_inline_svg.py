"""Pictures within a page: colours of the page, identifiers of their own, and the same places and text."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from matplotlib.figure import Figure

from lstmcli.reports.html.inline_svg import inline_svg
from lstmcli.reports.pictures.style import BLUE, GREY, INK, RED, picture_bytes, plot_style

NASTY = "a<b>&\"'</svg>"


def drawn(draw):
    with plot_style():
        figure = Figure(figsize=(4, 3))
        draw(figure.subplots())
        return picture_bytes(figure, "svg")


def several(axes):
    """A line, points of two colours, a band that lets through what is below, and a heat map."""
    axes.plot([0, 1], [0, 1], color=INK)
    for colour, size in ((BLUE, 3), (RED, 5)):
        axes.scatter(np.arange(size) / 10, np.arange(size) / 7, c=colour, edgecolors="white")
    axes.axhline(0.5, color=GREY)
    axes.pcolormesh(np.arange(3), np.arange(2), [[0.2, 0.7]], cmap="cividis", rasterized=True)
    axes.set_title(NASTY)


@pytest.fixture(scope="module")
def both():
    svg = drawn(several)
    return svg.decode(), inline_svg(svg, "a-name", 'called "x"')


def elements(text, tag):
    return [one for one in ET.fromstring(text).iter() if one.tag.rpartition("}")[2] == tag]


def test_colours_are_those_of_the_page(both):
    before, after = both
    kept = set(re.findall(r"(?:fill|stroke): (#\w+)", after))
    assert kept == set()
    for colour, name in ((INK, "ink"), (BLUE, "blue"), (RED, "red"), (GREY, "quiet"), ("#ffffff", "back")):
        assert colour.lower() in before and f"var(--{name})" in after


def test_every_reference_is_found_and_has_the_name_of_the_picture(both):
    _, after = both
    names = re.findall(r' id="([^"]*)"', after)
    used = set(re.findall(r'(?:url\(|href=")#([^")]*)', after))
    assert len(names) == len(set(names)) and set(names) == used
    assert all(name.startswith("a-name-") for name in names)


def test_points_stand_where_they_stood(both):
    before, after = ([(u.get("x"), u.get("y")) for u in elements(text, "use")] for text in both)
    assert np.array(after, float) == pytest.approx(np.array(before, float), abs=0.0051)
    (group,) = [g for g in elements(both[1], "g") if len([u for u in g if u.tag == "use"]) == 5]
    assert "fill: var(--red)" in group.get("style") and not any(
        u.get("style") for u in group if u.tag == "use"
    )


def test_text_stays_text_and_the_heat_map_stays_what_it_is(both):
    before, after = both
    assert NASTY in ["".join(one.itertext()) for one in elements(after, "text")]
    image = [one.get("href") for one in elements(after, "image")]
    assert len(image) == 1 and image[0] in "".join(before.split())
    (root,) = elements(after, "svg")
    assert (root.get("role"), root.get("aria-label"), root.get("width")) == ("img", 'called "x"', "384")
    assert not re.search("<metadata|<style|<!|http", after)


def test_parts_that_show_what_is_below_keep_their_own_opacity():
    svg = drawn(lambda axes: [axes.plot([0, 1], [k, 1], color=BLUE, alpha=0.3) for k in range(2)])
    both = [
        one for one in elements(inline_svg(svg, "p", ""), "path") if "opacity: 0.3" in one.get("style", "")
    ]
    assert len(both) == 2
