"""Attacks that rest on real answers: borrowed, answered elsewhere, invented by enumerators."""

import numpy as np
from numpy.random import Generator

from app.anomaly.simulation.attacks.answering import borrowed, stepped
from app.anomaly.simulation.attacks.coming import (
    human_pace,
    mobile,
    nearby,
    no_words,
    office_hours,
    usual_clients,
    usual_times,
    words_of_people,
)
from app.anomaly.simulation.attacks.scene import Scene
from app.anomaly.simulation.attacks.strike import AttackKind, Forgery, Strike
from app.anomaly.simulation.town import new_labels
from app.survey.text import Text


def mimic(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """Good answers that somebody really gave, changed by a step in one to three items."""
    n, settings = strike.n, strike.settings
    comment, length = words_of_people(scene, n, dice)
    real = borrowed(scene, n, dice, above=settings["above"])
    return Forgery(
        point=np.full(n, strike.point),
        answers=stepped(scene, real, dice.integers(1, int(settings["changes"]) + 1, n), dice),
        minute=usual_times(scene, strike.point, n, dice, days=settings["days"]),
        device=new_labels(dice, n),
        network=mobile(scene, strike.point, n, dice),
        client=usual_clients(scene, n, dice),
        dwell=human_pace(scene, n, dice, quickest=0.8, slowest=1.1),
        comment=comment,
        comment_length=length,
    )


def clone_a_code(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """The point's code is put up in another district; people there rate what they know."""
    n, settings = strike.n, strike.settings
    away = [
        p for p in scene.points.tolist() if scene.district[p] != scene.district[strike.point]
    ]
    mean = np.array([scene.mean[p] for p in away])
    best = np.argsort(-mean)[: max(1, len(away) // 2)]
    there = str(away[int(dice.choice(best))])
    comment, length = words_of_people(scene, n, dice)
    return Forgery(
        point=np.full(n, strike.point),
        answers=scene.genuine.answers[dice.choice(scene.rows[there], n)].copy(),
        minute=usual_times(scene, there, n, dice, days=settings["days"]),
        device=new_labels(dice, n),
        network=nearby(scene, there, n, dice),
        client=usual_clients(scene, n, dice),
        dwell=human_pace(scene, n, dice, quickest=0.9, slowest=1.1),
        comment=comment,
        comment_length=length,
    )


def fabricate(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """An enumerator varies interviews that were really held instead of holding more."""
    n, settings = strike.n, strike.settings
    genuine = scene.genuine
    held = genuine.enumerator[scene.rows[strike.point]]
    names = np.unique(held[held != ""])
    if len(names) == 0:
        names = np.unique(genuine.enumerator[genuine.enumerator != ""])
    name = str(dice.choice(names))
    own = np.flatnonzero(genuine.enumerator == name)
    bases = dice.choice(own, max(1, min(len(own), round(n / settings["per_interview"]))))
    copied = dice.choice(bases, n)
    comment, length = no_words(n)
    changes = dice.integers(0, int(settings["changes"]) + 1, n)
    return Forgery(
        point=genuine.point[copied],
        answers=stepped(scene, genuine.answers[copied], changes, dice),
        minute=office_hours(scene, n, dice, days=settings["days"]),
        device=np.repeat(genuine.device[own[:1]], n),
        network=np.repeat(genuine.network[own[:1]], n),
        client=np.repeat(genuine.client[own[:1]], n),
        dwell=human_pace(scene, n, dice, quickest=settings["pace"], slowest=1.1),
        comment=comment,
        comment_length=length,
        enumerator=name,
    )


KINDS = (
    AttackKind(
        code="mimicry",
        name=Text(zh="仿造真实答卷", en="Mimicry of real answers"),
        does=Text(
            zh="取别人真实的高分答卷改动一到三题，样样像真人。",
            en="Good answers that somebody really gave, changed in one to three items.",
        ),
        leaves=Text(
            zh="几乎不留痕迹，只能靠上限、区间和抽样样本约束。",
            en="Nearly nothing: caps, bounds and a probability sample must hold it.",
        ),
        aim="up",
        size=150,
        ranges={"above": (0.55, 0.8), "changes": (1.0, 3.9), "days": (6.0, 20.0)},
        write=mimic,
    ),
    AttackKind(
        code="cloned_code",
        name=Text(zh="二维码移花接木", en="A code put up elsewhere"),
        does=Text(
            zh="把本点位的二维码张贴到外地口碑好的地方，由那里的真人来评。",
            en="A point's code is put up in another district, where real people rate what they "
            "know.",
        ),
        leaves=Text(
            zh="网络属于别的区县，本地网络变少。",
            en="Networks of another district, fewer of its own.",
        ),
        aim="up",
        size=120,
        ranges={"days": (4.0, 14.0)},
        write=clone_a_code,
        needs="districts",
    ),
    AttackKind(
        code="fabrication",
        name=Text(zh="调查员编造访谈", en="Fabricated interviews"),
        does=Text(
            zh="调查员把真做过的几份访谈改一改，充作更多访谈。",
            en="An enumerator varies a few interviews that were held instead of holding more.",
        ),
        leaves=Text(
            zh="同一调查员名下的访谈彼此过于相似。",
            en="Interviews of one enumerator that match each other too well.",
        ),
        aim="any",
        size=70,
        ranges={
            "per_interview": (8.0, 15.0),
            "changes": (1.0, 3.0),
            "days": (2.0, 6.0),
            "pace": (0.45, 0.7),
        },
        write=fabricate,
        needs="enumerators",
    ),
    AttackKind(
        code="careful_fabrication",
        name=Text(zh="精心编造访谈", en="Careful fabrication"),
        does=Text(
            zh="调查员从许多访谈出发，每份改四五题，用时正常，分散多日。",
            en="An enumerator starts from many interviews, changes up to five items of each, "
            "takes time and spreads them over days.",
        ),
        leaves=Text(
            zh="单份看不出；须按调查员整体比较并电话回访。",
            en="Nothing in a single interview: compare enumerators, and call people back.",
        ),
        aim="any",
        size=70,
        ranges={
            "per_interview": (1.0, 3.0),
            "changes": (4.0, 5.9),
            "days": (8.0, 20.0),
            "pace": (0.8, 1.0),
        },
        write=fabricate,
        needs="enumerators",
    ),
)
