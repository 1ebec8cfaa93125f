"""One-time rights on paper: slips to send or hand out, and the list that goes with them.

Sheet and list carry the tokens themselves: they are for the hands of those who send, and
nothing of them is kept. A slip has a number that is its row in the list, and no name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.documents.printing.codes import code_symbol_svg, modules_across
from app.documents.printing.fonts import FontSet
from app.documents.printing.posters import MODULE_FLOOR_MM
from app.documents.printing.typesetting import typeset
from app.documents.printing.verification import ExpectedSymbol, verify
from app.documents.wording import moment, translator
from app.documents.workbooks import Column, Table, results_csv
from app.errors import InputRefused, Problem
from app.survey.text import Language, Text

CODE_MM = 40.0
PER_PAGE = 10
GROUPS_PER_LINE = 4


@dataclass(frozen=True, slots=True)
class Occasion:
    """What all slips of a round share."""

    title: Text
    organiser: Text
    hotline: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Slip:
    """One right to answer; `row` are the cells that its line in the list begins with.

    `url` ends in the token, `address` is where to go who types it; `token` is grouped.
    """

    number: int
    url: str
    code: str
    token: str
    point_name: Text
    expires_at: datetime
    row: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The address without the token."""
        return self.url.partition("#")[0]


def list_of_slips(columns: Sequence[str], slips: Sequence[Slip]) -> bytes:
    """The list as CSV for a spreadsheet: number, `columns`, link, token, expiry."""
    own = [Column(f"own_{place}", name) for place, name in enumerate(columns)]
    table = Table(
        title="名单 List",
        columns=(
            Column("number", "序号 No.", "count"),
            *own,
            Column("link", "链接 Link"),
            Column("token", "评价码 Key"),
            Column("expires", "有效期至 Valid until"),
        ),
        rows=tuple(
            (s.number, *s.row, s.url, s.token, f"{s.expires_at:%Y-%m-%d %H:%M}") for s in slips
        ),
    )
    return results_csv(table)


def sheets_of_slips(
    occasion: Occasion, slips: Sequence[Slip], *, fonts: FontSet, dated: date
) -> bytes:
    """The slips as a PDF, ten to an A4 page, each symbol read back from the finished page.

    Raises InputRefused for an address that makes the symbol too fine, DocumentFailed when a
    text does not fit or a symbol cannot be read back.
    """
    _check(slips)
    content = {
        "title": occasion.title.zh,
        "author": occasion.organiser.zh,
        "code_mm": CODE_MM,
        "cards": [_card(occasion, slip) for slip in slips],
    }
    pdf = typeset("slips.typ", content, fonts=fonts, dated=dated)
    symbols = [ExpectedSymbol(s.url, f"slip {s.number}", CODE_MM) for s in slips]
    verify(pdf, [symbols[at : at + PER_PAGE] for at in range(0, len(symbols), PER_PAGE)])
    return pdf


def _check(slips: Sequence[Slip]) -> None:
    if not slips:
        raise InputRefused([Problem("slips", "are none", "Give at least one to print.")])
    longest = max((slip.url for slip in slips), key=len)
    if CODE_MM / modules_across(longest) < MODULE_FLOOR_MM:
        message = f"makes modules finer than {MODULE_FLOOR_MM} mm at {CODE_MM:g} mm"
        address = longest.partition("#")[0]
        raise InputRefused([Problem("address", message, "Use a shorter host name.", address)])


def _card(occasion: Occasion, slip: Slip) -> dict[str, object]:
    groups = slip.token.split("-")
    lines = groups[:GROUPS_PER_LINE], groups[GROUPS_PER_LINE:]
    return {
        "number": str(slip.number),
        "code": slip.code,
        "address": slip.address.removeprefix("https://"),
        "key": ["-".join(line) for line in lines],
        "symbol": code_symbol_svg(slip.url),
        "zh": _words(occasion, slip, "zh-Hans"),
        "en": _words(occasion, slip, "en"),
    }


def _words(occasion: Occasion, slip: Slip, language: Language) -> dict[str, str]:
    _ = translator(language)
    return {
        "title": occasion.title[language],
        "point_name": slip.point_name[language],
        "type": _("扫不了码？在浏览器里输入网址，再输入评价码"),
        "until": _("只能用一次 · 有效期至 {moment}").format(
            moment=moment(slip.expires_at, language)
        ),
        "promise": _("匿名 · 约 {n} 分钟 · 打几分都不影响办事").format(n=occasion.minutes),
        "call": _("不用手机也可以评，请拨 {hotline}").format(hotline=occasion.hotline),
        "organiser": _("主办：{organiser}").format(organiser=occasion.organiser[language]),
        "symbol": _("二维码，打开 {address}").format(address=slip.address),
    }
