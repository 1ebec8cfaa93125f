"""Everything a round hangs up, as files: a symbol a point, posters, tents, stickers, a list.

The list says which code hangs where; it is for the office that hangs them, not for the wall.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from app.documents.printing.codes import code_symbol_png, code_symbol_svg
from app.documents.printing.fonts import FontSet
from app.documents.printing.placards import Placard
from app.documents.printing.posters import posters, sticker_sheets, table_tents
from app.documents.workbooks import Column, Table, results_csv
from app.survey.definition import Survey
from app.survey.plan import Plan

PIXELS_PER_MODULE = 16


def placards_of(
    plan: Plan, survey: Survey, codes: Mapping[str, str], *, public_url: str, day: date
) -> list[Placard]:
    """A placard for every point that has one of `codes`, the codes in force."""
    units = {unit.code: unit for unit in plan.units}
    return [
        Placard(
            url=f"{public_url}/s/{codes[point.code]}",
            code=codes[point.code],
            point_name=point.name,
            place=units[point.unit].name,
            purpose=survey.title,
            organiser=plan.organiser.name,
            hotline=plan.organiser.hotline,
            minutes=survey.minutes,
            version=survey.key,
            date=day,
        )
        for point in plan.points
        if point.code in codes
    ]


def code_package(placards: Sequence[Placard], *, fonts: FontSet) -> dict[str, bytes]:
    """File name → content; every symbol on paper was read back before it is returned."""
    files = {
        "posters_a4.pdf": posters(placards, fonts=fonts),
        "table_tents_a4.pdf": table_tents(placards, fonts=fonts),
        "stickers_a4.pdf": sticker_sheets(placards, fonts=fonts),
        "codes.csv": results_csv(_list_of_codes(placards)),
    }
    for placard in placards:
        files[f"{placard.code}.svg"] = code_symbol_svg(placard.url).encode()
        symbol = code_symbol_png(placard.url, pixels_per_module=PIXELS_PER_MODULE)
        files[f"{placard.code}.png"] = symbol
    return files


def _list_of_codes(placards: Sequence[Placard]) -> Table:
    columns = (
        Column("code", "代码 Code", "text"),
        Column("point", "服务点 Point", "text"),
        Column("place", "单位 Unit", "text"),
        Column("url", "网址 Address", "text"),
    )
    rows = tuple((p.code, p.point_name.zh, p.place.zh, p.url) for p in placards)
    return Table(title="代码清单 Codes", columns=columns, rows=rows)
