"""The report of a round, put together: from a result to chapters, whatever it is printed on."""

from dataclasses import dataclass
from datetime import date

from app.documents.reports.blocks import Block, Chapter, Report
from app.documents.reports.closing_chapters import (
    Origin,
    appendix,
    limits_chapter,
    screening_chapter,
    withheld_chapter,
)
from app.documents.reports.method_chapters import (
    asked_chapter,
    computing_chapter,
    fieldwork_chapter,
)
from app.documents.reports.result_chapters import (
    change_chapter,
    composite_chapter,
    indicator_lines,
    indicators_chapter,
    items_chapter,
)
from app.documents.results.changes import round_change
from app.documents.results.findings import headline, omissions, series_caution
from app.documents.results.result import Result, main_series
from app.documents.scores.composites import read_composite
from app.documents.wording import calendar_day, count, translator


@dataclass(frozen=True, slots=True)
class Edition:
    """Which computation a report is of, and when it was asked for."""

    origin: Origin
    day: date
    is_public: bool


def report_of(result: Result, edition: Edition) -> Report:
    """Write the report of a result, which must be a public view: it may leave the house."""
    _ = translator(result.language)
    reading = read_composite(result.document, result.naming)
    chapters = (
        asked_chapter(result),
        fieldwork_chapter(result),
        indicators_chapter(result),
        items_chapter(result),
        change_chapter(result),
        composite_chapter(result, reading),
        withheld_chapter(result),
        screening_chapter(result),
        computing_chapter(result),
        limits_chapter(result),
        appendix(result, edition.origin),
    )
    return Report(
        language=result.language,
        title=result.say(result.round["title"]),
        kind=_("满意度测评报告"),
        organiser=result.say(result.round["organiser"]["name"]),
        day=edition.day,
        status=_status(result, edition),
        is_public=edition.is_public,
        findings=_findings(result),
        facts=_facts(result, edition),
        indicators=indicator_lines(result),
        chapters=tuple(
            chapter for chapter in chapters if chapter is not None and _says(chapter)
        ),
        colophon=_("第 {n} 号计算 · 方案 {plan} · 数据 {data}").format(
            n=edition.origin.run,
            plan=result.document["run"]["plan_digest"][:12],
            data=result.document["run"]["data_digest"][:12],
        ),
    )


def _says(chapter: Chapter) -> bool:
    blocks: tuple[Block, ...] = chapter.blocks
    return bool(blocks)


def _findings(result: Result) -> tuple[str, ...]:
    series = main_series(result)
    caution = series_caution(result, series["code"]) if series else ""
    texts = (headline(result), round_change(result), *omissions(result), caution)
    return tuple(filter(None, texts))


def _facts(result: Result, edition: Edition) -> tuple[tuple[str, str], ...]:
    _, window = translator(result.language), result.round["window"]
    opens, closes = (date.fromisoformat(window[end][:10]) for end in ("opens", "closes"))
    collected = _("{first}至{last}").format(
        first=calendar_day(opens, result.language), last=calendar_day(closes, result.language)
    )
    return (
        (_("主办"), result.say(result.round["organiser"]["name"])),
        (_("总体"), result.say(result.round["population"])),
        (_("收集时间"), collected),
        (_("回答"), _("{n} 份").format(n=count(result.document["responses"]["total"]))),
        (_("单位数"), count(len(result.units))),
        (_("成文日期"), calendar_day(edition.day, result.language)),
    )


def _status(result: Result, edition: Edition) -> str:
    _ = translator(result.language)
    if edition.is_public:
        return _("结果已公布")
    return _("结果尚未公布，请勿外传")
