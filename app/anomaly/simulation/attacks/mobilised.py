"""Attacks by real people who were told to: staff, their relatives, coached households."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.anomaly.simulation.attacks.answering import near_full, stepped, with_gaps
from app.anomaly.simulation.attacks.coming import (
    evenings,
    human_pace,
    mixed,
    mobile,
    nearby,
    office_hours,
    usual_clients,
    usual_times,
    words_of_people,
)
from app.anomaly.simulation.attacks.scene import Scene
from app.anomaly.simulation.attacks.strike import AttackKind, Forgery, Strike
from app.anomaly.simulation.town import new_labels
from app.survey.sample import Floats, Labels
from app.survey.text import Text

MOST_DEVIATIONS = 3


def mobilise_at_work(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """Staff answer for their own point in office hours, most from the office's network."""
    n, settings = strike.n, strike.settings
    desk = np.repeat(new_labels(dice, 1), n)
    return _by_people(
        scene,
        strike,
        dice,
        minute=office_hours(scene, n, dice, days=settings["days"]),
        network=mixed(mobile(scene, strike.point, n, dice), desk, dice, share=settings["desk"]),
    )


def mobilise_at_home(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """Staff and their families answer in the evening, each from home."""
    n, settings = strike.n, strike.settings
    homes = mixed(
        mobile(scene, strike.point, n, dice),
        nearby(scene, strike.point, n, dice),
        dice,
        share=0.6,
    )
    return _by_people(
        scene,
        strike,
        dice,
        minute=evenings(scene, n, dice, days=settings["days"]),
        network=homes,
    )


def drip(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """A few a day through the whole round, at the hours when everybody comes."""
    n = strike.n
    return _by_people(
        scene,
        strike,
        dice,
        minute=usual_times(scene, strike.point, n, dice, days=scene.days),
        network=mobile(scene, strike.point, n, dice),
    )


def coach(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """Households follow a sheet of answers; most leave it in up to three items."""
    n, settings = strike.n, strike.settings
    sheet = np.tile(write_sheet(scene, dice, lower=int(settings["lower"])), (n, 1))
    answers = stepped(scene, sheet, deviations(n, dice, exact=settings["exact"]), dice)
    forgery = drip(scene, Strike(strike.point, n, {"concede": 0.1}), dice)
    return Forgery(
        point=forgery.point,
        answers=with_gaps(scene, answers, dice, share=0.5),
        minute=usual_times(scene, strike.point, n, dice, days=settings["days"]),
        device=forgery.device,
        network=nearby(scene, strike.point, n, dice),
        client=forgery.client,
        dwell=forgery.dwell,
        comment=forgery.comment,
        comment_length=forgery.comment_length,
    )


def mint_rights(scene: Scene, strike: Strike, dice: Generator) -> Forgery:
    """Staff enter visits that never were and answer with the rights they are given."""
    n, settings = strike.n, strike.settings
    forgery = _by_people(
        scene,
        strike,
        dice,
        minute=office_hours(scene, n, dice, days=settings["days"]),
        network=nearby(scene, strike.point, n, dice),
    )
    columns = {name: getattr(forgery, name) for name in Forgery.__slots__}
    return Forgery(**{**columns, "assured": True})


def write_sheet(scene: Scene, dice: Generator, *, lower: int) -> Floats:
    """The answers households are told: the best, and `lower` items one step below."""
    sheet = scene.genuine.highest.copy()
    items = dice.choice(len(sheet), min(lower, len(sheet) - 1), replace=False)
    sheet[items] = np.maximum(sheet[items] - 1, 0)
    return sheet


def deviations(n: int, dice: Generator, *, exact: float) -> NDArray[np.int64]:
    """In how many items each household leaves the sheet: none in an `exact` share."""
    return np.where(dice.random(n) < exact, 0, dice.integers(1, MOST_DEVIATIONS + 1, n))


def _by_people(
    scene: Scene, strike: Strike, dice: Generator, *, minute: Floats, network: Labels
) -> Forgery:
    """Near-full answers of people with phones, a pace and words of their own."""
    n = strike.n
    comment, length = words_of_people(scene, n, dice)
    answers = near_full(scene, n, dice, concede=strike.settings["concede"], doubt=0.01)
    return Forgery(
        point=np.full(n, strike.point),
        answers=with_gaps(scene, answers, dice, share=0.5),
        minute=minute,
        device=new_labels(dice, n),
        network=network,
        client=usual_clients(scene, n, dice),
        dwell=human_pace(scene, n, dice, quickest=0.45, slowest=1.0),
        comment=comment,
        comment_length=length,
    )


KINDS = (
    AttackKind(
        code="mobilisation",
        name=Text(zh="职工上班时间代填", en="Staff mobilised at work"),
        does=Text(
            zh="职工在上班时间用自己的手机为本单位打高分，多走单位网络。",
            en="Staff answer for their own point in office hours, on their own phones, most "
            "over the office's network.",
        ),
        leaves=Text(
            zh="一个网络集中、上班时间、分数接近满分。",
            en="One network, office hours, answers close to full marks.",
        ),
        aim="up",
        size=100,
        ranges={"concede": (0.05, 0.16), "days": (1.0, 4.0), "desk": (0.6, 0.9)},
        write=mobilise_at_work,
    ),
    AttackKind(
        code="staff_at_home",
        name=Text(zh="职工在家代填", en="Staff mobilised at home"),
        does=Text(
            zh="要求职工及家属晚上和周末在家用自己的手机打高分。",
            en="Staff and their families answer in the evening from home, on their own phones.",
        ),
        leaves=Text(
            zh="几天之内接近满分的答卷多于平常，别无痕迹。",
            en="More near-full answers than usual within some days; nothing else.",
        ),
        aim="up",
        size=100,
        ranges={"concede": (0.08, 0.22), "days": (4.0, 10.0)},
        write=mobilise_at_home,
    ),
    AttackKind(
        code="drip",
        name=Text(zh="细水长流", en="Slow drip"),
        does=Text(
            zh="整轮调查中每天掺入几份高分，设备、网络、时段、用时都像真人。",
            en="A few good answers a day through the whole round; devices, networks, hours and "
            "pace are those of people.",
        ),
        leaves=Text(
            zh="几乎不留痕迹，只能靠上限、区间和抽样样本约束。",
            en="Nearly nothing: caps, bounds and a probability sample must hold it.",
        ),
        aim="up",
        size=200,
        ranges={"concede": (0.1, 0.3)},
        write=drip,
    ),
    AttackKind(
        code="coaching",
        name=Text(zh="发标准答案", en="Coaching by a sheet"),
        does=Text(
            zh="把标准答案发到各户，真实居民照着填，多数人有零到三题不同，抽样样本也受影响。",
            en="Households get a sheet of answers and follow it but for none to three items; "
            "it reaches the probability sample too.",
        ),
        leaves=Text(
            zh="答案围绕同一张卷子，别处同分数的人不这样答。",
            en="Answers around one sheet that people of the same score elsewhere do not give.",
        ),
        aim="up",
        size=120,
        ranges={"lower": (2.0, 6.0), "exact": (0.2, 0.5), "days": (4.0, 18.0)},
        write=coach,
        reaches_sample=0.25,
    ),
    AttackKind(
        code="minted_rights",
        name=Text(zh="虚开办件评价", en="Rights for visits that never were"),
        does=Text(
            zh="工作人员虚开办件取得评价资格，再自己打高分。",
            en="Staff enter visits that never were and use the rights to answer.",
        ),
        leaves=Text(
            zh="评价资格多于实际办件；凭资格的答卷分数高于开放渠道。",
            en="More rights than visits; better answers by right than on the open channel.",
        ),
        aim="up",
        size=80,
        ranges={"concede": (0.05, 0.2), "days": (3.0, 12.0)},
        write=mint_rights,
        needs="rights",
    ),
)
