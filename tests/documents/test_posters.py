"""Printed pieces: what they say, how large the symbol is, and that it reads back."""

from datetime import date

import pypdfium2
import pytest
import zxingcpp

from app.documents.printing.codes import modules_across
from app.documents.printing.fonts import find_fonts, find_fonts_in
from app.documents.printing.posters import posters, sticker_sheets, table_tents
from app.documents.printing.verification import ExpectedSymbol, decode_pages, verify
from app.errors import DocumentFailed, InputRefused
from app.survey.text import Text

MAKERS = [posters, table_tents, sticker_sheets]
PIXELS_PER_MM = 150 / 25.4


def words_of(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    return "".join(text.replace("\ufffe", "").split())


def symbols_on_first_page(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return zxingcpp.read_barcodes(document[0].render(scale=150 / 72).to_pil())


@pytest.mark.parametrize("make", MAKERS)
def test_every_piece_says_all_a_resident_must_know(make, placard, fonts):
    card = placard()
    words = words_of(make([card], fonts=fonts))
    for wanted in [
        card.point_name.zh,
        card.point_name.en,
        card.place.zh,
        card.purpose.zh,
        card.purpose.en,
        f"q.qingshan.gov.cn/{card.code}",
        "匿名 · 约 2 分钟 · 打几分都不影响办事",
        "No score affects the service you get.",
        "主办：青山县委组织部",
        "12345",
        "2026-4",
        "2026年11月22日",
    ]:
        assert "".join(wanted.split()) in words
    assert "五星" not in words


@pytest.mark.parametrize("make", MAKERS)
def test_every_piece_is_a4_and_embeds_its_fonts(make, placard, fonts):
    with pypdfium2.PdfDocument(make([placard()], fonts=fonts)) as document:
        assert [round(side * 25.4 / 72) for side in document[0].get_size()] == [210, 297]
        set_in = {
            (piece.get_font().get_base_name(), piece.get_font().is_embedded)
            for piece in document[0].get_objects()
            if isinstance(piece, pypdfium2.PdfTextObj)
        }
    assert set_in
    assert all("NotoSansCJK" in name and embedded for name, embedded in set_in)


@pytest.mark.parametrize(
    ("make", "code_mm"),
    [(posters, 120), (table_tents, 60), (sticker_sheets, 40), (sticker_sheets, 30)],
)
def test_the_symbol_is_as_large_as_asked_to_half_a_millimetre(make, code_mm, placard, fonts):
    card = placard()
    modules = modules_across(card.url)
    for symbol in symbols_on_first_page(make([card], fonts=fonts, code_mm=code_mm)):
        left, right = symbol.position.bottom_left, symbol.position.bottom_right
        across_mm = abs(right.x - left.x) / PIXELS_PER_MM
        assert across_mm == pytest.approx(code_mm * (modules - 8) / modules, abs=0.5)


def test_a_table_tent_shows_the_code_to_both_sides(placard, fonts):
    card = placard()
    upper, lower = symbols_on_first_page(table_tents([card], fonts=fonts))
    assert {upper.text, lower.text} == {card.url}
    assert {abs(upper.orientation), abs(lower.orientation)} == {0, 180}


def test_stickers_fill_several_sheets_and_every_one_reads_back(placard, fonts):
    cards = [placard(number) for number in range(1, 24)]
    pages = decode_pages(sticker_sheets(cards, fonts=fonts))
    assert [len(page) for page in pages] == [10, 10, 3]
    assert [set(page) for page in pages] == [
        {card.url for card in cards[start : start + 10]} for start in (0, 10, 20)
    ]


def test_posters_are_one_page_a_point(placard, fonts):
    cards = [placard(1), placard(2)]
    assert decode_pages(posters(cards, fonts=fonts)) == [[card.url] for card in cards]


@pytest.mark.parametrize("make", MAKERS)
def test_the_same_placard_gives_the_same_bytes(make, placard, fonts):
    assert make([placard()], fonts=fonts) == make([placard()], fonts=fonts)


@pytest.mark.parametrize(
    ("make", "code_mm"), [(posters, 100), (table_tents, 40), (sticker_sheets, 29.9)]
)
def test_a_symbol_below_the_floor_is_refused(make, code_mm, placard, fonts):
    with pytest.raises(InputRefused, match=r"code_mm.*Choose"):
        make([placard()], fonts=fonts, code_mm=code_mm)


def test_an_address_that_makes_modules_too_fine_is_refused(placard, fonts):
    card = placard()
    long = placard(url=f"https://{'sub.' * 40}gov.cn/{card.code}")
    with pytest.raises(InputRefused, match="finer than"):
        sticker_sheets([long], fonts=fonts, code_mm=30)


def test_every_mistake_of_every_placard_is_named_at_once(placard, fonts):
    wrong = [
        placard(1, code="abc"),
        placard(2, purpose=Text(zh="请给五星好评", en="Please give five stars"), minutes=0),
        placard(4, hotline=" "),
    ]
    with pytest.raises(InputRefused) as refusal:
        posters(wrong, fonts=fonts)
    assert {problem.place for problem in refusal.value.problems} == {
        "placards[0].code",
        "placards[0].url",
        "placards[1].purpose.zh-Hans",
        "placards[1].purpose.en",
        "placards[1].minutes",
        "placards[2].hotline",
    }


def test_no_placards_are_refused(fonts):
    with pytest.raises(InputRefused, match="is empty"):
        posters([], fonts=fonts)


@pytest.mark.parametrize("purpose", ["办事员是否有礼貌", "好差评：请您评价", "扫码看满分标准"])
def test_an_honest_purpose_is_not_mistaken_for_asking(purpose, placard, fonts):
    assert posters([placard(purpose=Text(zh=purpose, en="Rate the service"))], fonts=fonts)


def test_rare_characters_of_names_are_set(placard, fonts):
    card = placard(point_name=Text(zh="𠮷家湾 𬭸䶮 便民点", en="Jijiawan"))
    assert "𠮷家湾𬭸䶮便民点" in words_of(posters([card], fonts=fonts))


def test_a_character_without_a_glyph_stops_the_poster(placard, fonts):
    card = placard(place=Text(zh="大厅🏛", en="Hall"))
    with pytest.raises(DocumentFailed, match="🏛"):
        posters([card], fonts=fonts)


@pytest.mark.parametrize("make", MAKERS)
def test_a_name_that_cannot_fit_stops_the_piece_and_is_named(make, placard, fonts):
    card = placard(point_name=Text(zh="很长的名字" * 60, en="Long"))
    with pytest.raises(DocumentFailed, match=r"point's name is too long.*很长的名字"):
        make([card], fonts=fonts)


def test_names_are_never_read_as_markup(placard, fonts):
    name = '*粗* #panic("x") $x$ <y> @z "q" \\ `c`'
    card = placard(point_name=Text(zh=name, en="Window"))
    assert "".join(name.split()) in words_of(posters([card], fonts=fonts))


def test_verification_names_page_and_point_of_an_unreadable_code(placard, fonts):
    cards = [placard(1), placard(2)]
    pdf = posters(cards, fonts=fonts)
    expected = [[ExpectedSymbol(card.url, card.point_name.zh, 120)] for card in cards]
    verify(pdf, expected)
    wrong = [expected[0], [ExpectedSymbol("https://q.cn/0000000g", "河东窗口", 120)]]
    with pytest.raises(DocumentFailed, match=r"Page 2: the code of 河东窗口") as failure:
        verify(pdf, wrong)
    assert "does not belong there: " + cards[1].url in str(failure.value)


def test_verification_fails_on_a_damaged_symbol(placard, fonts, tmp_path):
    card = placard()
    with pypdfium2.PdfDocument(posters([card], fonts=fonts)) as document:
        page = document[0].render(scale=150 / 72).to_pil()
    page.paste("white", (500, 600, 760, 1000))
    page.save(tmp_path / "damaged.pdf", resolution=150)
    expected = [[ExpectedSymbol(card.url, card.point_name.zh, 120)]]
    with pytest.raises(DocumentFailed, match="could not be read back: 0 of 1"):
        verify((tmp_path / "damaged.pdf").read_bytes(), expected)


def test_verification_counts_pages_and_refuses_what_is_no_pdf(placard, fonts):
    with pytest.raises(DocumentFailed, match="has 1 pages and should have 2"):
        verify(posters([placard()], fonts=fonts), [[], []])
    with pytest.raises(DocumentFailed, match="not a readable PDF"):
        decode_pages(b"%PDF-1.7 nothing")


def test_a_folder_without_the_font_names_every_cure(tmp_path):
    with pytest.raises(DocumentFailed) as failure:
        find_fonts(tmp_path)
    for cure in (str(tmp_path), "manimgx-fonts-cjk", "fonts-noto-cjk", "MINXIN_FONT_DIRECTORY"):
        assert cure in str(failure.value)


def test_a_document_is_dated_by_its_newest_placard(placard, fonts):
    cards = [placard(1), placard(2, date=date(2026, 12, 1))]
    with pypdfium2.PdfDocument(posters(cards, fonts=fonts)) as document:
        assert document.get_metadata_value("CreationDate").startswith("D:20261201")


def test_the_first_folder_that_holds_the_font_is_taken(fonts, tmp_path):
    found = find_fonts_in((tmp_path / "absent", tmp_path, fonts.folder))
    assert (found.folder, found.family) == (fonts.folder, "Noto Sans CJK SC")
