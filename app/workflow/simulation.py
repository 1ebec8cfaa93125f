"""Simulated answers for the demonstration: plausible, seeded, and marked as simulated.

They go in through the same door as everybody's answers and carry the channel `simulated`,
which every result page shows. Nothing outside the demonstration uses this.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.random import Generator

from app.survey.answers import read_answers
from app.survey.definition import Item, Survey
from app.survey.paradata import Paradata, five_minute_slot, keyed_hash
from app.workflow.arrivals import Submission
from app.workflow.places import Place

SHARE_DONT_KNOW = 0.05
SHARE_LEFT_OUT = 0.03
SHARE_BACKGROUND_LEFT_OUT = 0.1
DEVICES = ("app", "android", "ios", "computer", "other")
DEVICE_SHARES = (0.55, 0.25, 0.12, 0.06, 0.02)


def simulated_submissions(
    place: Place, *, count: int, mood: float, seed: int, before: datetime
) -> Iterator[Submission]:
    """`count` submissions at a place in the 20 days before a moment; `mood` shifts all."""
    chance = np.random.default_rng([seed, *place.code.encode()])
    for number in range(count):
        person = mood + chance.normal(0, 0.7)
        form = {
            item.code: [answer]
            for item in place.survey.items.values()
            if (answer := _answer(place.survey, item, person, chance))
        }
        moment = before - timedelta(minutes=int(chance.integers(5, 20 * 24 * 60)))
        network = f"198.51.{chance.integers(0, 250)}.0/24"
        device = str(chance.choice(DEVICES, p=DEVICE_SHARES))
        yield Submission(
            once=f"simulated-{seed}-{place.code}-{number}",
            body_digest=hashlib.sha256(repr(sorted(form.items())).encode()).hexdigest(),
            answers=read_answers(place.survey, form).answers,
            paradata=Paradata(
                slot=five_minute_slot(moment),
                seconds=int(np.clip(chance.lognormal(4.9, 0.4), 30, 600)),
                device=keyed_hash(place.key, "device", device),
                network=keyed_hash(place.key, "network", network),
                mode="page",
            ),
            channel="simulated",
        )


def _answer(survey: Survey, item: Item, person: float, chance: Generator) -> str:
    if item.kind in {"text", "multiple"}:
        return ""
    scale = survey.scale_of(item)
    if scale.score_map is None:
        return _background_answer([option.code for option in scale.options], chance)
    draw = chance.random()
    if draw < SHARE_LEFT_OUT:
        return ""
    if draw < SHARE_LEFT_OUT + SHARE_DONT_KNOW and scale.dont_know is not None:
        return str(scale.dont_know.code)
    best_first = list(scale.codes) if scale.options else list(reversed(scale.codes))
    # A reversed item is worded so that agreeing is bad: contentment moves to the other end.
    towards_best = -person if item.reversed else person
    position = (len(best_first) - 1) * (0.5 - 0.22 * (towards_best + chance.normal(0, 0.8)))
    return str(best_first[int(np.clip(round(position), 0, len(best_first) - 1))])


def _background_answer(codes: Sequence[int], chance: Generator) -> str:
    return "" if chance.random() < SHARE_BACKGROUND_LEFT_OUT else str(chance.choice(codes))
