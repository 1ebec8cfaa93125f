"""What a request says of its replicates in a phrase: `JKn`, `Fay rho=0.3`, `bootstrap 500 7`.

The first word names the method. Numbers may be named (`R=500`, `seed 7`, `rho 0.3`) or stand
in their usual order; `mse true` centres at the full estimate; of the final weights or, without
such words, of the design's. The rest of a phrase is prose.
"""

import re
from dataclasses import dataclass

from app.stats.replication import Centre

NUMBER = r"\W*(-?\d+(?:\.\d+)?)"
FINAL = re.compile(
    r"\b(final|trimmed|adjusted|calibrated|raked) weights\b|\bweights (taken )?as fixed\b"
    r"|\bafter (the )?(steps?|trimming|raking|calibration|weighting)\b",
    re.IGNORECASE,
)
EVERY = re.compile(r"\b(each|every) replicate\b", re.IGNORECASE)
MSE = re.compile(r"\bmse\W*(true|yes|1)\b", re.IGNORECASE)
NAMED = {
    "rho": re.compile(rf"\brho{NUMBER}", re.IGNORECASE),
    "seed": re.compile(rf"\bseed{NUMBER}", re.IGNORECASE),
    "replicates": re.compile(rf"\b(?:R|replicates|draws){NUMBER}", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class ReplicatePhrase:
    """A method of replication with what it was given; None where nothing was said."""

    method: str
    centre: Centre
    rho: float | None
    replicates: float | None
    seed: float | None


def read_phrase(phrase: str) -> ReplicatePhrase:
    """What a phrase says; whether the method exists is for its caller to say."""
    method, _, rest = phrase.strip().partition(" ")
    centre: Centre = "estimate" if MSE.search(rest) else "mean"
    rest = MSE.sub(" ", rest)
    named: dict[str, float] = {}
    for name, pattern in NAMED.items():
        found = pattern.search(rest)
        if found:
            named[name] = float(found[1])
            rest = rest[: found.start()] + " " + rest[found.end() :]
    bare = [float(word) for word in re.split(r"[\s,;:]+", rest) if _is_number(word)]
    method = method.rstrip(":,")
    order = ("rho",) if method.lower() == "fay" else ("replicates", "seed")
    for name in (one for one in order if one not in named):
        if bare:
            named[name] = bare.pop(0)
    return ReplicatePhrase(
        method, centre, named.get("rho"), named.get("replicates"), named.get("seed")
    )


def are_of_final_weights(phrase: str) -> bool:
    """Whether replicates are made of the weights after the steps, not taken through each.

    Taken through each step they know what it does; a phrase must say that they are not.
    """
    return FINAL.search(phrase) is not None and not EVERY.search(phrase)


def _is_number(word: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", word) is not None
