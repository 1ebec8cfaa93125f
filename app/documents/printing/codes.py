"""QR symbols: an address in, an image out. Posters print them, the console shows them.

Error correction Q and a quiet zone of four modules that belongs to the image, black on
white whatever the page around it looks like. Only the address is encoded: what it means
is known to the server, so a code can be moved or stopped without the paper becoming a lie.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import groupby
from typing import Any

from PIL import Image
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode

from app.errors import InputRefused, Problem

QUIET_ZONE = 4
LONGEST_URL = 300
SCHEMES = ("https://", "http://", "otpauth://")  # the last for apps of second factors


def code_symbol_svg(url: str) -> str:
    """Draw the symbol of `url` as an SVG element, one unit of its view box per module.

    Without id, class or style: several symbols stand on one page of a strict policy.
    """
    rows = _symbol(url).get_matrix()
    side = len(rows)
    runs = "".join(
        f"M{across},{down}h{length}v1h-{length}z"
        for down, row in enumerate(rows)
        for across, length in _dark_runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"'
        f' width="{side}mm" height="{side}mm" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0,0h{side}v{side}h-{side}z"/>'
        f'<path fill="#000" d="{runs}"/></svg>'
    )


def code_symbol_png(url: str, *, pixels_per_module: int) -> bytes:
    """Draw the symbol of `url` as a black and white PNG, quiet zone included."""
    if pixels_per_module < 1:
        raise ValueError("a module needs at least one pixel")
    rows = _symbol(url).get_matrix()
    image = Image.new("1", (len(rows), len(rows)), 1)
    image.putdata([0 if dark else 1 for row in rows for dark in row])
    side = len(rows) * pixels_per_module
    file = BytesIO()
    image.resize((side, side), Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return file.getvalue()


def _dark_runs(row: Sequence[bool | None]) -> Iterator[tuple[int, int]]:
    """Where each unbroken run of dark modules of a row starts, and how long it is."""
    across = 0
    for dark, modules in groupby(row):
        length = len(list(modules))
        if dark:
            yield across, length
        across += length


def modules_across(url: str) -> int:
    """Count the modules of one side of the symbol, quiet zone included."""
    version = int(_unmade_symbol(url).best_fit())
    return 4 * version + 17 + 2 * QUIET_ZONE


def _symbol(url: str) -> QRCode[Any]:
    symbol = _unmade_symbol(url)
    symbol.make(fit=True)
    return symbol


def _unmade_symbol(url: str) -> QRCode[Any]:
    problems = _url_problems(url)
    if problems:
        raise InputRefused(problems)
    symbol = QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET_ZONE)
    symbol.add_data(url)
    return symbol


def _url_problems(url: str) -> list[Problem]:
    problems = []
    if not url.startswith(SCHEMES):
        cure = "Write the whole address, as in https://q.example.gov.cn/k3m9xq4t."
        problems.append(Problem("url", "is not a web address", cure, url))
    if not url.isascii() or not url.isprintable() or " " in url:
        cure = "Use the plain ASCII form of the address, without spaces."
        problems.append(
            Problem("url", "holds characters that phones read differently", cure, url)
        )
    if len(url) > LONGEST_URL:
        cure = "Use a short host name and the code alone."
        problems.append(Problem("url", f"is longer than {LONGEST_URL} characters", cure, url))
    return problems
