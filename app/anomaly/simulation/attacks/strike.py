"""One kind of attack in words and numbers, one strike of it, and the responses it writes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator

from app.anomaly.simulation.attacks.scene import Scene, kept_slots
from app.anomaly.simulation.town import new_labels
from app.anomaly.submissions import Submissions
from app.survey.sample import Floats, Labels
from app.survey.text import Text

Aim = Literal["up", "down", "any"]
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Strike:
    """What one campaign is to do: `n` false responses at a point, with drawn settings."""

    point: str
    n: int
    settings: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Forgery:
    """False responses before the round's own blanks are laid over them."""

    point: Labels
    answers: Floats
    minute: Floats
    device: Labels
    network: Labels
    client: Labels
    dwell: Floats
    comment: Labels
    comment_length: Floats
    enumerator: str = ""
    assured: bool = False


Write = Callable[[Scene, Strike, Generator], Forgery]


@dataclass(frozen=True, slots=True)
class AttackKind:
    """A way to cheat that can be tried on a round."""

    code: str
    name: Text
    does: Text
    leaves: Text
    """What it cannot help leaving behind."""
    aim: Aim
    """Weak points are pushed up, strong ones down."""
    size: int
    """Responses of a usual campaign."""
    ranges: Mapping[str, Range]
    """Settings, each drawn anew for every campaign."""
    write: Write
    needs: Literal["", "enumerators", "districts", "rights"] = ""
    reaches_sample: float = 0.0
    """Share of the probability sample at its points that answers by its sheet too."""


def filed(forgery: Forgery, scene: Scene, dice: Generator) -> Submissions:
    """False responses as the round would have kept them: what it never knows is blank."""
    n = len(forgery.minute)
    genuine, blank = scene.genuine, np.full(n, "", np.str_)
    comment = forgery.comment if scene.has_comments else blank
    length = np.where(comment == "", 0.0, forgery.comment_length)
    if np.isnan(genuine.comment_length).all():
        length = np.full(n, np.nan)
    return Submissions(
        identifier=new_labels(dice, n),
        point=forgery.point,
        district=np.array([scene.district[p] for p in forgery.point.tolist()], np.str_),
        channel=_channel(forgery, scene),
        enumerator=np.full(n, forgery.enumerator),
        minute=kept_slots(forgery.minute, scene),
        device=forgery.device if scene.has_devices else blank,
        network=forgery.network if scene.has_networks else blank,
        client=forgery.client,
        dwell=forgery.dwell,
        comment=comment,
        comment_length=length,
        answers=forgery.answers,
        highest=genuine.highest,
        score=scene.score_of(forgery.answers),
        assured=np.full(n, forgery.assured),
    )


def _channel(forgery: Forgery, scene: Scene) -> Labels:
    """The channel that most genuine responses of the same sort came by."""
    genuine = scene.genuine
    alike = genuine.enumerator == forgery.enumerator
    names, counts = np.unique(genuine.channel[alike], return_counts=True)
    usual = str(names[np.argmax(counts)]) if len(names) else ""
    return np.full(len(forgery.minute), usual)
