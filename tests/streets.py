"""A small assessment for tests: two streets, two indicators, one deduction."""

import io
from functools import cache

from openpyxl import Workbook
from sqlalchemy.orm import Session

from app.database.tables import AssessmentRow
from app.scoring.definition.system import IndicatorSystem
from app.survey.reading import read_definition
from app.workflow.assessment.drafting import draft_assessment
from app.workflow.assessment.importing import ValueFile, values_in_force
from app.workflow.registry import Registry
from world import NOW, registry

SYSTEM = """\
schema: minxin-system/1
code: streets
version: 1
title: {zh-Hans: 街道考核, en: Streets}
effective: {from: '2026-01-01', document: {zh-Hans: 测试, en: A test}}
types: [{code: old, name: {zh-Hans: 老街, en: Old street}}]
missing: {rule: redistribute}
nodes:
  - {code: total, name: {zh-Hans: 总分, en: Total}, parent: null}
indicators:
  - code: jobs
    name: {zh-Hans: 就业, en: Jobs}
    parent: total
    weight: 60
    direction: 1
    unit: {zh-Hans: 分, en: points}
    source: {zh-Hans: 统计, en: Statistics}
    evidence: probability
    plausible: {from: 0, to: 100}
    normalise: {method: goalposts, lower: 0, upper: 100, scale: 100}
  - code: air
    name: {zh-Hans: 环境, en: Air}
    parent: total
    weight: 40
    direction: 1
    unit: {zh-Hans: 分, en: points}
    source: {zh-Hans: 统计, en: Statistics}
    evidence: official
    plausible: {from: 0, to: 100}
    normalise: {method: goalposts, lower: 0, upper: 100, scale: 100}
adjustments:
  floor: 0
  families: [{code: replies, name: {zh-Hans: 办复, en: Replies}, cap: 5}]
  items:
    - code: overdue
      name: {zh-Hans: 逾期, en: Overdue}
      kind: deduct
      family: replies
      points: 2
uncertainty: {draws: 100, sobol_base: 64}
"""
PLAN = """\
schema: minxin-assessment/1
code: streets-2026
title: {zh-Hans: 街道考核 2026, en: Streets 2026}
system: streets@1
period: {from: '2026-01-01', to: '2026-12-31'}
organiser: {name: {zh-Hans: 测评办, en: Office}}
units:
  - {code: east, name: {zh-Hans: 东街, en: East street}, region_type: old}
  - {code: west, name: {zh-Hans: 西街, en: West street}, region_type: old}
release: {min_n: 1, min_effective_n: 1, min_effective_n_rank: 1, min_cell: 1}
seed: 5
"""
FROM_ROUND = """\
from_rounds:
  - {indicator: jobs, estimate: senses, series: probability, round: some-round}
"""


@cache
def streets() -> Registry:
    """The definitions of the product, and the system of these tests."""
    system = read_definition(IndicatorSystem, SYSTEM, source="streets.yaml")
    known = registry()
    systems = {**known.systems, system.key: (SYSTEM, system)}
    return Registry(known.surveys, systems, known.score_maps)


def assessment(
    session: Session, plan: str = PLAN, *, from_rounds: bool = False
) -> AssessmentRow:
    """The drafted assessment."""
    text = plan + FROM_ROUND if from_rounds else plan
    return draft_assessment(session, text, source="a.yaml", registry=streets(), now=NOW)


def table(*lines: str) -> ValueFile:
    """A CSV file of these lines."""
    return ValueFile("values.csv", "\n".join(lines).encode() + b"\n")


def workbook(*rows: list[object]) -> ValueFile:
    """A workbook of one sheet; a text that begins with # is an error."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cell in (cell for line in sheet.iter_rows() for cell in line):
        if str(cell.value).startswith("#"):
            cell.data_type = "e"
    stream = io.BytesIO()
    book.save(stream)
    return ValueFile("values.xlsx", stream.getvalue())


def in_force(session: Session, row: AssessmentRow) -> dict[tuple[str, str], object]:
    """Cell → its value as it counts now, or its status."""
    cells = values_in_force(session, row.id)
    return {cell: one.status if one.value is None else one.value for cell, one in cells.items()}
