"""What two answers to one study disagree about: the matching rules of the reference cases.

`want` is what another program found, `got` what we say. Rows of a list are matched by what
names them (`id`, `item`, `domain` …) where that tells them apart, else by their place; what we
say beyond `want` is nobody's disagreement. No test itself: the reference tests compare by it.
"""

from collections.abc import Mapping
from typing import Any

# What an expected answer says about its own making: no answer of ours is compared to it.
ABOUT_THE_MAKING = frozenset(
    {
        "case",
        "engine",
        "alternates",
        "max_margin_error",
        "ipf_vs_newton_max_rel_diff_below",
        "ipf_ok",
        "must_fail",
        "overlap_persons",
        "truth",
        "degenerate",
        "note",
        "computed_by",
        "iterations",
        "max_margin_error_below",
        "margin_ok",
        "max_rel_total_error",
        "r_partial_sum_of_weights",
        "status",
        "check",
    }
)
NAMES_OF_A_ROW = ("id", "name", "item", "domain", "level", "p", "qrule", "interval", "variant")


def differences(
    want: Any, got: Any, *, tolerance: float, tolerances: Mapping[str, float]
) -> list[str]:
    """Every disagreement as a line `path: got …, want …`; none if the answers agree.

    A number agrees if |got - want| <= t·|want| + 1e-9, t the `tolerance` or the looser one
    that `tolerances` gives for the field it stands in.
    """
    return [
        f"{path}: got {found!r}, want {wanted!r}"
        for path, wanted, found in _pairs(want, got, "")
        if not _agree(wanted, found, tolerances.get(_field(path), tolerance))
    ]


def _pairs(want: Any, got: Any, path: str) -> list[tuple[str, Any, Any]]:
    """Every (path, wanted, found) of plain values; a part that is missing stays whole."""
    if isinstance(want, dict):
        if not isinstance(got, dict):
            return [(path, want, got)]
        asked = [key for key in want if not _is_about_the_making(key)]
        return [p for k in asked for p in _pairs(want[k], got.get(k), f"{path}.{k}")]
    if isinstance(want, list):
        return _row_pairs(want, got, path) if isinstance(got, list) else [(path, want, got)]
    return [(path, want, got)]


def _row_pairs(want: list[Any], got: list[Any], path: str) -> list[tuple[str, Any, Any]]:
    """The pairs of two lists, rows matched by name where every wanted row has its own."""
    names = [_name(row) for row in want if isinstance(row, dict)]
    if want and len(names) == len(want) and all(names) and len(set(names)) == len(names):
        found = {_name(row): row for row in got if isinstance(row, dict)}
        return [
            pair
            for name, row in zip(names, want, strict=True)
            for pair in _pairs(row, found.get(name), f"{path}[{name}]")
        ]
    if len(want) != len(got):
        return [(path, want, got)]
    return [
        pair
        for place, (w, g) in enumerate(zip(want, got, strict=True))
        for pair in _pairs(w, g, f"{path}[{place}]")
    ]


def _agree(want: Any, got: Any, tolerance: float) -> bool:
    if _is_number(want):
        return _is_number(got) and abs(got - want) <= tolerance * abs(want) + 1e-9
    return type(want) is type(got) and bool(want == got)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_about_the_making(key: str) -> bool:
    return key in ABOUT_THE_MAKING or key.startswith("r_")


def _field(path: str) -> str:
    return path.rsplit(".", 1)[-1].split("[")[0]


def _name(row: dict[str, Any]) -> str:
    named = [row[key] for key in NAMES_OF_A_ROW if row.get(key) is not None]
    return "|".join(f"{v:g}" if isinstance(v, float) else str(v) for v in named)
