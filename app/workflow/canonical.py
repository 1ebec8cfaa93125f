"""The one way in which a result is written down, so that equal results are equal bytes.

Keys in order, no spaces, and numbers of 12 significant digits: beyond any meaning, and short
of the last bit in which machines differ. A number that is not finite is no number: null.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

SIGNIFICANT = 12


def canonical(document: Mapping[str, Any]) -> str:
    """The one way a document is written: the same values give the same bytes."""
    return json.dumps(
        plain_numbers(document),
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
    )


def plain_numbers(value: Any) -> Any:
    """Mappings, lists and numbers as JSON knows them, numbers rounded."""
    if isinstance(value, Mapping):
        return {str(key): plain_numbers(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain_numbers(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT}g}") if math.isfinite(value) else None
    return value
