"""Chapters on how the numbers were made: what was asked, of whom, how it was computed.

Sentences and facts are those of the method page, so paper and page say the same.
"""

from collections.abc import Iterator, Sequence

from app.documents.method.parts import Section
from app.documents.method.sections import method
from app.documents.reports.blocks import Block, Chapter, Column, Facts, Grid, Heading, words
from app.documents.results.result import Result
from app.documents.wording import count, translator

ASKED = ("scope", "instrument")
FIELDWORK = ("dates", "mode", "sample-size")
COMPUTED = (
    "weighting", "indicators", "score-maps", "reliability", "precision", "sensitivity",
    "standing", "change", "composite",
)  # fmt: skip
MOST_UNITS = 120
"""A report tells the units of a round one by one up to so many."""


def asked_chapter(result: Result) -> Chapter:
    """Who asked, with which questionnaire, and every item of it that is measured."""
    _ = translator(result.language)
    rows = tuple(
        (item["code"], result.say(item["section"]), result.say(item["text"]))
        for item in result.items
    )
    columns = (Column(_("代码"), share=0.5), Column(_("部分")), Column(_("题目"), share=3))
    return Chapter(
        _("问了什么"),
        (
            *_sections(result, ASKED),
            Heading(_("各题")),
            Grid(_("计分的题目，按问卷的顺序"), columns, rows),
        ),
    )


def fieldwork_chapter(result: Result) -> Chapter:
    """When, how and how many answered."""
    return Chapter(translator(result.language)("怎样收集"), _sections(result, FIELDWORK))


def computing_chapter(result: Result) -> Chapter:
    """How answers became numbers, and how sure those are."""
    return Chapter(translator(result.language)("怎样计算"), _sections(result, COMPUTED))


def sections_named(result: Result, anchors: Sequence[str]) -> Iterator[Section]:
    """Sections of the method page in the order asked for, those that the round has."""
    known = {section.anchor: section for section in method(result)}
    return (known[anchor] for anchor in anchors if anchor in known)


def section_blocks(result: Result, section: Section) -> Iterator[Block]:
    """A section without its heading."""
    yield from words(*section.sentences)
    yield from words(*section.formulas, weight="formula")
    facts = section.facts
    if section.anchor == "sample-size" and len(result.units) > MOST_UNITS:
        facts = facts[: len(facts) - len(result.units)]
        yield from words(many_units(result))
    if facts:
        yield Facts(facts)


def many_units(result: Result) -> str:
    """Why units are not told one by one."""
    _ = translator(result.language)
    return _("本轮有 {n} 个单位，报告不逐个列出；逐个的数见结果工作簿。").format(
        n=count(len(result.units))
    )


def _sections(result: Result, anchors: Sequence[str]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for section in sections_named(result, anchors):
        blocks += [Heading(section.title), *section_blocks(result, section)]
    return tuple(blocks)
