"""Attacks on somebody else: crowds that are called upon to give bad marks."""

import numpy as np
from numpy.random import Generator

from app.anomaly.simulation.attacks.answering import coherent, with_gaps
from app.anomaly.simulation.attacks.coming import (
    bursts,
    elsewhere,
    human_pace,
    mixed,
    mobile,
    no_words,
    usual_clients,
    usual_times,
    words_from_a_list,
    words_of_people,
)
from app.anomaly.simulation.attacks.scene import Scene
from app.anomaly.simulation.attacks.strike import AttackKind, Forgery, Strike
from app.anomaly.simulation.town import new_labels
from app.survey.text import Text


def brigade(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """Within hours a crowd gives the lowest marks, in haste, with texts from a list."""
    n, settings = strike.n, strike.settings
    comment, length = words_from_a_list(
        n, dice, texts=settings["texts"], share=settings["commenting"]
    )
    items = len(scene.genuine.highest)
    softer = dice.random((n, items)) < dice.beta(1.2, 6.0, (n, 1)) * settings["soft"]
    here, away = (place(scene, strike.point, n, dice) for place in (mobile, elsewhere))
    return Forgery(
        point=np.full(n, strike.point),
        answers=np.minimum(softer.astype(float), scene.genuine.highest),
        minute=bursts(scene, n, dice, times=1, length=settings["hours"] * 60),
        device=new_labels(dice, n),
        network=mixed(here, away, dice, share=settings["away"]),
        client=usual_clients(scene, n, dice),
        dwell=human_pace(scene, n, dice, quickest=0.3, slowest=0.75),
        comment=comment,
        comment_length=length,
    )


def brigade_mildly(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """Over a week or two a crowd gives marks below the middle, without a word."""
    n, settings = strike.n, strike.settings
    comment, length = no_words(n)
    highest = scene.genuine.highest
    middle = dice.random((n, len(highest))) < dice.beta(2.0, 2.0, (n, 1))
    answers = np.where(middle, np.round(highest / 2), np.round(highest / 4))
    here, away = (place(scene, strike.point, n, dice) for place in (mobile, elsewhere))
    return Forgery(
        point=np.full(n, strike.point),
        answers=with_gaps(scene, answers, dice),
        minute=usual_times(scene, strike.point, n, dice, days=settings["days"]),
        device=new_labels(dice, n),
        network=mixed(here, away, dice, share=settings["away"]),
        client=usual_clients(scene, n, dice),
        dwell=human_pace(scene, n, dice, quickest=0.5, slowest=1.0),
        comment=comment,
        comment_length=length,
    )


def defame(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """A few bad answers a day through the whole round, coherent, with words of their own."""
    n, settings = strike.n, strike.settings
    comment, length = words_of_people(scene, n, dice)
    level = dice.normal(settings["level"], 0.1, n)
    return Forgery(
        point=np.full(n, strike.point),
        answers=with_gaps(scene, coherent(scene, level, dice), dice),
        minute=usual_times(scene, strike.point, n, dice, days=scene.days),
        device=new_labels(dice, n),
        network=mobile(scene, strike.point, n, dice),
        client=usual_clients(scene, n, dice),
        dwell=human_pace(scene, n, dice, quickest=0.7, slowest=1.1),
        comment=comment,
        comment_length=length,
    )


KINDS = (
    AttackKind(
        code="brigading",
        name=Text(zh="恶意集中差评", en="Brigading"),
        does=Text(
            zh="有人号召一群人在几小时内给一个点位打最低分，评语照抄。",
            en="A crowd is called upon to give one point the lowest marks within hours, with "
            "copied texts.",
        ),
        leaves=Text(
            zh="短时扎堆、匆忙、评语雷同、许多人在外地。",
            en="A burst in haste, copied texts, many from elsewhere.",
        ),
        aim="down",
        size=120,
        ranges={
            "hours": (3.0, 14.0),
            "soft": (0.6, 1.5),
            "texts": (4.0, 12.0),
            "commenting": (0.3, 0.6),
            "away": (0.3, 0.8),
        },
        write=brigade,
    ),
    AttackKind(
        code="mild_brigading",
        name=Text(zh="温和集中差评", en="Mild brigading"),
        does=Text(
            zh="一两周内陆续打中下分，不写评语。",
            en="Marks below the middle over a week or two, without a word.",
        ),
        leaves=Text(
            zh="答案参差小、外地网络多；与真实不满很难区分。",
            en="Little spread and strange networks; hard to tell from real discontent.",
        ),
        aim="down",
        size=100,
        ranges={"days": (6.0, 16.0), "away": (0.2, 0.6)},
        write=brigade_mildly,
    ),
    AttackKind(
        code="defamation",
        name=Text(zh="长期抹黑", en="Slow defamation"),
        does=Text(
            zh="整轮调查中每天掺入几份低分，样样像真人。",
            en="A few bad answers a day through the whole round, in everything like people's.",
        ),
        leaves=Text(
            zh="几乎不留痕迹；低分默认保留，只能靠上限、区间和抽样样本约束。",
            en="Nearly nothing, and bad answers are kept by default: caps, bounds and a "
            "probability sample must hold it.",
        ),
        aim="down",
        size=160,
        ranges={"level": (0.1, 0.35)},
        write=defame,
    ),
)
