"""Every kind of attack that can be tried, by its code, and which a round is open to."""

from collections.abc import Iterable, Mapping

from app.anomaly.simulation.attacks import (
    disguised,
    farms,
    mobilised,
    one_hand,
    rivals,
    scripts,
)
from app.anomaly.simulation.attacks.scene import Scene
from app.anomaly.simulation.attacks.strike import AttackKind
from app.errors import InputRefused, Problem
from app.survey.text import Text

KINDS: Mapping[str, AttackKind] = {
    kind.code: kind
    for room in (one_hand, farms, scripts, mobilised, rivals, disguised)
    for kind in room.KINDS
}
NOT_OPEN = {
    "enumerators": Text(
        zh="本轮没有调查员，无从编造访谈。",
        en="The round has no enumerators who could fabricate.",
    ),
    "districts": Text(
        zh="本轮只有一个区域，无从移到别处。",
        en="The round has one district only, so there is no elsewhere.",
    ),
    "rights": Text(
        zh="本轮没有凭一次性资格提交的答卷。",
        en="No response of the round came with a one-time right.",
    ),
}


def find_kinds(codes: Iterable[str]) -> tuple[AttackKind, ...]:
    """Kinds by their codes; all of them for none. Raises InputRefused for unknown codes."""
    asked = tuple(codes)
    unknown = [code for code in asked if code not in KINDS]
    if unknown:
        known = ", ".join(KINDS)
        raise InputRefused(
            Problem(
                "--kinds",
                "is no kind of attack",
                f"Known are {known}.",
                code,
                chinese=f"--kinds：没有「{code}」这种作弊方式。可用：{known}。",
            )
            for code in unknown
        )
    return tuple(KINDS[code] for code in asked) or tuple(KINDS.values())


def why_not_open(kind: AttackKind, scene: Scene) -> Text | None:
    """Why a round cannot be attacked like this; None if it can."""
    met = {
        "": True,
        "enumerators": bool((scene.genuine.enumerator != "").any()),
        "districts": len(set(scene.district.values())) > 1,
        "rights": bool(scene.genuine.assured.any()),
    }
    return None if met[kind.needs] else NOT_OPEN[kind.needs]
