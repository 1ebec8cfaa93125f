"""The last chapters: what is withheld, what screening left out, limits, how to recompute."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.documents.reports.blocks import (
    Block,
    Chapter,
    Column,
    Facts,
    Grid,
    Heading,
    filled,
    words,
)
from app.documents.reports.method_chapters import MOST_UNITS, section_blocks, sections_named
from app.documents.results.result import Document, Result
from app.documents.results.screened import PointRow, screening_section
from app.documents.results.tables import measure_word
from app.documents.wording import count, points, translator


@dataclass(frozen=True, slots=True)
class Origin:
    """What a report rests on: a run and the digests of all that went into it."""

    run: int
    digests: Mapping[str, str]
    """Name of the thing, in the language of the report → SHA-256, hex."""


def withheld_chapter(result: Result) -> Chapter:
    """The thresholds, and how many numbers each of them holds back."""
    _ = translator(result.language)
    blocks: list[Block] = []
    for section in sections_named(result, ("release",)):
        blocks += section_blocks(result, section)
    found = Counter(
        (measure_word(result, figure.measure), result.reason(figure.withheld))
        for figures in result.rows.values()
        for figure in figures
        if figure.withheld is not None
    )
    if not found:
        return Chapter(_("不公布的数"), (*blocks, *words(_("本轮没有不公布的数。"))))
    columns = (
        Column(_("口径")),
        Column(_("不公布的原因"), share=2),
        Column(_("个数"), is_number=True, share=0.5),
    )
    rows = tuple((*key, count(n)) for key, n in sorted(found.items()))
    return Chapter(
        _("不公布的数"), (*blocks, Grid(_("各种原因各有多少个数不公布"), columns, rows))
    )


def screening_chapter(result: Result) -> Chapter:
    """Which signals fired, what was believed less, and what that did to scores."""
    _ = translator(result.language)
    blocks: list[Block] = []
    for section in sections_named(result, ("screening", "company", "worst-case")):
        blocks += [Heading(section.title), *section_blocks(result, section)]
    signals = result.document["screening"]["signals"]
    if signals:
        blocks.append(_signal_grid(result, signals))
    found = screening_section(result)
    if found is not None:
        blocks += [
            Heading(_("成组筛查和封顶")),
            *words(found.sentence, weight="lead"),
            *words(found.direction, found.campaigns_note),
            *words(*(campaign.sentence for campaign in found.campaigns)),
        ]
        if 0 < len(found.points) <= MOST_UNITS:
            blocks.append(_point_grid(result, found.points))
    return Chapter(_("筛查"), tuple(blocks))


def limits_chapter(result: Result) -> Chapter:
    """What the numbers cannot say."""
    _ = translator(result.language)
    blocks = [
        block
        for section in sections_named(result, ("limits",))
        for block in section_blocks(result, section)
    ]
    return Chapter(_("局限"), tuple(blocks))


def appendix(result: Result, origin: Origin) -> Chapter:
    """The digests of everything, and how anybody with the platform gets the same numbers."""
    _ = translator(result.language)
    return Chapter(_("依据和重算"), tuple(_appendix_blocks(result, origin)))


def _appendix_blocks(result: Result, origin: Origin) -> Iterator[Block]:
    _ = translator(result.language)
    for section in sections_named(result, ("recompute",)):
        yield from section_blocks(result, section)
    yield Heading(_("定义和结果的校验值"))
    yield Facts(tuple(origin.digests.items()))
    yield Heading(_("怎样重算"))
    yield from words(
        _(
            "在保存这一轮回答的服务器上运行下面的命令：它从逐份回答重新计算第 {n} 号计算，"
            "和保存的结果逐字节比较，不同就报错。"
        ).format(n=origin.run)
    )
    yield from words(f"minxin recompute {origin.run}", weight="formula")
    yield from words(
        _("本报告由程序按同一份结果排成；公布的网页、工作簿和本报告里的数相同。"),
        weight="quiet",
    )


def _signal_grid(result: Result, signals: list[Document]) -> Grid:
    _ = translator(result.language)
    columns = (
        Column(_("信号")),
        Column(_("含义"), share=2.4),
        Column(_("查了"), is_number=True, share=0.6),
        Column(_("触发"), is_number=True, share=0.6),
        Column(_("权数乘"), is_number=True, share=0.7),
    )
    rows = tuple(
        (
            result.say(signal["name"]),
            result.say(signal["reason"]),
            count(signal["applicable"]),
            count(signal["fired"]),
            points(signal["influence"], decimals=2),
        )
        for signal in signals
    )
    return Grid(_("逐份检查的信号"), columns, rows)


def _point_grid(result: Result, found: tuple[PointRow, ...]) -> Grid:
    _ = translator(result.language)
    columns = (
        Column(_("点位"), share=2),
        Column("n", is_number=True, share=0.6),
        Column(_("全部照算"), is_number=True, share=0.8),
        Column(_("封顶后"), is_number=True, share=0.8),
        Column(_("核定后"), is_number=True, share=0.8),
        Column(_("最坏情形"), is_number=True),
        Column(_("说明"), share=1.4),
    )
    rows = tuple(
        (
            point.name,
            point.n,
            point.raw,
            point.capped,
            point.decided,
            point.worst,
            point.withheld,
        )
        for point in found
    )
    return filled(Grid(_("各点位筛查前后"), columns, rows))
