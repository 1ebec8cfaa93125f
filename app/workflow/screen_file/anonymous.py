"""Addresses and comments of other tools, brought to what the examination may know of them.

Of a network address only its prefix counts, of a comment only whether another one has the
same text. Both become numbers that mean nothing outside of the file.
"""

from ipaddress import IPv4Address, ip_address

import numpy as np

from app.survey.paradata import plain_text
from app.survey.sample import Floats, Labels
from app.survey.text import Text
from app.workflow.screen_file.columns import Columns
from app.workflow.screen_file.paradata import read_amount, read_labels
from app.workflow.screen_file.sheet import Complaints, Sheet

IPV4_PREFIX, IPV6_PREFIX = 24, 48
SAID_OF_ADDRESSES = Text(
    zh="网络列是网址地址：只用前缀（/24、/48），并改为编号。建议今后导出前先做散列。",
    en="the network column holds addresses: only prefixes (/24, /48) are used, as numbers. "
    "Better hash them before they leave the tool.",
)


def read_networks(sheet: Sheet, columns: Columns) -> tuple[Labels, tuple[Text, ...]]:
    """The networks; addresses become numbers of their prefixes, and that is said."""
    labels = read_labels(sheet, columns, "network_hash")
    prefixes = {text: _prefix(text) for text in set(labels.tolist())}
    if not any(prefixes.values()):
        return labels, ()
    numbers = _numbered(sorted({prefix for prefix in prefixes.values() if prefix}), "network")
    named = [numbers.get(prefixes[text], text) for text in labels.tolist()]
    said = Text(
        zh=f"{sheet.source}：{SAID_OF_ADDRESSES.zh}",
        en=f"{sheet.source}: {SAID_OF_ADDRESSES.en}",
    )
    return np.array(named, dtype=np.str_), (said,)


def read_comments(
    sheet: Sheet, columns: Columns, complaints: Complaints
) -> tuple[Labels, Floats]:
    """A label that comments of the same text share, and their lengths; NaN if not known.

    From the columns of hash and length; of a file that has neither, from the texts.
    """
    length, text = columns.headings.get("comment_len"), columns.headings.get("comment")
    if length is not None or "comment_hash" in columns.headings or text is None:
        unknown = np.full(len(sheet), np.nan)
        lengths = unknown if length is None else read_amount(sheet, length, complaints)
        return read_labels(sheet, columns, "comment_hash"), lengths
    plain = [plain_text(cell) for cell in sheet.columns[text]]
    numbers = _numbered(sorted(set(plain) - {""}), "comment")
    labels = np.array([numbers.get(one, "") for one in plain], dtype=np.str_)
    return labels, np.array([len(cell.strip()) for cell in sheet.columns[text]], np.float64)


def _prefix(text: str) -> str:
    """The network of an address; "" for what is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    kept = IPV4_PREFIX if isinstance(address, IPv4Address) else IPV6_PREFIX
    return f"{int(address) >> (address.max_prefixlen - kept)}/{address.version}"


def _numbered(names: list[str], what: str) -> dict[str, str]:
    return {name: f"{what}-{number}" for number, name in enumerate(names, start=1)}
