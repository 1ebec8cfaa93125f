"""Attacks by programs: random answers, human-like answers, answers by a language model."""

import numpy as np
from numpy.random import Generator

from app.anomaly.simulation.attacks.answering import coherent, thoughtless, with_gaps
from app.anomaly.simulation.attacks.coming import (
    bursts,
    clicking,
    elsewhere,
    human_pace,
    mixed,
    mobile,
    no_words,
    office_hours,
    one_client,
    some_of,
    usual_clients,
    usual_times,
    words_of_people,
)
from app.anomaly.simulation.attacks.scene import DAY, Scene
from app.anomaly.simulation.attacks.strike import AttackKind, Forgery, Strike
from app.anomaly.simulation.town import new_labels
from app.survey.sample import Labels
from app.survey.text import Text

POINTS_OF_A_BOT = 5


def answer_at_random(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """A program goes round several points day and night over hired servers."""
    n, settings = strike.n, strike.settings
    comment, length = no_words(n)
    servers = new_labels(dice, max(1, int(settings["networks"])))
    return Forgery(
        point=_several(scene, strike, dice),
        answers=thoughtless(scene, n, dice, humped=settings["humped"]),
        minute=bursts(scene, n, dice, times=1, length=settings["days"] * DAY),
        device=new_labels(dice, n),
        network=some_of(servers, n, dice),
        client=one_client(scene, n, dice),
        dwell=clicking(scene, n, dice),
        comment=comment,
        comment_length=length,
    )


def answer_like_a_crowd(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """A program that waits as people do, and whose every item looks right by itself."""
    n, settings = strike.n, strike.settings
    comment, length = words_of_people(scene, n, dice)
    there = mobile(scene, strike.point, n, dice)
    return Forgery(
        point=_several(scene, strike, dice),
        answers=with_gaps(scene, thoughtless(scene, n, dice, humped=1.0), dice),
        minute=usual_times(scene, strike.point, n, dice, days=settings["days"]),
        device=new_labels(dice, n),
        network=mixed(
            there, elsewhere(scene, strike.point, n, dice), dice, share=settings["away"]
        ),
        client=usual_clients(scene, n, dice),
        dwell=human_pace(scene, n, dice, quickest=0.7, slowest=1.1),
        comment=comment,
        comment_length=length,
    )


def answer_coherently(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """A language model is told to be content: coherent, patient, over proxies at work."""
    n, settings = strike.n, strike.settings
    comment, length = words_of_people(scene, n, dice)
    proxies = new_labels(dice, max(1, int(settings["networks"])))
    level = dice.normal(settings["level"], 0.07, n)
    return Forgery(
        point=np.full(n, strike.point),
        answers=coherent(scene, level, dice, loose=settings["loose"]),
        minute=office_hours(scene, n, dice, days=settings["days"]),
        device=new_labels(dice, n),
        network=some_of(proxies, n, dice),
        client=usual_clients(scene, n, dice),
        dwell=human_pace(scene, n, dice, quickest=0.8, slowest=1.1),
        comment=comment,
        comment_length=length,
    )


def _several(scene: Scene, strike: Strike, dice: Generator) -> Labels:
    others = dice.permutation(scene.points[scene.points != strike.point])
    targets = np.concatenate([[strike.point], others[: POINTS_OF_A_BOT - 1]])
    return some_of(targets, strike.n, dice)


KINDS = (
    AttackKind(
        code="random_bots",
        name=Text(zh="随机作答程序", en="Bots with random answers"),
        does=Text(
            zh="程序昼夜不停地为多个点位随机作答，来自租用的服务器。",
            en="A program answers at random for several points, day and night, from hired "
            "servers.",
        ),
        leaves=Text(
            zh="答案前后矛盾、填得飞快、同一网络评多个点位。",
            en="Answers that contradict each other, speed, one network at many points.",
        ),
        aim="any",
        size=250,
        ranges={"humped": (0.0, 0.4), "days": (2.0, 6.0), "networks": (4.0, 16.0)},
        write=answer_at_random,
    ),
    AttackKind(
        code="patient_bots",
        name=Text(zh="仿真人程序", en="Bots that wait like people"),
        does=Text(
            zh="程序像真人一样停留，逐题看都像真的，网络与时段也像真的。",
            en="A program that waits like people; each item looks right, and so do networks "
            "and hours.",
        ),
        leaves=Text(
            zh="各题之间没有真人答卷的联系。",
            en="Items do not hang together as they do in a person.",
        ),
        aim="any",
        size=250,
        ranges={"days": (5.0, 14.0), "away": (0.2, 0.6)},
        write=answer_like_a_crowd,
    ),
    AttackKind(
        code="coherent_script",
        name=Text(zh="大模型代答", en="Answers by a language model"),
        does=Text(
            zh="让大模型扮演满意的群众：答案协调、用时正常，上班时间经代理网络提交。",
            en="A language model plays content people: coherent, at a human pace, over proxies "
            "in office hours.",
        ),
        leaves=Text(
            zh="陌生网络扎堆、多在上班时间、分数参差小于真人。",
            en="Strange networks together in office hours, and less spread than people have.",
        ),
        aim="up",
        size=150,
        ranges={
            "level": (0.8, 0.95),
            "loose": (0.6, 1.0),
            "days": (3.0, 8.0),
            "networks": (10.0, 60.0),
        },
        write=answer_coherently,
    ),
)
