"""Attacks by one hand with one device: at the counter, from a desk, as if helping."""

import numpy as np
from numpy.random import Generator

from app.anomaly.simulation.attacks.answering import coherent, near_full, with_gaps
from app.anomaly.simulation.attacks.coming import (
    clicking,
    human_pace,
    mobile,
    nearby,
    no_words,
    office_hours,
    one_after_another,
    one_client,
)
from app.anomaly.simulation.attacks.scene import Scene
from app.anomaly.simulation.attacks.strike import AttackKind, Forgery, Strike
from app.anomaly.simulation.town import new_labels
from app.survey.text import Text


def stuff(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """The same phone sends form after form for its own point."""
    n, settings = strike.n, strike.settings
    comment, length = no_words(n)
    return Forgery(
        point=np.full(n, strike.point),
        answers=near_full(scene, n, dice, concede=settings["concede"]),
        minute=one_after_another(scene, n, dice, gap=settings["gap"]),
        device=np.repeat(new_labels(dice, 1), n),
        network=np.repeat(nearby(scene, strike.point, 1, dice), n),
        client=one_client(scene, n, dice),
        dwell=clicking(scene, n, dice),
        comment=comment,
        comment_length=length,
    )


def turn_a_phone(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """Slow, about ten forms a day and phone, as if people were being helped."""
    n, settings = strike.n, strike.settings
    comment, length = no_words(n)
    phones = max(1, round(n / settings["per_phone"]))
    phone = np.sort(np.arange(n) % phones)
    minute = np.empty(n)
    for one in range(phones):
        count = int((phone == one).sum())
        minute[phone == one] = one_after_another(scene, count, dice, gap=settings["gap"])
    level = dice.normal(settings["level"], 0.06, n)
    return Forgery(
        point=np.full(n, strike.point),
        answers=with_gaps(scene, coherent(scene, level, dice), dice),
        minute=minute,
        device=new_labels(dice, phones)[phone],
        network=mobile(scene, strike.point, phones, dice)[phone],
        client=one_client(scene, n, dice),
        dwell=human_pace(scene, n, dice, quickest=1.1, slowest=1.6),
        comment=comment,
        comment_length=length,
    )


def run_a_kiosk(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """A device in the hall takes the answers of visitors, and of those who look after it."""
    n, settings = strike.n, strike.settings
    comment, length = no_words(n)
    pushed = dice.random(n) < settings["pushed"]
    own = np.clip(np.nan_to_num(scene.at(strike.point).score, nan=70.0) / 100, 0, 1)
    level = np.where(pushed, dice.normal(0.95, 0.05, n), dice.choice(own, n))
    return Forgery(
        point=np.full(n, strike.point),
        answers=with_gaps(scene, coherent(scene, level, dice), dice),
        minute=office_hours(scene, n, dice, days=settings["days"]),
        device=np.repeat(new_labels(dice, 1), n),
        network=np.repeat(nearby(scene, strike.point, 1, dice), n),
        client=one_client(scene, n, dice),
        dwell=human_pace(scene, n, dice, quickest=0.6, slowest=1.2),
        comment=comment,
        comment_length=length,
    )


KINDS = (
    AttackKind(
        code="stuffing",
        name=Text(zh="一机反复填", en="One phone, many forms"),
        does=Text(
            zh="同一部手机为本单位一份接一份地填，几乎全是满分。",
            en="One phone sends form after form for its own point, nearly all full marks.",
        ),
        leaves=Text(
            zh="同一设备、同一网络，答案雷同，填得飞快。",
            en="One device, one network, the same answers, great speed.",
        ),
        aim="up",
        size=40,
        ranges={"concede": (0.0, 0.12), "gap": (1.0, 6.0)},
        write=stuff,
    ),
    AttackKind(
        code="turned_phone",
        name=Text(zh="冒充帮填手机", en="Phones that pretend to help"),
        does=Text(
            zh="仿照志愿者帮老人填表：每部手机慢慢填十份左右，答案都偏高且彼此协调。",
            en="Like a volunteer who helps the elderly: about ten slow forms a phone, all of "
            "them good and coherent.",
        ),
        leaves=Text(
            zh="一个点位的「帮填」手机多于常情，且分数都高。",
            en="More helping phones at a point than is usual, and only good answers on them.",
        ),
        aim="up",
        size=44,
        ranges={"per_phone": (9.0, 13.0), "gap": (6.0, 14.0), "level": (0.85, 0.97)},
        write=turn_a_phone,
    ),
    AttackKind(
        code="kiosk",
        name=Text(zh="大厅自助机掺假", en="A kiosk with helping hands"),
        does=Text(
            zh="大厅里的自助机既有群众真填的，也有工作人员补填的高分。",
            en="A device in the hall takes real visitors' answers, and good ones by those who "
            "look after it.",
        ),
        leaves=Text(
            zh="同一设备、同一网络，高分比同点位其他答卷多。",
            en="One device and network, with more good answers than others at the point.",
        ),
        aim="up",
        size=90,
        ranges={"pushed": (0.4, 0.9), "days": (3.0, 12.0)},
        write=run_a_kiosk,
    ),
)
