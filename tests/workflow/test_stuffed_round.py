"""A whole round through processing: a stuffed point does not move, an honest one neither.

The people are those of the demonstration's simulation, a hundred at each of eight points.
One point is stuffed from one network within an hour, by forty hurried copies.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from screening_case import frozen_of

from app.anomaly.decisions import Standing
from app.survey.sample import RawResponse
from app.workflow.freezing import digest_of, meaning_of
from app.workflow.places import Place
from app.workflow.processing import Material, compute
from app.workflow.review.verdicts import NOTHING_DECIDED, Verdicts
from app.workflow.simulation import simulated_submissions
from world import DEFINITIONS, NOW

STUFFED = "hall-2-1"
A_POINT = 100
MOODS = {"area-1": 0.5, "area-2": -0.2, "area-3": 0.1, "area-4": 0.4}


@cache
def demo_round() -> Any:
    """The demonstration's open round, without its composite score."""
    text = (DEFINITIONS / "plans" / "demo_senses.yaml").read_text(encoding="utf-8")
    start, end = text.index("composite:"), text.index("confidence:")
    return frozen_of(text[:start] + text[end:])


@cache
def honest() -> tuple[RawResponse, ...]:
    """Everybody who answered for themselves."""
    frozen = demo_round()
    units = {unit.code: unit for unit in frozen.plan.units}
    found = []
    for point in frozen.plan.points:
        place = Place(
            code=point.code, point=point, unit=units[point.unit], round_id=1,
            round_code=frozen.code, state="open", is_withdrawn=False, plan=frozen.plan,
            survey=frozen.survey, survey_digest="", key=b"k" * 32,
        )  # fmt: skip
        sent = simulated_submissions(
            place, count=A_POINT, mood=MOODS[point.unit], seed=7, before=NOW
        )
        for number, submission in enumerate(sent):
            paradata = submission.paradata
            found.append(
                RawResponse(
                    identifier=f"{point.code}-{number:04}",
                    unit=point.unit,
                    point=point.code,
                    evidence="opt_in",
                    channel="qr",
                    answers=submission.answers,
                    seconds=paradata.seconds,
                    slot=paradata.slot,
                    device=paradata.device,
                    network=paradata.network,
                )
            )
    return tuple(found)


def stuffing(n: int = 40) -> list[RawResponse]:
    """Copies of one content answer, one or two items apart, within an hour from one network."""
    frozen, dice = demo_round(), np.random.default_rng(5)
    like = next(r for r in honest() if r.point == STUFFED)
    best: dict[str, Any] = {}
    for item in frozen.survey.items.values():
        if item.scale in frozen.maps_by_scale and item.kind == "single":
            codes = frozen.survey.scale_of(item).codes
            best[item.code] = codes[-1] if item.reversed else codes[0]
    copies = []
    for number in range(n):
        answers = dict(best)
        for item in dice.choice(sorted(best), 2, replace=False):
            codes = frozen.survey.scale_of(frozen.survey.items[item]).codes
            answers[item] = codes[-2] if frozen.survey.items[item].reversed else codes[1]
        slot = f"2026-11-12T02:{5 * int(dice.integers(0, 12)):02}Z"
        copies.append(
            replace(
                like, identifier=f"stuffed-{number:04}", answers=answers, network="one",
                slot=slot, seconds=int(dice.integers(20, 30)),
            )
        )  # fmt: skip
    return copies


def computed(responses: Sequence[RawResponse], verdicts: Verdicts = NOTHING_DECIDED) -> Any:
    material = Material(demo_round(), responses, {}, verdicts)
    return compute(material, seed=3, code_version="x")


@cache
def document(stuffed: int) -> Any:
    """The result of the round with so many stuffed answers."""
    return json.loads(computed([*honest(), *stuffing(stuffed)]).document)


def score_of(found: Any, unit: str) -> Any:
    wanted = ("indicator", "senses", "unit", unit)
    [entry] = [
        e
        for e in found["estimates"]
        if (e["measure"], e["code"], e["domain"], e["domain_code"]) == wanted
    ]
    return entry


def point_of(found: Any, code: str) -> Any:
    return next(p for p in found["screening"]["company"]["points"] if p["point"] == code)


def test_a_stuffed_point_does_not_move():
    clean, stuffed = point_of(document(0), STUFFED), point_of(document(40), STUFFED)
    assert stuffed["raw"] - clean["raw"] > 5, "uncapped it would have"
    assert abs(stuffed["decided"] - clean["raw"]) < 1
    assert stuffed["low"] <= clean["raw"] <= stuffed["high"]


def test_the_published_score_of_its_unit_does_not_move_either():
    clean, stuffed = score_of(document(0), "area-2"), score_of(document(40), "area-2")
    assert stuffed["screened"]["raw"] - clean["screened"]["raw"] > 3
    assert abs(stuffed["value"] - clean["value"]) < 1
    assert stuffed["screened"]["low"] <= clean["value"] <= stuffed["screened"]["high"]


def test_the_stuffed_answers_are_told_as_groups_with_their_effect():
    told = document(40)["screening"]["company"]["campaigns"]
    assert sum(campaign["n"] for campaign in told) >= 30
    assert all(len(campaign["reasons"]) >= 1 for campaign in told)
    assert max(campaign["effect"] for campaign in told) > 2


def test_honest_people_keep_their_word():
    found = document(0)["screening"]["company"]
    assert found["flagged"] <= 0.01 * found["responses"]
    for point in found["points"]:
        assert abs(point["decided"] - point["raw"]) < 1
    for point in document(40)["screening"]["company"]["points"]:
        if point["point"] != STUFFED:
            assert abs(point["decided"] - point_of(document(0), point["point"])["raw"]) < 1


def test_the_same_answers_in_any_order_give_the_same_bytes():
    responses = [*honest(), *stuffing()]
    assert computed(responses).document == computed(responses[::-1]).document


@pytest.mark.parametrize(("verdict", "counts"), [("keep", True), ("exclude", False)])
def test_what_people_decide_enters_the_numbers_and_is_named(verdict, counts):
    campaigns = computed([*honest(), *stuffing()]).company.found.campaigns
    stands = Standing(verdict, by=1, alone=False, audit=False, waiting=())
    decided = Verdicts({one.code: stands for one in campaigns}, last=9, count=9, digest="d")
    found = json.loads(computed([*honest(), *stuffing()], decided).document)
    assert found["run"]["decisions"] == {"last": 9, "count": 9, "digest": "d"}
    stuffed, clean = point_of(found, STUFFED), point_of(document(0), STUFFED)
    assert (stuffed["decided"] - clean["raw"] > 2) == counts
    assert (stuffed["excluded"] > 0) != counts


def test_a_plan_that_asks_for_no_company_says_nothing_of_it():
    frozen = demo_round()
    plan = frozen.plan.model_copy(
        update={"screening": frozen.plan.screening.model_copy(update={"company": None})}
    )
    other = replace(frozen, plan=plan)
    other = replace(other, plan_digest=digest_of(meaning_of(other)))
    text = compute(Material(other, honest(), {}), seed=3, code_version="x").document
    assert not any(f'"{key}":' in text for key in ("company", "screened", "decisions"))
