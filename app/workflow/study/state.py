"""Where a study stands between two weighting steps: its rows and their design."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.stats.design import Design
from app.stats.weights.margins import PopulationMargin
from app.workflow.study.margins import Recode
from app.workflow.study.table import Table


@dataclass(frozen=True, slots=True)
class State:
    """Rows and design after some steps."""

    table: Table
    design: Design
    recodes: tuple[Recode, ...] = ()
    margins: tuple[PopulationMargin, ...] = ()
    """Those of the last step that met some; trimming keeps them."""
    before: Design | None = None
    """The design before that step."""
    found: Mapping[str, Any] = field(default_factory=dict)
    """What steps found out beside the weights."""
