"""The signals, in words: name, what was seen, and the innocent explanation beside it.

A reason without its innocent explanation is an accusation. A version rises whenever the
rule or the words change, because both were part of a published number.
"""

from dataclasses import dataclass

import numpy as np

from app.survey.sample import Flags, Floats
from app.survey.text import Text


@dataclass(frozen=True, slots=True)
class Signal:
    """One test of a response, as it is shown to people."""

    code: str
    version: int
    name: Text
    seen: Text
    """What was observed and what was expected, with places for the two numbers."""
    innocent: Text
    """How an honest person comes to look like this."""
    silent: Text
    """Why it can say nothing where it does not apply."""

    def reason(self, observed: float, expected: float) -> Text:
        """The sentences about one response."""
        numbers = {"observed": _figure(observed), "expected": _figure(expected)}
        return Text(
            zh=self.seen.zh.format(**numbers) + self.innocent.zh,
            en=f"{self.seen.en.format(**numbers)} {self.innocent.en}",
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """What one signal says about the n responses of a sample."""

    signal: Signal
    influence: float
    """How far a response is believed where the signal fires."""
    judged: Flags
    """Responses that carry what the signal needs; the others it says nothing about."""
    fires: Flags
    observed: Floats
    """What was seen; NaN where not judged."""
    expected: float
    """What would be usual in this round; NaN if nothing was judged."""

    @property
    def note(self) -> Text | None:
        """Why the signal was not applicable; None if it judged anybody."""
        return None if self.judged.any() else self.signal.silent


def silent(signal: Signal, *, influence: float, n: int) -> Finding:
    """A finding about n responses none of which can be judged."""
    nobody = np.zeros(n, bool)
    return Finding(signal, influence, nobody, nobody, np.full(n, np.nan), np.nan)


def _figure(number: float) -> str:
    return f"{round(float(number), 2):g}"


SPEED = Signal(
    code="speed",
    version=1,
    name=Text(zh="答题过快", en="Speed"),
    seen=Text(
        zh="答题用了 {observed} 秒；本轮有一半的人用了 {expected} 秒以上。",
        en="Took {observed} seconds; half of the people in this round took {expected} or more.",
    ),
    innocent=Text(
        zh="熟悉情况、读得快，或者被问到的题较少的人，也会答得快。",
        en="People who know the matter, read fast or were asked fewer items are quick too.",
    ),
    silent=Text(
        zh="不适用：有答题用时的回答太少。",
        en="Not applicable: too few responses carry the time they took.",
    ),
)

STRAIGHT_LINING = Signal(
    code="straight_lining",
    version=1,
    name=Text(zh="每题选同一项", en="Straight-lining"),
    seen=Text(
        zh=(
            "{observed} 道题选的都是同一位置的选项；"
            "本轮有一半的人最多有 {expected} 道题选同一位置。"
        ),
        en=(
            "Chose the option in the same place on all {observed} items; half of the people "
            "in this round did so on at most {expected}."
        ),
    ),
    innocent=Text(
        zh="真心都满意或都不满意的人，也会每题选同一项；只凭这一点说明不了什么。",
        en=(
            "People who are content or discontent with everything do that too; "
            "alone it proves nothing."
        ),
    ),
    silent=Text(
        zh="不适用：没有人答够所需的计分选择题。",
        en="Not applicable: nobody answered enough scored choice items.",
    ),
)

DEVICE_REPETITION = Signal(
    code="device_repetition",
    version=1,
    name=Text(zh="同一设备和网络反复提交", en="Device repetition"),
    seen=Text(
        zh=(
            "五分钟内，同一点位、同类设备、同一网络交来 {observed} 份回答；"
            "{expected} 份以内视为平常。"
        ),
        en=(
            "{observed} responses came from one kind of device and one network at this point "
            "within five minutes; up to {expected} are taken as usual."
        ),
    ),
    innocent=Text(
        zh="一家人或一个单位共用网络、办事高峰、有人帮老人填写，都会这样。",
        en=(
            "A family or an office behind one network, a busy hour, or somebody helping older "
            "people looks the same."
        ),
    ),
    silent=Text(
        zh="不适用：回答不是从点位的页面交来的，没有时段、设备和网络。",
        en="Not applicable: the responses did not come through a page at a point.",
    ),
)

ISOLATION_FOREST = Signal(
    code="isolation_forest",
    version=1,
    name=Text(zh="答法少见", en="Rare pattern"),
    seen=Text(
        zh="各题答案和用时的组合少见：孤立度 {observed}，本轮中位数 {expected}（0 到 1）。",
        en=(
            "The answers and the time together are rare: isolation {observed}, median of this "
            "round {expected} (0 to 1)."
        ),
    ),
    innocent=Text(
        zh="少见不等于不真：经历特殊的人，答案本来就特别。",
        en="Rare is not false: people with unusual experiences give unusual answers.",
    ),
    silent=Text(
        zh="不适用：回答太少或彼此没有差别，分不出什么是少见。",
        en="Not applicable: too few responses, or none that differ, to tell what is rare.",
    ),
)
