"""The second factor: codes of an app (RFC 6238), each good once, and codes for emergencies.

While somebody sets it up, the seed is derived from the visit: nothing is kept before a code
has shown that the app has it. After the factor the visit's token is a new one.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pyotp import TOTP
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.database.console_tables import PersonRow, RecoveryCodeRow
from app.database.rounds import act_as, record
from app.database.sign_in_failures import forget_failures, note_failure, wait_of
from app.database.visits import Beginning, begin_visit, end_visit, token_hash
from app.errors import NotAllowed
from app.people.colleague import Colleague
from app.workflow.people.signing_in import note_sign_in

ISSUER = "Minxin"
STEP_SECONDS = 30
STEPS_APART = 1
"""A clock may be so many steps ahead or behind."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 10


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose visit is to become complete, and how it was begun."""

    token: str
    person: Colleague
    browser: str = ""


def pending_secret(token: str) -> str:
    """The seed that a visit offers to set up, in Base32; the same as long as the visit."""
    digest = hmac.new(token.encode(), b"second factor", hashlib.sha256).digest()
    return base64.b32encode(digest[:20]).decode()


def enrolment_address(secret: str, login: str) -> str:
    """The address that an app reads from a symbol."""
    return TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def enrol(
    session: Session, holder: Holder, code: str, *, now: datetime
) -> tuple[str, Sequence[str]] | None:
    """Hold a second factor from now on; a new visit's token and the recovery codes, shown once.

    None if the code is wrong. NotAllowed where a factor is held already.
    """
    person = _hold(session, holder)
    if person.totp_secret:
        raise NotAllowed("A second factor is held already.", chinese="已经设过第二重验证了。")
    secret = pending_secret(holder.token)
    step = _matching_step(secret, code, now)
    if step is None:
        return None
    person.totp_secret, person.totp_last_step = secret, step
    codes = new_recovery_codes(session, person.id)
    act_as(session, login=person.login, office=holder.person.office.code)
    record(session, "set up second factor", subject=person.login, now=now, detail={})
    return _complete(session, holder, person, now=now), codes


def show_factor(session: Session, holder: Holder, code: str, *, now: datetime) -> str | None:
    """Complete a visit by a code of the app or an emergency code; its new token, or None."""
    person = _hold(session, holder)
    name = f"factor:{person.login}"
    if wait_of(session, name, now=now):
        return None
    if not (_is_fresh_code(person, code, now) or _use_recovery(session, person, code, now)):
        note_failure(session, name, now=now)
        return None
    forget_failures(session, name)
    return _complete(session, holder, person, now=now)


def new_recovery_codes(session: Session, person_id: int) -> Sequence[str]:
    """Ten new codes for emergencies; the earlier ones end."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.person_id == person_id))
    codes = [_grouped(secrets.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCodeRow(person_id=person_id, code_hash=token_hash(_plain(code)), used_at=None)
        for code in codes
    )
    session.flush()
    return codes


def _hold(session: Session, holder: Holder) -> PersonRow:
    # Two codes at one moment: the second sees what the first used up.
    return session.get_one(PersonRow, holder.person.id, with_for_update=True)


def _matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The step of 30 seconds whose code this is."""
    app, typed = TOTP(secret), "".join(code.split())
    present = int(now.timestamp()) // STEP_SECONDS
    for step in range(present - STEPS_APART, present + STEPS_APART + 1):
        if hmac.compare_digest(app.at(step * STEP_SECONDS).encode(), typed.encode()):
            return step
    return None


def _is_fresh_code(person: PersonRow, code: str, now: datetime) -> bool:
    if person.totp_secret is None:
        return False
    step = _matching_step(person.totp_secret, code, now)
    if step is None or step <= (person.totp_last_step or 0):
        return False
    person.totp_last_step = step
    return True


def _use_recovery(session: Session, person: PersonRow, code: str, now: datetime) -> bool:
    wanted = select(RecoveryCodeRow).where(
        RecoveryCodeRow.person_id == person.id,
        RecoveryCodeRow.code_hash == token_hash(_plain(code)),
        RecoveryCodeRow.used_at.is_(None),
    )
    row = session.scalar(wanted.with_for_update())
    if row is None:
        return False
    row.used_at = now
    return True


def _complete(session: Session, holder: Holder, person: PersonRow, *, now: datetime) -> str:
    end_visit(session, token_hash(holder.token), now=now)
    note_sign_in(session, person, now=now)
    how = Beginning("totp", complete=True, browser=holder.browser)
    return begin_visit(session, person, how, now=now)


def _grouped(chance: bytes) -> str:
    letters = base64.b32encode(chance).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _plain(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isalnum())
