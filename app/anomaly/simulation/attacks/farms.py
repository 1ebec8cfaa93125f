"""Attacks that are bought: farms of devices, their bursts, people paid by the review."""

import numpy as np
from numpy.random import Generator

from app.anomaly.simulation.attacks.answering import coherent, near_full, stepped, with_gaps
from app.anomaly.simulation.attacks.coming import (
    bursts,
    clicking,
    evenings,
    human_pace,
    mixed,
    mobile,
    nearby,
    no_words,
    one_client,
    some_of,
    usual_clients,
)
from app.anomaly.simulation.attacks.scene import Scene
from app.anomaly.simulation.attacks.strike import AttackKind, Forgery, Strike
from app.anomaly.simulation.town import new_labels
from app.survey.text import Text

POINTS_PER_TRADER = 4


def run_a_farm(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """Full marks in one burst from devices that change their number, on a few networks."""
    n, settings = strike.n, strike.settings
    comment, length = no_words(n)
    devices = new_labels(dice, max(1, int(n / settings["reuse"])))
    networks = new_labels(dice, max(1, int(settings["networks"])))
    return Forgery(
        point=np.full(n, strike.point),
        answers=near_full(scene, n, dice, concede=settings["concede"]),
        minute=bursts(scene, n, dice, times=1, length=settings["length"]),
        device=some_of(devices, n, dice),
        network=some_of(networks, n, dice),
        client=one_client(scene, n, dice),
        dwell=clicking(scene, n, dice),
        comment=comment,
        comment_length=length,
    )


def run_a_home_farm(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """Rented home connections, some evenings, every other form at a human pace."""
    n, settings = strike.n, strike.settings
    comment, length = no_words(n)
    exits = new_labels(dice, max(6, round(n / settings["per_network"])))
    slow = human_pace(scene, n, dice, quickest=0.5, slowest=1.0)
    patient = dice.random((n, 1)) < settings["patient"]
    answers = near_full(scene, n, dice, concede=settings["concede"], doubt=0.02)
    return Forgery(
        point=np.full(n, strike.point),
        answers=with_gaps(scene, answers, dice, share=0.5),
        minute=evenings(scene, n, dice, days=settings["days"]),
        device=new_labels(dice, n),
        network=mixed(
            some_of(exits, n, dice), mobile(scene, strike.point, n, dice), dice, share=0.3
        ),
        client=usual_clients(scene, n, dice),
        dwell=np.where(patient, slow, clicking(scene, n, dice)),
        comment=comment,
        comment_length=length,
    )


def tick_straight(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """Half tick the best throughout, half the second best, some with one item elsewhere."""
    n, settings = strike.n, strike.settings
    comment, length = no_words(n)
    second = (dice.random((n, 1)) < settings["second"]).astype(float)
    answers = np.maximum(scene.genuine.highest - second, 0.0)
    odd = (dice.random(n) < settings["odd"]).astype(np.int64)
    networks = nearby(scene, strike.point, max(2, n // 6), dice)
    slow = human_pace(scene, n, dice, quickest=0.5, slowest=0.9)
    return Forgery(
        point=np.full(n, strike.point),
        answers=stepped(scene, answers, odd, dice),
        minute=bursts(
            scene, n, dice, times=n / settings["per_burst"], length=settings["length"]
        ),
        device=new_labels(dice, n),
        network=some_of(networks, n, dice),
        client=usual_clients(scene, n, dice),
        dwell=np.where(dice.random((n, 1)) < 0.5, slow, clicking(scene, n, dice)),
        comment=comment,
        comment_length=length,
    )


def trade_reviews(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """People who are paid rate several points each from their own phone, well and fast."""
    n, settings = strike.n, strike.settings
    comment, length = no_words(n)
    others = scene.points[scene.points != strike.point]
    bought = dice.permutation(others)[: POINTS_PER_TRADER - 1]
    targets = np.concatenate([[strike.point], bought])
    people = max(1, n // POINTS_PER_TRADER)
    trader = dice.integers(0, people, n)
    level = dice.normal(settings["level"], 0.08, people)[trader]
    return Forgery(
        point=some_of(targets, n, dice),
        answers=coherent(scene, level, dice, loose=0.8),
        minute=evenings(scene, people, dice, days=settings["days"])[trader]
        + dice.uniform(0, 90, n),
        device=new_labels(dice, people)[trader],
        network=mobile(scene, strike.point, people, dice)[trader],
        client=usual_clients(scene, people, dice)[trader],
        dwell=human_pace(scene, n, dice, quickest=0.4, slowest=0.9),
        comment=comment,
        comment_length=length,
    )


KINDS = (
    AttackKind(
        code="farm",
        name=Text(zh="刷单设备群", en="Device farm"),
        does=Text(
            zh="刷单者不断更换设备编号，在一两个小时内集中刷出满分。",
            en="Devices that change their number send full marks within an hour or two.",
        ),
        leaves=Text(
            zh="短时高峰、答案雷同、网络很少、填得飞快。",
            en="A burst, copies, few networks, great speed.",
        ),
        aim="up",
        size=140,
        ranges={
            "concede": (0.0, 0.05),
            "length": (40.0, 240.0),
            "reuse": (1.0, 4.0),
            "networks": (1.0, 4.0),
        },
        write=run_a_farm,
    ),
    AttackKind(
        code="home_farm",
        name=Text(zh="住宅网络刷单", en="Farm on rented home networks"),
        does=Text(
            zh="租用住宅宽带出口，连续几晚刷高分，一半答卷用时与真人相近。",
            en="Rented home connections, some evenings, good marks, half at a human pace.",
        ),
        leaves=Text(
            zh="从未见过的网络扎堆出现，高分答案彼此相近。",
            en="Networks that nobody else uses, all at once, with answers that are alike.",
        ),
        aim="up",
        size=130,
        ranges={
            "concede": (0.05, 0.25),
            "days": (2.0, 5.0),
            "per_network": (2.0, 6.0),
            "patient": (0.3, 0.8),
        },
        write=run_a_home_farm,
    ),
    AttackKind(
        code="straight_bursts",
        name=Text(zh="整列打勾", en="Straight ticks in bursts"),
        does=Text(
            zh="分批集中填写，一半全选最好，一半全选次好，夹杂个别不同。",
            en="In bursts, half tick the best throughout and half the second best, with a "
            "stray answer here and there.",
        ),
        leaves=Text(
            zh="高峰时段内整列相同的答卷远多于平常。",
            en="Within a burst far more straight rows than people give.",
        ),
        aim="up",
        size=120,
        ranges={
            "second": (0.35, 0.65),
            "odd": (0.1, 0.6),
            "per_burst": (25.0, 80.0),
            "length": (60.0, 240.0),
        },
        write=tick_straight,
    ),
    AttackKind(
        code="review_trade",
        name=Text(zh="有偿好评", en="Reviews for pay"),
        does=Text(
            zh="拿报酬的人用自己的手机，一人给好几个点位打高分。",
            en="People who are paid rate several points each, well, on their own phones.",
        ),
        leaves=Text(
            zh="同一设备短时间内评价多个点位。",
            en="One device that rates several points within hours.",
        ),
        aim="up",
        size=160,
        ranges={"level": (0.8, 0.97), "days": (6.0, 20.0)},
        write=trade_reviews,
    ),
)
