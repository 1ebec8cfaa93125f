"""Every form of a chart says the same: the picture, the table beside it, PNG and PDF."""

from dataclasses import replace
from io import BytesIO
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.documents.charts.canvas import COLOURS, TONES, WHITE_ON, light
from app.documents.charts.contribution_bars import Contribution, ContributionBars
from app.documents.charts.forms import drawing, to_svg, to_table
from app.documents.charts.level_bars import LevelBars, LevelRow
from app.documents.charts.prints import to_pdf, to_png
from app.documents.charts.quadrant_map import MapPoint
from app.documents.charts.quota_bullets import Quota
from app.documents.charts.slope_chart import SlopeRow
from app.documents.charts.spacing import spread
from app.documents.charts.svg import text_width
from app.documents.charts.tile_grid import Tile, TileGrid, in_grid
from app.documents.charts.trend_lines import TrendLines, TrendRow, sparkline_svg
from app.documents.wording import count, percent, points
from chart_samples import LEVELS, WITHHELD, samples

KINDS = list(samples(3))
OWN = [kind for kind in KINDS if kind != "interval"]
LAYOUTS = ["wide", "narrow"]
FORMATS = {"number": points, "percent": percent}


def tree(svg):
    return ElementTree.fromstring(svg)


def name_of(element):
    return element.tag.rpartition("}")[2]


def texts(root):
    """Every text as (words, left, top, right, bottom), its width bounded from above."""
    found = []
    for element in root.iter():
        if name_of(element) != "text":
            continue
        size = float(element.get("font-size"))
        width = text_width(element.text, size)
        width *= 1.08 if element.get("font-weight") == "bold" else 1
        x, y = float(element.get("x")), float(element.get("y"))
        start = {"start": 0, "middle": width / 2, "end": width}
        left = x - start[element.get("text-anchor", "start")]
        found.append((element.text, left, y - 0.85 * size, left + width, y + 0.15 * size))
    return found


def collide(a, b):
    return min(a[3], b[3]) - max(a[1], b[1]) > 0.5 and min(a[4], b[4]) - max(a[2], b[2]) > 0.5


def rows(svg):
    """The groups of rows by their number in the table."""
    groups = (part for part in tree(svg).iter() if part.get("data-row"))
    return {int(group.get("data-row")): group for group in groups}


def rectangles(group, css):
    return [r for r in group if name_of(r) == "rect" and css in r.get("class", "")]


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("units", [1, 2, 3, 16, 60])
@pytest.mark.parametrize("kind", OWN)
def test_no_words_run_into_others_or_out_of_the_picture(kind, units, layout, language):
    for flat in (False, True):
        root = tree(drawing(samples(units, flat=flat)[kind], layout, language))
        boxes = texts(root)
        _, _, width, height = map(float, root.get("viewBox").split())
        assert [b for b in boxes if b[1] < -0.5 or b[3] > width + 0.5 or b[4] > height] == []
        assert [(a[0], b[0]) for a, b in combinations(boxes, 2) if collide(a, b)] == []


def main_number(kind, table, row):
    """The number of a row that the picture must show, as it is written."""
    cells = dict(zip((column.key for column in table.columns), row, strict=True))
    if kind == "quotas":
        return f"{count(cells['received'])}/{count(cells['target'])}"
    keys = {
        "levels": "dissatisfied",
        "slopes": "now",
        "tiles": "value",
        "contributions": "amount",
    }
    key = keys.get(kind) or [key for key in cells if key.startswith("round_")][-1]
    column = next(column for column in table.columns if column.key == key)
    write = percent if column.kind == "percent" else points
    return None if cells[key] is None else write(cells[key], decimals=column.decimals)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("units", [1, 3, 16, 60])
@pytest.mark.parametrize("kind", [kind for kind in OWN if kind != "quadrants"])
def test_the_number_of_the_table_stands_in_its_row_of_the_picture(kind, units, layout):
    chart = samples(units)[kind]
    table = to_table(chart, "zh-Hans")
    drawn = rows(drawing(chart, layout, "zh-Hans"))
    for at, row in enumerate(table.rows):
        written = main_number(kind, table, row)
        if written and at in drawn:
            assert drawn[at].find("{*}title").text.startswith(f"{row[0]}:")
            said = " ".join(text for text, *_ in texts(drawn[at]))
            assert written.rstrip("%") in said, row[0]


@pytest.mark.parametrize("kind", ["interval", "levels", "tiles", "quadrants", "contributions"])
def test_a_withheld_unit_has_its_reason_and_no_number_in_picture_and_table(kind):
    chart = samples(16)[kind]
    table = to_table(chart, "zh-Hans")
    last = next(row for row in table.rows if row[0] == "新安镇")
    assert [cell for cell in last[1:] if isinstance(cell, float)] in ([], [12.5])
    for layout in LAYOUTS:
        picture = drawing(chart, layout, "zh-Hans")
        assert "不公布" in picture
        own = rows(picture).get(table.rows.index(last))
        assert own is None or not [
            text for text, *_ in texts(own) if "." in text or "%" in text
        ]


def test_segments_are_as_long_as_their_shares():
    chart = samples(3)["levels"]
    for layout in LAYOUTS:
        for at, row in enumerate(chart.rows[:2]):
            group = rows(drawing(chart, layout, "zh-Hans"))[at]
            bars = [r for r in rectangles(group, "tone-") if float(r.get("height")) == 22]
            lengths = [float(bar.get("width")) + 2 for bar in bars]
            whole = sum(lengths)
            assert [x / whole for x in lengths] == pytest.approx(row.shares, abs=0.002)


def test_the_magnified_bars_share_one_scale():
    chart = samples(16)["levels"]
    for layout in LAYOUTS:
        drawn = rows(drawing(chart, layout, "zh-Hans"))
        scales = [
            float(rectangles(drawn[at], "drawing__fill--below")[0].get("width"))
            / chart.magnified(row)
            for at, row in enumerate(chart.rows)
            if row.shares
        ]
        assert scales == pytest.approx([scales[0]] * len(scales), rel=0.01)


def test_bars_of_contributions_share_one_scale_and_what_takes_away_goes_left():
    parts = (Contribution("a", 10.0, 12.5), Contribution("b", 5.0), Contribution("c", -2.5))
    drawn = rows(drawing(ContributionBars(parts, "s"), "wide", "en"))
    first, second = (rectangles(drawn[at], "--above")[0] for at in (0, 1))
    taken = rectangles(drawn[2], "--below")[0]
    assert float(first.get("width")) == pytest.approx(2 * float(second.get("width")), abs=0.2)
    assert float(taken.get("width")) == pytest.approx(float(second.get("width")) / 2, abs=0.2)
    assert float(taken.get("x")) < float(second.get("x"))


def test_quotas_are_drawn_against_one_tick_and_what_is_missing_is_said():
    chart = samples(16)["quotas"]
    drawn = rows(drawing(chart, "wide", "zh-Hans"))
    for at, quota in enumerate(chart.quotas):
        track, bar = rectangles(drawn[at], "drawing__fill")[:2]
        share = float(bar.get("width")) / float(track.get("width"))
        assert share == pytest.approx(min(quota.received / quota.target, 1.15), abs=0.01)
        said = " ".join(text for text, *_ in texts(drawn[at]))
        assert (f"差 {quota.missing}" in said) == bool(quota.missing)
        assert ("落后" in said) == (chart.progress(quota) == "behind")


def test_points_of_the_map_stand_where_their_values_are():
    chart = samples(16)["quadrants"]
    drawn = rows(drawing(chart, "wide", "zh-Hans"))
    marks = {}
    for at, group in drawn.items():
        circle = group.find("{*}circle")
        if circle is not None:
            marks[at] = float(circle.get("cx")), float(circle.get("cy"))
    found = sorted((chart.points[at].x, x) for at, (x, _) in marks.items())
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(found) if b[0] - a[0] > 0.3]
    assert slopes == pytest.approx([slopes[0]] * len(slopes), rel=0.05)
    upwards = sorted((chart.points[at].y, -y) for at, (_, y) in marks.items())
    assert [y for _, y in upwards] == sorted(y for _, y in upwards)


def test_a_unit_whose_interval_touches_a_line_is_in_no_field():
    chart = samples(16)["quadrants"]
    inside = MapPoint("a", 80.0, 0.5, (79.0, 81.0), (0.45, 0.55))
    touching = replace(inside, x_ends=(79.0, 84.1))
    assert chart.field(inside) == "upper_left"
    assert chart.sign(inside) == "below"
    assert chart.field(touching) == "unsure"
    assert chart.sign(touching) == "same"


@pytest.mark.parametrize(
    ("ends", "move"),
    [
        ((0.1, 2.0), "up"),
        ((-2.0, -0.1), "down"),
        ((-1.0, 0.0), "same"),
        ((None, None), "unjudged"),
    ],
)
def test_a_change_is_judged_only_when_its_whole_interval_lies_on_one_side(ends, move):
    assert SlopeRow("a", 80.0, 81.0, *ends).move == move


def test_lines_of_many_rounds_are_equally_steep_for_equal_changes():
    chart = TrendLines(
        (TrendRow("a", (70.0, 75.0)), TrendRow("b", (90.0, 95.0)), TrendRow("c", (80.0, None))),
        ("1", "2"), "s",
    )  # fmt: skip
    drawn = rows(drawing(chart, "wide", "en"))
    paths = [
        [p.get("d") for p in drawn[at] if name_of(p) == "path" and "L" in p.get("d")]
        for at in range(3)
    ]
    rises = [
        float(d.split("L")[1].split(",")[1]) - float(d.split("L")[0].split(",")[1])
        for (d,) in paths[:2]
    ]
    assert rises[0] == pytest.approx(rises[1])
    assert paths[2] == []
    assert tree(sparkline_svg(chart, chart.rows[0])).get("aria-label") == "a: 70.0, 75.0"


def test_a_grid_wider_than_a_phone_is_read_in_order_there_and_says_so():
    tiles = tuple(Tile(f"u{at}", 0, 8 - at, 80.0 + at) for at in range(9))
    chart = TileGrid(tiles, "s")
    narrow = drawing(chart, "narrow", "en")
    assert "not by place" in narrow
    assert "not by place" not in drawing(chart, "wide", "en")
    first = rectangles(rows(narrow)[8], "drawing__patch")[0]
    assert (first.get("x"), in_grid(3, columns=2)) == ("0", ((0, 0), (0, 1), (1, 0)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_keeps_the_strict_policy_and_is_one_image_with_one_sentence(kind):
    chart = samples(16)[kind]
    wide, narrow = to_svg(chart, "zh-Hans").split("</svg>")[:2]
    for part, layout in ((wide, "wide"), (narrow, "narrow")):
        root = tree(f"{part}</svg>")
        assert root.get("class").endswith(f"--{layout}")
        assert (root.get("role"), root.get("aria-label")) == ("img", chart.sentence)
        for element in root.iter():
            assert name_of(element) in {"svg", "g", "title", "path", "circle", "rect", "text"}
            assert not {"style", "id", "href", "onload"} & set(element.attrib)
            assert element is root or not {"role", "aria-label"} & set(element.attrib)


def test_in_grey_neighbours_differ_in_darkness_or_are_hatched():
    tones = [light(TONES[at]) for at in (0, 3, 5)]
    assert all((b + 0.05) / (a + 0.05) > 1.8 for a, b in pairwise(tones))
    hatched = drawing(samples(3)["levels"], "wide", "zh-Hans").count("drawing__line--paper")
    assert hatched >= 3 * 2
    for kind, signs in (("slopes", ("circle", "path")), ("quotas", ("path",))):
        assert all(f"<{sign}" in drawing(samples(16)[kind], "wide", "en") for sign in signs)


def test_numbers_on_colour_can_be_read():
    for at, tone in enumerate(TONES):
        letters = 1.0 if at in WHITE_ON else light("#10191f")
        high, low = max(letters, light(tone)), min(letters, light(tone))
        assert (high + 0.05) / (low + 0.05) >= 4.5, at
    for look in ("ink", "quiet", "above", "below"):
        assert 1.05 / (light(COLOURS[look]) + 0.05) >= 4.5


@pytest.mark.parametrize("units", [3, 60])
def test_letters_on_every_shade_of_a_grid_can_be_read(units):
    for group in rows(drawing(samples(units)["tiles"], "wide", "en")).values():
        patch, *others = [part for part in group if part.get("class") == "drawing__patch"] or [
            None
        ]
        for text in (part for part in others if name_of(part) == "text"):
            high, low = sorted(
                (light(text.get("fill")), light(patch.get("fill"))), reverse=True
            )
            assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize("kind", KINDS)
def test_a_print_has_the_words_of_the_picture(kind, fonts):
    chart = samples(16)[kind]
    png = Image.open(BytesIO(to_png(chart, "zh-Hans", fonts=fonts, layout="narrow", scale=1)))
    assert png.getpixel((0, 0))[:3] == (255, 255, 255)
    assert 358 <= png.width <= 380
    pdf = to_pdf(chart, "zh-Hans", fonts=fonts)
    assert pdf == to_pdf(chart, "zh-Hans", fonts=fonts)
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    said = "".join(document[0].get_textpage().get_text_range().split())
    assert "城关镇" in said


def test_the_table_beside_an_interval_chart_carries_the_ranks_and_the_verdict():
    table = to_table(samples(16)["interval"], "zh-Hans")
    keys = [column.key for column in table.columns]
    first, last = (dict(zip(keys, row, strict=True)) for row in (table.rows[0], table.rows[-1]))
    assert (first["rank_low"], first["rank_high"], first["standing"]) == (1, 5, "明显高于")
    assert (last["value"], last["note"]) == (None, WITHHELD)


@pytest.mark.parametrize(
    "make",
    [
        lambda: LevelBars((LevelRow("a", (0.5, 0.4)),), ("x", "y"), "s", dissatisfied=1),
        lambda: LevelBars((LevelRow("a", (0.5,)),), ("x", "y"), "s", dissatisfied=1),
        lambda: LevelBars((LevelRow("a", (0.5, 0.2, None)),), ("x", "y", "z"), "s"),
        lambda: LevelBars((), LEVELS, "s", dissatisfied=5),
        lambda: Quota("a", 1, 0),
        lambda: TrendLines((TrendRow("a", (1.0,)),), ("1", "2"), "s"),
        lambda: TileGrid((Tile("a", 0, 0, 1.0), Tile("b", 0, 0, 1.0)), "s"),
        lambda: Contribution("a", 3.0, 2.0),
        lambda: MapPoint("a", 1.0, 1.0, (2.0, 1.0)),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_honestly_is_refused(make):
    with pytest.raises(ValueError, match=r"\w"):
        make()


def test_two_withheld_levels_leave_a_rest_that_gives_neither_away():
    row = LevelRow("a", (0.6, 0.3, None, None))
    chart = LevelBars((row,), ("x", "y", "z", "zz"), "s")
    assert chart.magnified(row) is None
    assert "10" not in [text for text, *_ in texts(tree(drawing(chart, "wide", "en")))]


@given(st.lists(st.one_of(st.none(), st.floats(-1e3, 1e3)), max_size=30), st.floats(1, 30))
def test_labels_are_spread_in_their_order_and_no_further_than_needed(places, step):
    moved = spread(places, step)
    assert [one is None for one in moved] == [one is None for one in places]
    pairs_ = sorted((a, b) for a, b in zip(places, moved, strict=True) if a is not None)
    apart = sorted(b for _, b in pairs_)
    assert all(b - a >= step - 1e-6 for a, b in pairwise(apart))
    total = sum(b - a for a, b in pairs_)
    assert total == pytest.approx(0, abs=1e-6 * (1 + len(pairs_)) * 1e3)
