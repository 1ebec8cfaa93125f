"""Plain values become the YAML text of a definition file: what `reading` reads back.

Keys keep their order, every value is written out, Chinese stays Chinese.
"""

from collections.abc import Mapping
from typing import Any

import yaml

WIDTH = 96


class _Writer(yaml.CSafeDumper):
    """Writes the same value twice where it stands twice: `reading` refuses aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def definition_text(values: Mapping[str, Any]) -> str:
    """The text of a definition file with these values."""
    return yaml.dump(
        dict(values), Dumper=_Writer, allow_unicode=True, sort_keys=False, width=WIDTH
    )
