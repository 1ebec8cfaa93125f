"""The address a request comes from, as far as our own proxies vouch for it.

Anybody can write `X-Forwarded-For`; each proxy appends the address it saw. So only as many
entries from the right as there are proxies of ours (`MINXIN_PROXY_HOPS`) are worth anything:
the one that our outermost proxy wrote is the resident's, and what stands left of it is
never looked at. The address lives as long as the request and is kept nowhere.
"""

import re
from collections.abc import Mapping
from typing import Any

ADDRESS = re.compile(
    rb"((?:[0-9]{1,3}\.){3}[0-9]{1,3})(?::[0-9]{1,5})?"
    rb"|\[([0-9a-fA-F:.]{2,45})\](?::[0-9]{1,5})?"
    rb"|([0-9a-fA-F]{0,4}:[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]{0,36})"
)
"""IPv4 with or without a port, IPv6 in brackets with or without one, IPv6 by itself: the
shape only, for whoever reads the address checks the rest."""


def client_address(scope: Mapping[str, Any], hops: int) -> str:
    """The resident's address of an ASGI request that came through `hops` proxies of ours.

    With no proxy the header is ignored. With fewer entries than proxies the request came
    around them: it has its connection's address. An entry that is no address gives an empty
    text, and so does a connection without one, such as a socket file.
    """
    connection = scope.get("client")
    own = connection[0] if connection else ""
    if hops < 1:
        return own
    said = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    entries = b",".join(said).rsplit(b",", hops)
    if not said or len(entries) < hops:
        return own
    found = ADDRESS.fullmatch(entries[-hops].strip(b" \t"))
    return found[found.lastindex or 0].decode("ascii") if found else ""
