"""What comes first where no round was opened yet: the way to it, and who goes which part.

Shown on the first page until somebody's first round is open. Whoever may not do a step reads
who does; nothing here is a duty, and nothing has to be done in this order but the last.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.database.engine import Session
from app.database.holders import count_holders
from app.database.today import RoundState
from app.documents.wording import count, translator
from app.people.colleague import Colleague
from app.people.roles import Permission, Role
from app.survey.text import Language

FEWEST_OPERATORS = 2
"""One asks for the opening of a round, another one approves it."""
BEFORE_OPENING = {"draft"}


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One part of the way to a first open round."""

    name: str
    meaning: str
    address: str
    """Where the reader does it; empty for whoever may not."""
    by: str
    """Who does it, for a reader who may not."""
    is_done: bool


def first_steps(
    session: Session, person: Colleague, rounds: Sequence[RoundState], language: Language
) -> list[FirstStep]:
    """The way to a first open round; empty once one was opened, or for whoever sees none."""
    if not person.may(Permission.SEE_ROUNDS):
        return []
    if any(one.state not in BEFORE_OPENING for one in rounds):
        return []
    return list(_steps(count_holders(session), person, rounds, language))


def _steps(
    holders: Mapping[Role, int],
    person: Colleague,
    rounds: Sequence[RoundState],
    language: Language,
) -> Iterator[FirstStep]:
    _ = translator(language)
    operators = holders.get(Role.ROUND_OPERATOR, 0)

    def place(permission: Permission, address: str) -> str:
        return address if person.may(permission) else ""

    yield FirstStep(
        _("请同事来，给他们角色"),
        _("打开一轮要两个人，所以至少要两位调查组织；现在有 {n} 位，问卷设计 {m} 位。").format(
            n=count(operators), m=count(holders.get(Role.SURVEY_DESIGNER, 0))
        ),
        place(Permission.MANAGE_PEOPLE, "/console/people"),
        _("管理员"),
        operators >= FEWEST_OPERATORS,
    )
    yield FirstStep(
        _("选好问卷"),
        _("有几份现成的，可以直接用，也可以照着改，或者自己写。"),
        place(Permission.SEE_DEFINITIONS, "/console/questionnaires"),
        _("问卷设计"),
        bool(rounds),
    )
    yield from _planning(rounds, place, language)


def _planning(
    rounds: Sequence[RoundState], place: Callable[[Permission, str], str], language: Language
) -> Iterator[FirstStep]:
    _ = translator(language)
    draft = f"/console/rounds/{rounds[0].code}" if rounds else ""
    yield FirstStep(
        _("写一轮的方案"),
        _("用哪份问卷，在哪些单位和服务点，到哪天为止；每一步都有填好的建议。"),
        place(Permission.PLAN_ROUNDS, "/console/rounds/new"),
        _("调查组织"),
        bool(rounds),
    )
    yield FirstStep(
        _("打开它，打印码"),
        _("一个人提出，另一个人批准；打开以后各服务点得到码，可以打印海报和贴纸。"),
        place(Permission.RUN_FIELDWORK, draft),
        _("调查组织"),
        is_done=False,
    )
