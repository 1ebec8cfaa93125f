"""The dot-and-interval chart: what it claims, that it can be read, that nothing collides."""

from decimal import Decimal
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from app.documents.charts.interval_chart import ChartRow, IntervalChart, nice_ticks
from app.documents.charts.layouts import (
    NARROW,
    WIDE,
    interval_chart_svg,
    narrow_chart_svg,
    wide_chart_svg,
)
from app.documents.charts.svg import text_width, words, wrapped

LAYOUTS = [wide_chart_svg, narrow_chart_svg]
NAMES = [
    "城关镇",
    "北关街道",
    "红旗满族自治乡便民服务中心不动产登记综合受理第十二窗口",
    "Riverbend Township of Stone Bridge",
    "A",
]


def rows(count):
    """Rows of every kind: above, within, below, a band, a value alone, a withheld one."""
    kinds = [
        {"value": 92.4, "low": 88.2, "high": 96.6, "n": 186, "note": "第 1–6 名"},
        {
            "value": 84.7,
            "low": 80.1,
            "high": 89.3,
            "n": 12_345,
            "note": "第 3–13 名，样本较少，仅供参考，请结合区间看",
        },
        {"value": 75.0, "low": 70.5, "high": 79.5, "n": 536},
        {"value": 81.0, "low": 74.0, "high": 88.0, "n": 340, "kind": "band"},
        {"value": 83.3},
        {"value": None, "kind": "withheld", "note": "不公布：样本不足 30 份，公布可能认出个人"},
    ]
    return tuple(
        ChartRow(label=f"{NAMES[i % len(NAMES)]}{i or ''}", **kinds[i % len(kinds)])
        for i in range(count)
    )


def chart(count=6, **changes):
    usual = {
        "rows": rows(count),
        "sentence": "1 个明显高于全县平均，1 个明显低于",
        "axis_title": "三感指数（0–100 分）",
        "reference": 84.1,
        "reference_label": "全县平均",
    }
    return IntervalChart(**{**usual, **changes})


def texts(svg):
    """Every text as (words, left, top, right, bottom), its width bounded from above."""
    found = []

    def walk(element, size, anchor, weight):
        size = float(element.get("font-size", size))
        anchor = element.get("text-anchor", anchor)
        weight = element.get("font-weight", weight)
        if element.tag.endswith("text"):
            x, y = float(element.get("x")), float(element.get("y"))
            width = text_width(element.text, size) * (1.08 if weight == "bold" else 1)
            left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
            found.append((element.text, left, y - 0.85 * size, left + width, y + 0.15 * size))
        for child in element:
            walk(child, size, anchor, weight)

    walk(ElementTree.fromstring(svg), 0, "start", "")
    return found


def collide(a, b):
    return min(a[3], b[3]) - max(a[1], b[1]) > 0.1 and min(a[4], b[4]) - max(a[2], b[2]) > 0.1


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("count", [0, 1, 4, 16, 60])
@pytest.mark.parametrize("draw", LAYOUTS)
def test_no_text_runs_into_another_or_out_of_the_picture(draw, count, language):
    svg = draw(chart(count), language)
    boxes = texts(svg)
    left, _top, width, height = map(float, ElementTree.fromstring(svg).get("viewBox").split())
    assert [a for a in boxes if a[1] < left - 0.1 or a[3] > width + 0.1 or a[4] > height] == []
    assert [(a[0], b[0]) for a, b in combinations(boxes, 2) if collide(a, b)] == []


@given(st.lists(st.text(max_size=80), min_size=1, max_size=5), st.floats(-1e6, 1e6))
def test_any_names_and_numbers_are_drawn_without_collisions(labels, value):
    made = IntervalChart(
        rows=tuple(ChartRow(label, value, value - 1, value + 1, 30, label) for label in labels),
        sentence="s",
        axis_title="t",
    )
    for draw in LAYOUTS:
        boxes = texts(draw(made, "en"))
        assert not [(a[0], b[0]) for a, b in combinations(boxes, 2) if collide(a, b)]


@pytest.mark.parametrize(
    "text",
    [
        "城关镇 84.1",
        "Mmw%@—… QWERTY",
        "n = 1,234,567",
        "第 1–6 名（并列）",
        'fjord, {illicit}; "quoted" & $5',
    ],
)
def test_widths_are_bounded_from_above_by_what_the_real_font_takes(text, fonts):
    file = next(fonts.folder.glob("*CJK*.ttc"))
    real = ImageFont.truetype(file, 200, index=2)
    bold = text_width(text, 200) * 1.08
    if "VF" in file.name:
        real.set_variation_by_axes([400])
    assert real.getlength(text) <= text_width(text, 200) < 1.6 * real.getlength(text)
    if "VF" in file.name:
        real.set_variation_by_axes([700])
        assert real.getlength(text) <= bold


@pytest.mark.parametrize("draw", LAYOUTS)
def test_the_drawing_keeps_the_strict_content_policy(draw):
    root = ElementTree.fromstring(draw(chart(16), "zh-Hans"))
    for element in root.iter():
        assert element.tag.rpartition("}")[2] in {
            "svg",
            "g",
            "title",
            "path",
            "circle",
            "rect",
            "text",
        }
        assert not {"style", "id", "href", "onload"} & set(element.attrib)


def test_both_layouts_are_emitted_and_told_apart_by_class():
    wide, narrow = interval_chart_svg(chart(), "zh-Hans").split("</svg>")[:2]
    wide, narrow = (ElementTree.fromstring(f"{part}</svg>") for part in (wide, narrow))
    assert wide.get("class") == "interval-chart interval-chart--wide"
    assert narrow.get("class") == "interval-chart interval-chart--narrow"
    assert float(wide.get("width")) == WIDE
    assert float(narrow.get("width")) == NARROW <= 390 - 32


@pytest.mark.parametrize("draw", LAYOUTS)
def test_a_screen_reader_hears_the_finding(draw):
    root = ElementTree.fromstring(draw(chart(sentence='A & B < "C"'), "en"))
    assert (root.get("role"), root.get("aria-label")) == ("img", 'A & B < "C"')


@pytest.mark.parametrize("draw", LAYOUTS)
def test_letters_are_large_enough_to_read(draw):
    sizes = [
        float(element.get("font-size"))
        for element in ElementTree.fromstring(draw(chart(16), "zh-Hans")).iter()
        if element.get("font-size")
    ]
    assert min(sizes) >= 13


def marks(svg):
    return [
        element.get("class").rpartition("--")[2]
        for element in ElementTree.fromstring(svg).iter()
        if "interval-chart__mark" in element.get("class", "")
    ]


def row_marks(svg):
    """The marks of the rows alone: those of the key come first, one of each kind."""
    found = marks(svg)
    return found[len(set(found)) :]


@pytest.mark.parametrize("draw", LAYOUTS)
def test_a_row_is_judged_only_when_its_whole_interval_lies_on_one_side(draw):
    found = row_marks(draw(chart(), "zh-Hans"))
    assert found == ["above", "same", "below", "band", "point"]


def test_an_interval_that_touches_the_reference_is_no_difference():
    touching = chart(rows=(ChartRow("a", 90.0, 84.1, 96.0), ChartRow("b", 80.0, 76.0, 84.1)))
    assert [touching.mark(row) for row in touching.rows] == ["same", "same"]


def test_without_a_reference_nothing_is_judged():
    alone = chart(reference=None)
    assert [alone.mark(row) for row in alone.rows][:3] == ["plain", "plain", "plain"]


@pytest.mark.parametrize("draw", LAYOUTS)
def test_a_band_is_dashed_bracketed_labelled_and_never_judged(draw):
    far = chart(rows=(ChartRow("开放扫码", 95.0, 92.0, 98.0, 50, kind="band"),))
    svg = draw(far, "zh-Hans")
    assert set(marks(svg)) == {"band"}
    assert svg.count('stroke-dasharray="2 4"') == 2
    said = "".join(text for text, *_ in texts(svg))
    assert "敏感性范围" in said
    assert "不是误差范围，不参与比较" in said
    assert "明显高于" not in said


@pytest.mark.parametrize("draw", LAYOUTS)
def test_no_interval_is_ever_drawn_dashed(draw):
    svg = draw(chart(rows=rows(3)), "zh-Hans")
    assert "2 4" not in svg
    assert marks(svg).count("band") == 0


@pytest.mark.parametrize("draw", LAYOUTS)
def test_a_withheld_row_gives_its_reason_and_no_mark(draw):
    svg = draw(chart(rows=(ChartRow("上沟乡", None, kind="withheld", note="样本不足"),)), "en")
    assert [text for text, *_ in texts(svg) if text == "样本不足"] == ["样本不足"]
    assert marks(svg) == []


@pytest.mark.parametrize("draw", LAYOUTS)
def test_an_english_chart_has_no_chinese_of_its_own(draw):
    english = chart(
        rows=tuple(ChartRow("Unit", r.value, r.low, r.high, r.n, kind=r.kind) for r in rows(6)),
        axis_title="Index",
        reference_label="",
        sentence="One above.",
    )
    said = "".join(text for text, *_ in texts(draw(english, "en")))
    assert not any("\u4e00" <= character <= "\u9fff" for character in said)


@pytest.mark.parametrize("draw", LAYOUTS)
def test_shares_are_shown_as_percent(draw):
    shares = IntervalChart(
        (ChartRow("a", 0.812, 0.75, 0.87),), "s", "满意率", reference=0.8, unit="percent"
    )
    said = {text for text, *_ in texts(draw(shares, "zh-Hans"))}
    assert "81.2%" in said
    assert "80%" in said


def test_a_point_stands_where_its_axis_says():
    root = ElementTree.fromstring(wide_chart_svg(chart(rows=rows(3)), "zh-Hans"))
    ticks = {
        float(text.text): float(text.get("x"))
        for group in root
        if group.get("class") == "interval-chart__ticks"
        for text in group
    }
    (low, left), (high, right) = min(ticks.items()), max(ticks.items())
    circle = [c for c in root.iter() if c.tag.endswith("circle") and c.get("r") == "6"][-1]
    expected = left + (92.4 - low) / (high - low) * (right - left)
    assert float(circle.get("cx")) == pytest.approx(expected, abs=0.1)


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(3, 12))
def test_ticks_are_round_even_and_cover_the_numbers(low, span, at_most):
    high = low + span
    ticks = nice_ticks(low, high, at_most=at_most)
    assert 2 <= len(ticks) <= at_most
    assert ticks[0] <= Decimal(repr(low))
    assert ticks[-1] >= Decimal(repr(high))
    steps = {later - earlier for earlier, later in pairwise(ticks)}
    assert len(steps) == 1
    assert steps.pop().normalize().as_tuple().digits in {(1,), (2,), (5,)}


@pytest.mark.parametrize(
    ("low", "high", "at_most", "expected"),
    [
        (76.0, 92.9, 9, [75, 80, 85, 90, 95]),
        (0.0, 100.0, 6, [0, 20, 40, 60, 80, 100]),
        (84.1, 84.1, 5, [75, 80, 85, 90]),
    ],
)
def test_scores_get_familiar_ticks(low, high, at_most, expected):
    assert [int(tick) for tick in nice_ticks(low, high, at_most=at_most)] == expected


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"value": 1.0, "kind": "withheld"}, "carries no number"),
        ({"value": None}, "needs a value"),
        ({"value": 1.0, "low": 0.0}, "two ends"),
        ({"value": 1.0, "low": 2.0, "high": 0.0}, "ends before it begins"),
        ({"value": float("nan")}, "finite"),
        ({"value": 1.0, "low": 0.0, "high": float("inf")}, "finite"),
    ],
)
def test_a_row_that_cannot_be_drawn_honestly_is_refused(row, what):
    with pytest.raises(ValueError, match=what):
        ChartRow("城关镇", **row)


@given(st.text(max_size=200), st.floats(20, 400), st.integers(1, 4))
def test_wrapped_lines_fit_and_lose_nothing_without_saying_so(text, width, lines):
    broken = wrapped(text, width, 15, lines=lines)
    assert len(broken) <= lines
    assert all(text_width(line, 15) <= width or len(line) <= 1 for line in broken)
    if not (broken and broken[-1].endswith("…")):
        assert "".join("".join(broken).split()) == "".join(text.split())


def test_english_breaks_between_words_and_chinese_anywhere():
    assert wrapped("Riverbend Township of Stone", 130, 15) == ["Riverbend", "Township of…"]
    assert wrapped("红旗满族自治乡便民服务中心", 105, 15) == ["红旗满族自治乡", "便民服务中心"]


def test_characters_xml_cannot_hold_do_not_break_the_drawing():
    svg = wide_chart_svg(chart(rows=(ChartRow("a\x00b\x0b<&>\ud800", 1.0),)), "en")
    assert "a\ufffdb\ufffd<&>\ufffd" in [text for text, *_ in texts(svg)]
    assert words("<𠮷>") == "&lt;𠮷&gt;"
