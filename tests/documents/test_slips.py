"""Slips and their list: what stands on them, and that every symbol is read back."""

import csv
import io
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import pypdfium2
import pytest

from app.documents.printing.slips import Occasion, Slip, list_of_slips, sheets_of_slips
from app.documents.printing.verification import decode_pages
from app.errors import DocumentFailed, InputRefused
from app.survey.text import Text
from app.survey.tokens import new_token, read_token, write_token

DAY = date(2026, 11, 22)
OCCASION = Occasion(
    title=Text(zh="青山县 2026 年社区三感调查", en="Qingshan community survey 2026"),
    organiser=Text(zh="青山县委组织部", en="Organization Department of Qingshan"),
    hotline="12345",
    minutes=3,
)


def a_slip(number: int = 1, **changes: object) -> Slip:
    token = new_token((number * 7919 * 104729 * 15485863 * 32452843**3).to_bytes(17))
    usual: dict[str, object] = {
        "number": number,
        "url": f"https://q.qingshan.gov.cn/s/7k3m9xq4#t={token}",
        "code": "7k3m9xq4",
        "token": write_token(token),
        "point_name": Text(zh="青山县河东社区居委会", en="Hedong community"),
        "expires_at": datetime(2026, 11, 30, 23, 59, tzinfo=UTC),
        "row": (f"P{number}", "河东"),
    }
    return Slip(**(usual | changes))


def words_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    return "".join(text.replace("\ufffe", "").split())


def test_a_slip_says_what_its_holder_must_know_and_no_name(fonts):
    slip = a_slip(17, row=("Zhang San",))
    words = words_of(sheets_of_slips(OCCASION, [slip], fonts=fonts, dated=DAY))
    for wanted in [
        OCCASION.title.zh,
        OCCASION.title.en,
        slip.point_name.zh,
        "q.qingshan.gov.cn/s/7k3m9xq4",
        slip.token[:19],
        slip.token[20:],
        "只能用一次 · 有效期至 2026年11月30日 23:59",
        "Good once, until 30 November 2026, 23:59",
        "匿名 · 约 3 分钟",
        "主办：青山县委组织部",
        "12345",
        "17",
    ]:
        assert "".join(wanted.split()) in words
    assert "ZhangSan" not in words


def test_slips_fill_several_pages_and_every_symbol_is_read_back(fonts):
    slips = [a_slip(number) for number in range(1, 24)]
    pages = decode_pages(sheets_of_slips(OCCASION, slips, fonts=fonts, dated=DAY))
    assert [len(page) for page in pages] == [10, 10, 3]
    assert {url for page in pages for url in page} == {slip.url for slip in slips}


def test_the_token_of_a_symbol_stands_where_no_server_sees_it(fonts):
    slip = a_slip()
    ((url,),) = decode_pages(sheets_of_slips(OCCASION, [slip], fonts=fonts, dated=DAY))
    parts = urlsplit(url)
    token = parts.fragment.removeprefix("t=")
    assert read_token(token) == token == read_token(slip.token)
    assert token not in parts.path + parts.query
    assert slip.address == "https://q.qingshan.gov.cn/s/7k3m9xq4"


def test_the_list_has_the_frames_own_columns_and_is_safe_for_a_spreadsheet():
    slips = [a_slip(1, row=("=1+1", "+86 138")), a_slip(2, row=('李,"四', "𠮷"))]
    content = list_of_slips(["person", "@phone"], slips)
    assert content.startswith(b"\xef\xbb\xbf")
    header, first, second = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert header == [
        "序号 No.",
        "person",
        "'@phone",
        "链接 Link",
        "评价码 Key",
        "有效期至 Valid until",
    ]
    assert first[:3] == ["1", "'=1+1", "'+86 138"]
    assert second[:3] == ["2", '李,"四', "𠮷"]
    assert second[3:] == [slips[1].url, slips[1].token, "2026-11-30 23:59"]


def test_an_address_that_makes_the_symbol_too_fine_is_refused_without_its_token(fonts):
    long = a_slip(url=f"https://{'sub.' * 60}cn/s/7k3m9xq4#t={'0' * 27}")
    with pytest.raises(InputRefused, match="finer than") as refusal:
        sheets_of_slips(OCCASION, [long], fonts=fonts, dated=DAY)
    assert "#t=" not in str(refusal.value)


def test_no_slips_are_refused_and_a_title_that_cannot_fit_is_named(fonts):
    with pytest.raises(InputRefused, match="are none"):
        sheets_of_slips(OCCASION, [], fonts=fonts, dated=DAY)
    wordy = Occasion(Text(zh="很长的题目" * 60, en="Long"), OCCASION.organiser, "12345", 3)
    with pytest.raises(DocumentFailed, match=r"title is too long"):
        sheets_of_slips(wordy, [a_slip()], fonts=fonts, dated=DAY)
