"""A round of two regions with campaigns that were found in it, and people who review them."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy.orm import Session

from app.anomaly.examination import Campaign, Examination, Reason
from app.anomaly.submissions import Submissions
from app.database.fieldwork import response_id
from app.database.results import request_run
from app.database.tables import ResponseRow, RoundRow, RunRow
from app.survey.sample import Floats
from app.workflow.review.impartiality import Reviewer
from app.workflow.review.keeping import keep_campaigns
from world import NOW, TOWN_PLAN, a_round

PLAN = TOWN_PLAN.replace(
    """\
regions:
  - {code: town, name: {zh-Hans: 小镇, en: Town}}
""",
    """\
regions:
  - {code: town, name: {zh-Hans: 小镇, en: Town}}
  - {code: east-side, name: {zh-Hans: 东片, en: East side}, parent: town}
  - {code: west-side, name: {zh-Hans: 西片, en: West side}, parent: town}
""",
)
for _side in ("east", "west"):
    _start, _unit, _end = PLAN.partition(f"code: {_side}\n")
    PLAN = _start + _unit + _end.replace("region: town", f"region: {_side}-side", 1)

AN = Reviewer("An", "audit-bureau")
BO = Reviewer("Bo", "audit-bureau")
CUI = Reviewer("Cui", "statistics-bureau")
EAST = Reviewer("Dong", "east")

HASTE = Reason("HASTE", 1, 9.0, 1.0, 0.001)
LOCKSTEP = Reason("LOCK_3H", 1, 14.0, 2.0, 0.002)
GAP = Reason("CHANNEL_GAP", 1, 30.0, 5.0, float("nan"))

UP, DOWN, SMALL = "C-aaaa1111", "C-bbbb2222", "C-cccc3333"


def a_reviewed_round(session: Session, plan: str = PLAN) -> tuple[RoundRow, RunRow]:
    """A round with 60 responses and a run that found three campaigns.

    At east-hall twelve raise the score by far; at west-hall eleven lower it by far; three
    more at west-hall raise it a little.
    """
    row = a_round(session, plan)
    columns = columns_of(row)
    for name, point in zip(columns.identifier.tolist(), columns.point.tolist(), strict=True):
        session.add(_response(row, name, point))
    session.flush()
    run = a_run(session, row)
    keep_campaigns(session, run, an_examination(), submissions=columns, now=NOW)
    session.flush()
    return row, run


def a_run(session: Session, row: RoundRow) -> RunRow:
    """A run of the round, as if it had just been computed."""
    row.state = "processed"
    run = request_run(session, row, seed=1, now=NOW)
    run.state, run.document, run.finished_at = "finished", "{}", NOW
    session.flush()
    return run


def scores() -> Floats:
    """The scores of the 60 responses: 30 at east-hall, then 30 at west-hall."""
    east = [100.0] * 12 + [60.0] * 18
    west = [0.0] * 11 + [62.0] * 3 + [60.0] * 16
    return np.array(east + west)


def an_examination() -> Examination:
    """What was found about the 60 responses."""
    influence, n = np.ones(60), 60
    rows = {UP: range(12), DOWN: range(30, 41), SMALL: range(41, 44)}
    campaign = np.full(n, -1)
    for position, members in enumerate(rows.values()):
        campaign[list(members)] = position
        influence[list(members)] = 0.1
    return Examination(
        influence=influence,
        capped=np.ones(n),
        flagged=campaign >= 0,
        campaign=tuple(campaign.tolist()),
        reasons={row: (HASTE,) for row in range(n) if campaign[row] >= 0},
        campaigns=(
            a_campaign(UP, "east-hall", rows[UP], reasons=(LOCKSTEP, HASTE, GAP)),
            a_campaign(DOWN, "west-hall", rows[DOWN]),
            a_campaign(SMALL, "west-hall", rows[SMALL]),
        ),
        points=(),
    )


def a_campaign(
    code: str, point: str, rows: Sequence[int], *, reasons: tuple[Reason, ...] = (HASTE,)
) -> Campaign:
    """A campaign of one point, in the afternoon of the second day."""
    members = list(rows)
    here = np.arange(30) if point == "east-hall" else np.arange(30, 60)
    weight = np.where(np.isin(np.arange(60), [*range(12), *range(30, 44)]), 0.1, 1.0)
    counted, without = weight.copy(), weight.copy()
    counted[members], without[members] = 1.0, 0.0
    return Campaign(
        code=code,
        kind="point",
        place=point,
        rows=tuple(members),
        points=(point,),
        first=1440 + 14 * 60 + 5,
        last=1440 + 16 * 60,
        reasons=reasons,
        score_with=_mean(counted[here], scores()[here]),
        score_without=_mean(without[here], scores()[here]),
        similarity={"log_size": float(np.log(len(members))), "spread": float("nan")},
    )


def columns_of(row: RoundRow) -> Submissions:
    """The 60 responses as they were examined."""
    names = sorted(response_id(row.id, f"receipt {number}") for number in range(60))
    points = ["east-hall"] * 30 + ["west-hall"] * 30
    blank, unknown = np.full(60, "", np.str_), np.full(60, np.nan)
    return Submissions(
        identifier=np.array(names),
        point=np.array(points),
        district=blank,
        channel=np.full(60, "qr"),
        enumerator=blank,
        minute=unknown,
        device=blank,
        network=blank,
        client=blank,
        dwell=unknown[:, None],
        comment=blank,
        comment_length=unknown,
        answers=unknown[:, None],
        highest=np.ones(1),
        score=scores(),
        assured=np.zeros(60, bool),
    )


def _mean(weight: Floats, score: Floats) -> float:
    return float(weight @ score / weight.sum()) if weight.any() else float("nan")


def _response(row: RoundRow, name: str, point: str) -> ResponseRow:
    return ResponseRow(
        id=name,
        round_id=row.id,
        unit=point.removesuffix("-hall"),
        point=point,
        evidence="opt_in",
        survey="three_senses_short@1",
        channel="qr",
        assurance="open",
        answers={"Q1": 5, "Q2": ["a", "b"]},
        background={},
        weight=None,
        paradata={"seconds": 12, "network": "secret-network", "device": "phone"},
        submission_hash="0" * 64,
        body_digest="0" * 64,
    )
