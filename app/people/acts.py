"""What people do here that is written down: every act of the audit trail, and what it is about.

An act that is not named here cannot be told in words and belongs to nobody's scope but its
author's; a test finds such acts. The words stand in `documents/act_words`. Pure.
"""

from collections.abc import Mapping
from enum import StrEnum


class Subject(StrEnum):
    """What the object of a line names."""

    ROUND = "round"
    ASSESSMENT = "assessment"
    PERSON = "person"
    OFFICE = "office"
    DRAFT = "draft"
    DEFINITION = "definition"
    PLATFORM = "platform"
    """The installation as a whole, a file, a job: nobody's in particular."""


ACTS: Mapping[str, Subject] = {
    "draft": Subject.ROUND,
    "open": Subject.ROUND,
    "close": Subject.ROUND,
    "request_run": Subject.ROUND,
    "process": Subject.ROUND,
    "publish": Subject.ROUND,
    "import": Subject.ROUND,
    "destroy_key": Subject.ROUND,
    "draw_sample": Subject.ROUND,
    "issue_tickets": Subject.ROUND,
    "revoke_tokens": Subject.ROUND,
    "rotate_code": Subject.ROUND,
    "revoke_code": Subject.ROUND,
    "print_codes": Subject.ROUND,
    "hand_out_answers": Subject.ROUND,
    "raise_alarms": Subject.ROUND,
    "mark_alarm": Subject.ROUND,
    "list campaigns": Subject.ROUND,
    "view campaign": Subject.ROUND,
    "keep campaigns": Subject.ROUND,
    "decide campaign": Subject.ROUND,
    "confirm decision": Subject.ROUND,
    "revoke decision": Subject.ROUND,
    "send_test_ratings": Subject.ROUND,
    "check_test_ratings": Subject.ROUND,
    "give_up_test_ratings": Subject.ROUND,
    "forget_telemetry": Subject.ROUND,
    "ask approval": Subject.ROUND,
    "approve approval": Subject.ROUND,
    "refuse approval": Subject.ROUND,
    "withdraw approval": Subject.ROUND,
    "ask approval of scores": Subject.ASSESSMENT,
    "approve approval of scores": Subject.ASSESSMENT,
    "refuse approval of scores": Subject.ASSESSMENT,
    "withdraw approval of scores": Subject.ASSESSMENT,
    "ask approval of weights": Subject.DEFINITION,
    "approve approval of weights": Subject.DEFINITION,
    "refuse approval of weights": Subject.DEFINITION,
    "withdraw approval of weights": Subject.DEFINITION,
    "see_texts": Subject.ROUND,
    "see_rows": Subject.ROUND,
    "export_results": Subject.ROUND,
    "order_file": Subject.ROUND,
    "take_file": Subject.ROUND,
    "order_file of scores": Subject.ASSESSMENT,
    "take_file of scores": Subject.ASSESSMENT,
    "put_template": Subject.OFFICE,
    "ask scoring": Subject.ASSESSMENT,
    "draft assessment": Subject.ASSESSMENT,
    "import values": Subject.ASSESSMENT,
    "undo import": Subject.ASSESSMENT,
    "see_import": Subject.ASSESSMENT,
    "record event": Subject.ASSESSMENT,
    "event upheld": Subject.ASSESSMENT,
    "event overturned": Subject.ASSESSMENT,
    "save scenario": Subject.ASSESSMENT,
    "score": Subject.ASSESSMENT,
    "publish scores": Subject.ASSESSMENT,
    "start draft": Subject.DRAFT,
    "edit draft": Subject.DRAFT,
    "give up draft": Subject.DRAFT,
    "release definition": Subject.DEFINITION,
    "sign_in": Subject.PERSON,
    "sign_out": Subject.PERSON,
    "welcome person": Subject.PERSON,
    "welcome first administrator": Subject.PLATFORM,
    "choose password": Subject.PERSON,
    "set up second factor": Subject.PERSON,
    "renew recovery codes": Subject.PERSON,
    "end visit": Subject.PERSON,
    "link identity": Subject.PERSON,
    "unlink identity": Subject.PERSON,
    "take on person": Subject.PERSON,
    "give role": Subject.PERSON,
    "take back role": Subject.PERSON,
    "open office": Subject.OFFICE,
    "mark office": Subject.OFFICE,
    "deactivate person": Subject.PERSON,
    "restore": Subject.PLATFORM,
    "sweep_telemetry": Subject.PLATFORM,
    "export_audit": Subject.PLATFORM,
    "checkpoint": Subject.PLATFORM,
}
"""Act → what its object names."""

LOOKS = frozenset(
    {
        "see_texts",
        "see_rows",
        "see_import",
        "export_audit",
        "take_file",
        "take_file of scores",
    }
)
"""Acts that are nothing but a look, or a look taken away: all that showing a page may write."""


def acts_about(subject: Subject) -> tuple[str, ...]:
    """The acts whose object names such a thing."""
    return tuple(act for act, about in ACTS.items() if about is subject)
