"""A small invented round of honest people only, to try the examination and attacks on.

It is of its own making: what is measured on it is not measured on the rounds against which
the screening is judged, and neither promises the same of a real one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from app.anomaly.simulation.crowd import Crowd, join_crowds, shuffled
from app.anomaly.simulation.honest import (
    click_through,
    help_with_one_phone,
    hold_events,
    hold_interviews,
    share_phones,
    take_desks,
)
from app.anomaly.simulation.hours import (
    DAY,
    kept_seconds,
    reading_seconds,
    slots,
    usual_minutes,
)
from app.anomaly.simulation.people import (
    Questionnaire,
    answer,
    answer_straight,
    come_by_themselves,
    leave_out,
    thoughts,
    write_questionnaire,
)
from app.anomaly.simulation.town import Town, WorldSettings, found_town, new_labels
from app.anomaly.submissions import Reference, Submissions, mean_places
from app.survey.sample import Flags, Floats, Labels

CLIENTS = ("android", "ios", "harmony", "browser")
CLIENT_SHARES = (0.45, 0.27, 0.2, 0.08)
POPULATION = 3
"""People of a point for each who answers."""
AFFECTED = 0.18
"""Share of a point's people whom an incident concerns."""
STOCK_WORDS = 20


@dataclass(frozen=True, slots=True)
class Invented:
    """An invented round with what nobody knows of a real one."""

    submissions: Submissions
    group: Labels
    """Why honest people may look odd: alone, office, family, volunteer, event, incident …"""
    reference: Reference
    """A probability sample of the same people."""


@dataclass(frozen=True, slots=True)
class Residents:
    """The people of one point: what they think and answer, and whom an incident concerns."""

    thought: Floats
    answers: Floats
    angry: Flags
    since: float
    """Minute of the incident; NaN without one."""


def invent_round(settings: WorldSettings, seed: int) -> Submissions:
    """The responses of an invented round, all of them honest."""
    return invent(settings, seed).submissions


def invent(settings: WorldSettings, seed: int) -> Invented:
    """An invented round with the groups of its people and a probability sample."""
    dice = np.random.default_rng(seed)
    town = found_town(settings, dice)
    asked = write_questionnaire(settings, dice)
    struck = dice.choice(len(town.points), settings.incidents, replace=False, p=town.size)
    since = np.full(len(town.points), np.nan)
    since[struck] = dice.uniform(0.3, 0.7, len(struck)) * settings.days * DAY
    crowds, samples = [], []
    for place in range(len(town.points)):
        residents = _settle(settings, town, place=place, since=since[place], dice=dice)
        residents = _ask(residents, asked, dice)
        samples.append(residents.answers[dice.choice(len(residents.angry), settings.sampled)])
        crowds.append(_arrive(settings, town, residents, place=place, dice=dice))
    crowd = shuffled(join_crowds(crowds), dice)
    take_desks(crowd, town, dice)
    hold_interviews(crowd, settings, town=town, dice=dice)
    share_phones(crowd, settings, town=town, dice=dice)
    help_with_one_phone(crowd, settings, town=town, dice=dice)
    hold_events(crowd, settings, town=town, dice=dice)
    click_through(crowd, settings, dice=dice)
    where = np.repeat(town.points, settings.sampled)
    return _told(settings, crowd, reference=(where, np.vstack(samples)), dice=dice)


def _settle(
    settings: WorldSettings, town: Town, *, place: int, since: float, dice: Generator
) -> Residents:
    """The people of a point before they are asked; anger takes them differently."""
    n = max(settings.sampled, round(settings.responses * town.size[place])) * POPULATION
    mood = np.repeat(town.mood[[place]], n, axis=0)
    angry = (dice.random(n) < AFFECTED) & ~np.isnan(since)
    blow = dice.gamma(3.0, 0.35, (n, 1)) * dice.normal(1.8, 0.4, mood.shape)
    thought = thoughts(mood, dice) - np.where(angry[:, None], blow, 0.0)
    return Residents(thought, np.empty((0, 0)), angry, since)


def _ask(residents: Residents, asked: Questionnaire, dice: Generator) -> Residents:
    answers = answer(asked, residents.thought, dice)
    return Residents(residents.thought, answers, residents.angry, residents.since)


def _arrive(
    settings: WorldSettings, town: Town, residents: Residents, *, place: int, dice: Generator
) -> Crowd:
    """Those who answer at a point, everybody alone; after an incident its people hurry in."""
    rows = come_by_themselves(residents.thought, len(residents.angry) // POPULATION, dice)
    wave = np.setdiff1d(np.flatnonzero(residents.angry), rows)
    came = np.concatenate([rows, wave[: 2 * len(wave) // 3]])
    n, angry = len(came), residents.angry[came]
    minute = usual_minutes(dice, n, days=settings.days)
    late = residents.since + dice.exponential(1.2 * DAY, n)
    point, district = str(town.points[place]), str(town.district[place])
    straight = dice.random(n) < settings.straight
    answers = answer_straight(residents.answers[came], straight)
    seconds = reading_seconds(dice, n, settings.items)
    seconds *= np.where(straight, 0.65, np.where(angry, 1.15, 1.0))[:, None]
    mobile = town.mobile[district]
    heavy = 1.0 / np.arange(1, len(mobile) + 1) ** 0.7
    network = dice.choice(mobile, n, p=heavy / heavy.sum()).astype(object)
    network = np.where(dice.random(n) < 0.33, dice.choice(town.homes[point], n), network)
    network = np.where(dice.random(n) < 0.06, town.hall[point], network)
    return Crowd(
        point=np.full(n, point, object),
        district=np.full(n, district, object),
        group=np.where(angry, "incident", "alone").astype(object),
        thought=residents.thought[came],
        answers=answers,
        minute=np.where(angry, late, minute),
        device=new_labels(dice, n).astype(object),
        network=network,
        client=dice.choice(CLIENTS, n, p=CLIENT_SHARES).astype(object),
        dwell=seconds,
        channel=np.full(n, "code", object),
        enumerator=np.full(n, "", object),
    )


def _told(
    settings: WorldSettings,
    crowd: Crowd,
    *,
    reference: tuple[Labels, Floats],
    dice: Generator,
) -> Invented:
    """The crowd as a platform keeps it, in the order of identifiers, which say nothing."""
    n = len(crowd.point)
    highest = np.full(crowd.answers.shape[1], settings.levels - 1.0)
    answers = leave_out(crowd.answers, dice)
    score = mean_places(answers, highest)
    comment, length = _write_comments(score, crowd.group == "incident", dice)
    seconds = crowd.dwell.copy()
    seconds[:, -1] += 0.7 * np.minimum(length, 80)
    columns = Submissions(
        identifier=np.sort(new_labels(dice, n)),
        point=crowd.point.astype(np.str_),
        district=crowd.district.astype(np.str_),
        channel=crowd.channel.astype(np.str_),
        enumerator=crowd.enumerator.astype(np.str_),
        minute=slots(crowd.minute, settings.days),
        device=crowd.device.astype(np.str_),
        network=crowd.network.astype(np.str_),
        client=crowd.client.astype(np.str_),
        dwell=kept_seconds(seconds),
        comment=comment,
        comment_length=length,
        answers=answers,
        highest=highest,
        score=score,
        assured=np.zeros(n, bool),
    )
    where, sampled = reference
    sample = Reference(where, sampled, highest, mean_places(sampled, highest))
    return Invented(columns, crowd.group.astype(np.str_), sample)


def _write_comments(score: Floats, angry: Flags, dice: Generator) -> tuple[Labels, Floats]:
    """Comments by hash and length: a quarter are stock words that many use."""
    n = len(score)
    has = dice.random(n) < 0.06 + 0.2 * (score < 45) + 0.2 * angry
    stock = np.minimum(dice.zipf(1.7, n), STOCK_WORDS) - 1
    usual = dice.random(n) < 0.25
    words = np.where(usual, new_labels(dice, STOCK_WORDS)[stock], new_labels(dice, n))
    length = np.where(usual, 2.0 + stock % 6, np.clip(dice.lognormal(2.8, 0.7, n), 3, 300))
    return np.where(has, words, ""), np.where(has, np.round(length), 0.0)
