"""Reading printed codes back: the final PDF is rasterised and every symbol decoded again.

The gate before a sheet is handed out. Each page is read twice: at 150 dpi, as a fair print
would give it, and blurred at three pixels a module, as a cheap camera sees it. A page
passes when both readings give exactly the addresses it should carry, as often as it should.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import zxingcpp
from PIL import Image, ImageFilter
from pypdfium2 import PdfDocument, PdfiumError, PdfPage

from app.documents.printing.codes import modules_across
from app.errors import DocumentFailed

PRINT_DPI = 150.0
CAMERA_PIXELS_PER_MODULE = 3.0
CAMERA_BLUR_PIXELS = 0.6
MM_PER_INCH = 25.4
POINTS_PER_INCH = 72
QR_ONLY = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])

# PDFium keeps global state and must be entered by one thread at a time.
pdfium_lock = Lock()


@dataclass(frozen=True, slots=True)
class ExpectedSymbol:
    """One symbol a page must carry: its address, its point, the length of its side in mm."""

    url: str
    point: str
    side_mm: float


@dataclass(frozen=True, slots=True)
class SheetReading:
    """What was read back from one page: as a fair print gives it, and as a cheap camera."""

    page: int
    points: tuple[str, ...]
    wanted: int
    print_read: int
    camera_read: int
    strange: int = 0
    """Symbols that do not belong there."""

    @property
    def is_good(self) -> bool:
        """Whether both readings gave every symbol, and nothing else."""
        read_all = self.print_read == self.camera_read == self.wanted
        return read_all and not self.strange


def read_sheets(
    pdf: bytes, expected: Sequence[Sequence[ExpectedSymbol]]
) -> tuple[SheetReading, ...]:
    """Read every page back and say what was found, page by page; judges nothing.

    Raises DocumentFailed when the pages are not as many as expected.
    """
    with pdfium_lock, _open(pdf) as document:
        _require_pages(len(document), len(expected))
        return tuple(
            _reading(number, page, symbols)
            for number, (page, symbols) in enumerate(
                zip(document, expected, strict=True), start=1
            )
        )


def _reading(number: int, page: PdfPage, symbols: Sequence[ExpectedSymbol]) -> SheetReading:
    wanted = Counter(symbol.url for symbol in symbols)
    as_print = Counter(_read(_rasterise(page, dpi=PRINT_DPI)))
    as_camera = Counter(_read(_as_a_camera(page, symbols)))
    return SheetReading(
        page=number,
        points=tuple(dict.fromkeys(symbol.point for symbol in symbols)),
        wanted=wanted.total(),
        print_read=(as_print & wanted).total(),
        camera_read=(as_camera & wanted).total(),
        strange=(as_print - wanted).total() + (as_camera - wanted).total(),
    )


def _require_pages(found: int, wanted: int) -> None:
    if found != wanted:
        message = f"The document has {found} pages and should have {wanted}."
        raise DocumentFailed(message)


def count_pages(pdf: bytes) -> int:
    """How many pages a finished PDF has."""
    with pdfium_lock, _open(pdf) as document:
        return len(document)


def decode_pages(pdf: bytes) -> list[list[str]]:
    """Read every symbol of every page at 150 dpi, from top left to bottom right."""
    with pdfium_lock, _open(pdf) as document:
        return [_read(_rasterise(page, dpi=PRINT_DPI)) for page in document]


def verify(pdf: bytes, expected: Sequence[Sequence[ExpectedSymbol]]) -> None:
    """Compare the symbols of each page with `expected`, which has one entry per page.

    Raises DocumentFailed naming page and point of every symbol that could not be read back
    and every address that should not be there.
    """
    complaints: list[str] = []
    with pdfium_lock, _open(pdf) as document:
        _require_pages(len(document), len(expected))
        for number, (page, symbols) in enumerate(zip(document, expected, strict=True), 1):
            for image in (_rasterise(page, dpi=PRINT_DPI), _as_a_camera(page, symbols)):
                complaints += _complaints(_read(image), symbols, page=number)
    if complaints:
        raise DocumentFailed(" ".join(dict.fromkeys(complaints)))


def _open(pdf: bytes) -> PdfDocument:
    try:
        return PdfDocument(pdf)
    except PdfiumError as error:
        raise DocumentFailed(f"The document is not a readable PDF: {error}.") from error


def _rasterise(page: PdfPage, *, dpi: float) -> Image.Image:
    return page.render(scale=dpi / POINTS_PER_INCH, grayscale=True).to_pil()


def _as_a_camera(page: PdfPage, symbols: Sequence[ExpectedSymbol]) -> Image.Image:
    """The page so small that its finest module is three pixels wide, slightly blurred."""
    module_mm = min(
        (symbol.side_mm / modules_across(symbol.url) for symbol in symbols), default=1.0
    )
    dpi = CAMERA_PIXELS_PER_MODULE * MM_PER_INCH / module_mm
    return _rasterise(page, dpi=dpi).filter(ImageFilter.GaussianBlur(CAMERA_BLUR_PIXELS))


def _read(image: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(image, formats=QR_ONLY, try_invert=False)
    ordered = sorted(
        found, key=lambda code: (code.position.top_left.y, code.position.top_left.x)
    )
    return [code.text for code in ordered]


def _complaints(
    found: Sequence[str], symbols: Sequence[ExpectedSymbol], *, page: int
) -> list[str]:
    read, wanted = Counter(found), Counter(symbol.url for symbol in symbols)
    names = {symbol.url: symbol.point for symbol in symbols}
    missing = [
        f"Page {page}: the code of {names[url]} ({url}) could not be read back:"
        f" {read[url]} of {wanted[url]} found."
        for url in (wanted - read)
    ]
    strange = [
        f"Page {page}: carries a code that does not belong there: {url}."
        for url in (read - wanted)
    ]
    return missing + strange
