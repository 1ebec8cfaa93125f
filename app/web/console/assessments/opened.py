"""An assessment as the pages of the console open it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.database.assessments import LoadedAssessment, find_assessment, load_assessment
from app.database.engine import Session
from app.database.tables import AssessmentRow, ScoreRunRow
from app.errors import WrongState
from app.survey.assessment import AssessmentPlan
from app.survey.text import Language
from app.web.console.pages import Desk
from app.workflow.assessment.gathering import sources_of, what_moved

ROOM = "/console/assessments"


@dataclass(frozen=True, slots=True)
class Opened:
    """One assessment, found in the scope of a desk."""

    row: AssessmentRow
    loaded: LoadedAssessment
    language: Language

    @property
    def plan(self) -> AssessmentPlan:
        """Its plan, read and checked."""
        return self.loaded.plan

    @property
    def address(self) -> str:
        """Where its page is."""
        return f"{ROOM}/{self.row.code}"

    @property
    def units(self) -> Mapping[str, str]:
        """Unit → its name."""
        return {unit.code: unit.name[self.language] for unit in self.plan.units}

    @property
    def indicators(self) -> Mapping[str, str]:
        """Indicator → its name."""
        return {card.code: card.name[self.language] for card in self.loaded.system.indicators}

    @property
    def types(self) -> Mapping[str, str]:
        """Region type → its name."""
        return {kind.code: kind.name[self.language] for kind in self.loaded.system.types}


def open_assessment(session: Session, desk: Desk, code: str) -> Opened:
    """The assessment of a code; NotFound outside the scope."""
    row = find_assessment(session, code, within=desk.scope)
    return Opened(row, load_assessment(session, row), desk.language)


def moved_since(session: Session, opened: Opened, run: ScoreRunRow) -> Sequence[str]:
    """What is no longer as a scoring found it; a plan that cannot be scored yet is another."""
    try:
        return what_moved(run.sources, sources_of(session, opened.loaded))
    except WrongState:
        return ["plan"]
