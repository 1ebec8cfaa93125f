"""Which signal of the catalogue a piece of evidence speaks for, and when it may do so."""

from collections.abc import Mapping

SIGNALS: Mapping[str, str] = {
    "like.w90": "LOCK_3H",
    "like.w5h": "LOCK_3H",
    "like.day": "LOCK_DAY",
    "like.d3": "LOCK_DAY",
    "like.point": "SHAPE_ALARM",
    "like.site": "NET_CLUSTER",
    "like.site_day": "NET_CLUSTER",
    "like.network": "NET_CLUSTER",
    "level.w5h": "LOCK_3H",
    "level.day": "LOCK_DAY",
    "level.site": "NET_CLUSTER",
    "level.site_day": "NET_CLUSTER",
    "like.device": "DEV_REPEAT",
    "like.enumerator": "ENUM_MATCH",
    "like.batch": "ENUM_MATCH",
    "size.device": "DEV_REPEAT",
    "pace.self": "SPEED",
    "odd.self": "MISFIT",
    "alike.w5h": "LOCK_3H",
    "alike.day": "LOCK_DAY",
    "alike.d3": "LOCK_DAY",
    "alike.point": "SHAPE_ALARM",
    "alike.site": "NET_CLUSTER",
    "all.site": "NET_CLUSTER",
    "all.network": "NET_CLUSTER",
    "all.device": "DEV_REPEAT",
    "all.enumerator": "ENUM_MATCH",
    "all.batch": "ENUM_MATCH",
}
"""Evidence that is not listed speaks by its kind."""

KINDS: Mapping[str, str] = {
    "haste": "HASTE",
    "copy": "COPY_POINT",
    "near": "TEMPLATE",
    "misfit": "MISFIT",
    "odd": "MISFIT",
    "far": "FAR_NETWORK",
    "far_near": "FAR_NETWORK",
    "text": "COMMENT_COPY",
    "text_near": "COMMENT_COPY",
}
ENUMERATED = ("enumerator", "batch")
"""Copies within one interviewer's work are about the interviewer."""

AGAINST_LOW = ("haste", "odd", "text", "text_near", "far", "far_near")
"""Kinds of evidence one of which must speak before a low score may be flagged …"""
CONCENTRATED = ("site", "site_day", "network", "device", "enumerator", "batch")
"""… or evidence of any kind within one of these cells."""


def signal_code(name: str) -> str:
    """The signal that a piece of evidence ``kind.cell`` speaks for."""
    kind, cell = name.split(".")
    if cell in ENUMERATED and kind in {"copy", "near", "like"}:
        return "ENUM_MATCH"
    return SIGNALS.get(name) or KINDS[kind]


def can_be_counted(name: str) -> bool:
    """Whether a piece counts others who share what the response itself has."""
    return name != "odd.self" and not name.startswith(("text_near.", "far_near."))


def speaks_against_low(name: str) -> bool:
    """Whether this is haste, copied text or concentration."""
    kind, cell = name.split(".")
    return (kind in AGAINST_LOW and cell != "self") or cell in CONCENTRATED
