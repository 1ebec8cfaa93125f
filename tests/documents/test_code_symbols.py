"""QR symbols as images: readable, safe under a strict content policy, quiet zone inside."""

import re
from io import BytesIO
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image

from app.documents.printing.codes import code_symbol_png, code_symbol_svg, modules_across
from app.errors import InputRefused

URL = "https://q.qs.gov.cn/k3m9xq4t"


def test_the_png_reads_back_as_its_address():
    image = Image.open(BytesIO(code_symbol_png(URL, pixels_per_module=4)))
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [URL]


def test_the_quiet_zone_of_four_modules_is_part_of_the_image():
    image = Image.open(BytesIO(code_symbol_png(URL, pixels_per_module=1)))
    assert image.size == (modules_across(URL), modules_across(URL))
    dark = image.convert("L").point(lambda level: 255 - level).getbbox()
    assert dark == (4, 4, image.width - 4, image.height - 4)


def test_a_module_has_as_many_pixels_as_asked():
    image = Image.open(BytesIO(code_symbol_png(URL, pixels_per_module=7)))
    assert image.width == 7 * modules_across(URL)
    with pytest.raises(ValueError, match="at least one pixel"):
        code_symbol_png(URL, pixels_per_module=0)


def test_error_correction_is_q_and_a_short_address_stays_small():
    image = Image.open(BytesIO(code_symbol_png(URL, pixels_per_module=4)))
    assert zxingcpp.read_barcodes(image)[0].ec_level == "Q"
    assert modules_across(URL) == 37


def test_the_svg_has_no_style_no_script_and_no_id():
    root = ElementTree.fromstring(code_symbol_svg(URL))
    names = {name for element in root.iter() for name in element.attrib}
    assert not names & {"style", "id", "class"}
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "path"}
    assert root.get("viewBox") == "0 0 37 37"


def test_the_svg_draws_the_same_modules_as_the_png():
    path = ElementTree.fromstring(code_symbol_svg(URL))[1].get("d")
    drawn = set()
    for across, down, length, back in re.findall(r"M(\d+),(\d+)h(\d+)v1h-(\d+)z", path):
        assert length == back
        drawn |= {(int(across) + step, int(down)) for step in range(int(length))}
    image = Image.open(BytesIO(code_symbol_png(URL, pixels_per_module=1))).convert("L")
    side = range(image.width)
    assert drawn == {(x, y) for x in side for y in side if image.getpixel((x, y)) == 0}


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("q.qingshan.gov.cn/k3m9xq4t", "is not a web address"),
        ("https://民意.cn/k3m9xq4t", "read differently"),
        ("https://a b/k3m9xq4t", "read differently"),
        ("https://a.cn/" + "x" * 300, "is longer than"),
    ],
)
def test_an_address_phones_would_stumble_over_is_refused(url, what):
    with pytest.raises(InputRefused, match=what):
        code_symbol_svg(url)
