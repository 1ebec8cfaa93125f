"""Roles and what they allow: the one table that says who may do what in the console.

A role is held at an office and reaches down to every office below it (`offices`). What is not
written here is not allowed. Whoever works in an office that is itself assessed holds none of
the rights of `KEPT_FROM_THE_ASSESSED`, whatever the role.
"""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What somebody does here."""

    ADMINISTRATOR = "administrator"
    SURVEY_DESIGNER = "survey_designer"
    ROUND_OPERATOR = "round_operator"
    ANOMALY_REVIEWER = "anomaly_reviewer"
    CASE_HANDLER = "case_handler"
    EVALUATOR = "evaluator"
    AUDITOR = "auditor"
    VIEWER = "viewer"


class Permission(StrEnum):
    """One thing that a page shows or a form does."""

    MANAGE_PEOPLE = "manage_people"
    SEE_DEFINITIONS = "see_definitions"
    """Questionnaires and indicator systems, finished or in the making."""
    DESIGN = "design"
    """Write questionnaires and make them a version."""
    SEE_ROUNDS = "see_rounds"
    """Plans, states, counts in steps."""
    PLAN_ROUNDS = "plan_rounds"
    """Draft rounds: regions, units, points, samples, margins."""
    RUN_FIELDWORK = "run_fieldwork"
    """Print, rotate and revoke codes; ask for opening, closing and runs."""
    SEE_ALARMS = "see_alarms"
    ANSWER_ALARMS = "answer_alarms"
    SEE_CAMPAIGNS = "see_campaigns"
    REVIEW = "review"
    """Decide what a campaign of answers counts for."""
    SEE_RESULTS = "see_results"
    """Results that are not public, with what is withheld from the public marked."""
    SEE_TEXTS = "see_texts"
    """Open answers, scrubbed and in batches."""
    PUBLISH = "publish"
    SEE_SCORES = "see_scores"
    """Composite scores that are not public."""
    SCORE = "score"
    """Import values, record events, edit systems and weights, ask for scorings, what-if."""
    HANDLE_CASES = "handle_cases"
    EXPORT = "export"
    """Ask for files: reports, workbooks, sheets of results."""
    SEE_AUDIT = "see_audit"


P = Permission
_LOOKING = frozenset({P.SEE_DEFINITIONS, P.SEE_ROUNDS, P.SEE_RESULTS, P.SEE_SCORES})

ALLOWED: Mapping[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset({P.MANAGE_PEOPLE, P.SEE_ROUNDS, P.SEE_AUDIT}),
    Role.SURVEY_DESIGNER: frozenset({P.SEE_DEFINITIONS, P.DESIGN, P.SEE_ROUNDS}),
    Role.ROUND_OPERATOR: _LOOKING
    | {P.PLAN_ROUNDS, P.RUN_FIELDWORK, P.SEE_ALARMS, P.ANSWER_ALARMS, P.PUBLISH, P.EXPORT},
    Role.ANOMALY_REVIEWER: frozenset(
        {P.SEE_ROUNDS, P.SEE_ALARMS, P.ANSWER_ALARMS, P.SEE_CAMPAIGNS, P.REVIEW}
    ),
    Role.CASE_HANDLER: frozenset({P.HANDLE_CASES}),
    Role.EVALUATOR: _LOOKING | {P.SCORE, P.SEE_TEXTS, P.PUBLISH, P.EXPORT},
    Role.AUDITOR: _LOOKING
    | {P.SEE_ALARMS, P.SEE_CAMPAIGNS, P.SEE_TEXTS, P.SEE_AUDIT, P.EXPORT},
    Role.VIEWER: _LOOKING,
}

KEPT_FROM_THE_ASSESSED = frozenset(Permission) - {P.SEE_DEFINITIONS, P.HANDLE_CASES}
"""Rows, counts while answers arrive, device data, cells under the threshold, and every act:
of results an assessed office sees what the public sees, on the public pages."""

SECOND_FACTOR_NEEDED = frozenset({Role.ADMINISTRATOR, Role.EVALUATOR, Role.AUDITOR})
"""Roles that are held only by people who sign in with a second factor."""


def allowed(role: Role, *, in_assessed_office: bool) -> frozenset[Permission]:
    """What a role allows at an office."""
    return ALLOWED[role] - KEPT_FROM_THE_ASSESSED if in_assessed_office else ALLOWED[role]
