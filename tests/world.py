"""A small named world for tests: the demo town, its plan, and people who answer.

Builders take what a test cares about and fill in the rest.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from app.database.rounds import active_codes
from app.database.tables import RoundRow
from app.survey.answers import Answer
from app.survey.paradata import Paradata, five_minute_slot
from app.workflow.arrivals import Submission
from app.workflow.places import Place, open_place
from app.workflow.preparation import draft_round, open_round
from app.workflow.registry import Registry, load_registry

PROJECT = Path(__file__).parent.parent
DEFINITIONS = PROJECT / "survey_defs"
REFERENCE = Path(__file__).parent / "reference"
NOW = datetime(2026, 11, 22, 8, 33, 20, tzinfo=UTC)

TOWN_PLAN = """\
schema: minxin-plan/1
code: town-2026
title: {zh-Hans: 小镇三感调查, en: Town survey}
survey: three_senses_short@1
organiser:
  name: {zh-Hans: 小镇测评办公室, en: Town survey office}
population: {zh-Hans: 小镇成年居民, en: Adults of the town}
evidence_class: opt_in
window: {opens: '2026-01-01T00:00:00', closes: '2027-01-01T00:00:00', time_zone: Asia/Shanghai}
regions:
  - {code: town, name: {zh-Hans: 小镇, en: Town}}
units:
  - code: east
    name: {zh-Hans: 东街, en: East}
    region: town
    region_type: urban_core
    population: 900
  - code: west
    name: {zh-Hans: 西街, en: West}
    region: town
    region_type: urban_core
    population: 600
points:
  - {code: east-hall, name: {zh-Hans: 东街大厅, en: East hall}, unit: east}
  - {code: west-hall, name: {zh-Hans: 西街大厅, en: West hall}, unit: west}
weighting:
  - {kind: base}
screening: {}
screening_note: {zh-Hans: 不设信号, en: No signals}
release: {min_n: 3, min_effective_n: 3, min_effective_n_rank: 100, min_cell: 1}
seed: 1
"""


@cache
def registry() -> Registry:
    """The definitions of the product."""
    return load_registry(DEFINITIONS)


def a_round(session: Session, plan: str = TOWN_PLAN, *, now: datetime = NOW) -> RoundRow:
    """An open round of a plan."""
    row = draft_round(session, plan, source="town.yaml", registry=registry(), now=now)
    return open_round(session, row, now=now)


def a_place(session: Session, row: RoundRow, point: str = "east-hall") -> Place:
    """Where the code of a point leads."""
    return open_place(session, active_codes(session, row.id)[point], NOW)


def a_submission(
    once: str = "first", answers: Mapping[str, Answer] | None = None, *, channel: str = "qr"
) -> Submission:
    """Somebody's answers, sent under the key `once`."""
    given = dict(answers or {})
    body = hashlib.sha256(repr(sorted(given.items())).encode()).hexdigest()
    paradata = Paradata(slot=five_minute_slot(NOW), seconds=40, mode="page")
    return Submission(once, body, given, paradata, channel)
