"""Proof of work for a pressed place: what it asks, how an answer to it is checked.

The puzzle is altcha's: which number, put behind this salt, has this SHA-256? It is signed
with a key that is derived from the round's, and nothing of it is kept. The salt begins with
the key of the form (`once`), so that a solution is good for this form alone; and a form
makes one response, so that nothing is gained by sending a solution again.

What follows from it is an assurance, never a refusal:

    calm                    → open
    pressed and solved      → open
    pressed and not solved  → pressed: an old phone, no script, a page without TLS

It makes answers dearer for scripts that only send forms. Who brings a program made for it
solves it in milliseconds: against such a flood stand the limits (`pressure.py`) and the
screening, and invitations where the result has consequences.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from altcha.v1 import ChallengeOptions, Payload, create_challenge, verify_solution

MOST_TRIES = 50_000
"""SHA-256 at most, half of it usually. altcha measured 40,000 a second in the browser of a
cheap phone (Samsung Galaxy A14, 2023) and 300,000 on a fast laptop: 0.6 s and 0.1 s usually,
at most twice that, while somebody reads the first question."""

LIFETIME = timedelta(hours=1)

SOLUTION = re.compile(
    r"(?P<salt>[0-9a-f.]{1,128}\?expires=(?P<expires>[0-9]{1,12})&)"
    r" (?P<challenge>[0-9a-f]{64}) (?P<number>[0-9]{1,9}) (?P<signature>[0-9a-f]{64})"
)
"""altcha's payload without its algorithm, which is always SHA-256, in one short line."""


def challenge_for(key: bytes, once: str, *, now: datetime) -> str:
    """What the page's field carries: salt, challenge, most tries and signature, with spaces.

    `key` is the round's, `once` that of a form we made. It needs no escaping in quotes.
    """
    made = create_challenge(
        ChallengeOptions(
            algorithm="SHA-256",
            max_number=MOST_TRIES,
            hmac_key=_work_key(key),
            salt=once,
            expires=now + LIFETIME,
        )
    )
    return f"{made.salt} {made.challenge} {made.max_number} {made.signature}"


def is_solved(key: bytes, once: str, solution: str, *, now: datetime) -> bool:
    """Whether `solution` is one of a challenge we made within the hour for this very form.

    A solution is the challenge with the number found in place of the most tries. Whatever
    else a stranger writes is none.
    """
    read = SOLUTION.fullmatch(solution)
    if read is None or read["salt"].partition("?")[0] != once:
        return False
    if int(read["expires"]) < now.timestamp():
        return False
    payload = Payload(
        algorithm="SHA-256",
        challenge=read["challenge"],
        number=int(read["number"]),
        salt=read["salt"],
        signature=read["signature"],
    )
    # The library would ask the clock of the machine; the time is looked at above.
    is_right, _ = verify_solution(payload, _work_key(key), check_expires=False)
    return is_right


def _work_key(key: bytes) -> bytes:
    return hmac.new(key, b"work\0", hashlib.sha256).digest()
