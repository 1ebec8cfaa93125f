"""From the inputs of a scoring to its document: one function without database or clock.

The same inputs give the same bytes, on any installation with the same versions, so whoever
holds the inputs can check every number.
"""

import hashlib
import json
import platform
from collections.abc import Mapping

import numpy as np
import scipy

from app import __version__
from app.scoring.analysis import Analysis, analyse
from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import Scoring, carry_out
from app.scoring.results import as_document
from app.survey.reading import read_definition
from app.workflow.assessment.inputs_document import ScoreInputs, write_inputs
from app.workflow.canonical import canonical

SCHEMA = "minxin-scores/1"


def compute_scores(inputs: ScoreInputs, *, code_version: str = __version__) -> str:
    """The scores with every step and everything said beside them, as canonical JSON.

    Raises InputRefused with all that is wrong with the inputs.
    """
    return _document(inputs, code_version, libraries())


def compute_again(inputs: ScoreInputs, document: str) -> str:
    """The scores as this program computes them now, under the versions `document` names.

    So another version shows in the numbers alone. What does not even name its versions gets
    those of this program, and differs.
    """
    try:
        kept = json.loads(document)
        version, versions = str(kept["code_version"]), dict(kept["libraries"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return compute_scores(inputs)
    return _document(inputs, version, {name: str(one) for name, one in versions.items()})


def libraries() -> dict[str, str]:
    """The versions beside the program's own that a number could depend on."""
    return {
        "numpy": np.__version__,
        "python": platform.python_version(),
        "scipy": scipy.__version__,
    }


def scored(inputs: ScoreInputs) -> tuple[Scoring, Analysis]:
    """The scoring of the inputs and its analysis, as values."""
    scoring = _scoring(inputs)
    before = None if inputs.before is None else _scoring(inputs.before)
    return scoring, analyse(scoring, seed=inputs.seed, before=before)


def digest_of_text(text: str) -> str:
    """SHA-256 of a document's text, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _document(inputs: ScoreInputs, version: str, versions: Mapping[str, str]) -> str:
    scoring, analysis = scored(inputs)
    return canonical(
        {
            "schema": SCHEMA,
            "code_version": version,
            "libraries": versions,
            "seed": inputs.seed,
            "inputs_digest": digest_of_text(write_inputs(inputs)),
            "system_digest": digest_of_text(inputs.system),
            "system": scoring.system.model_dump(mode="json", by_alias=True),
            "composite": as_document(scoring.result),
            "analysis": as_document(analysis),
        }
    )


def _scoring(inputs: ScoreInputs) -> Scoring:
    return carry_out(
        read_definition(IndicatorSystem, inputs.system, source="system.yaml"),
        units=inputs.units,
        values=inputs.values,
        events=inputs.events,
        covariances=inputs.covariances,
    )
