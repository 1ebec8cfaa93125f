"""The digest of a round's responses: what a run says it was computed from."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from app.survey.recipe import Screening
from app.survey.sample import RawResponse


def data_digest(responses: Sequence[RawResponse], screening: Screening) -> str:
    """SHA-256 over every response, in the order of their identifiers, hex.

    Of how a response came about only what the plan's screening reads is part of the data.
    """
    digest = hashlib.sha256()
    for response in sorted(responses, key=lambda r: r.identifier):
        kept = {
            "id": response.identifier,
            "unit": response.unit,
            "point": response.point,
            "evidence": response.evidence,
            "channel": response.channel,
            "answers": response.answers,
            "background": response.background,
            "weight": response.weight,
            "paradata": _read_by(screening, response),
        }
        line = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _read_by(screening: Screening, response: RawResponse) -> list[Any]:
    read = [response.seconds, response.slot, response.device, response.network]
    if screening.company is None:
        return read
    sections = dict(response.section_seconds)
    return [*read, sections, response.comment, response.comment_length, response.assurance]
