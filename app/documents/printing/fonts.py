"""Finding the Chinese font that printed pieces embed: Noto Sans CJK, regular and bold.

Looked for in a folder the operator names, else in the packaged font of the Python index,
else in Debian's fonts-noto-cjk. Fonts of the machine at large are never used: the same
poster must come out the same everywhere.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import typst

from app.errors import DocumentFailed

FAMILIES = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC")
FONT_PACKAGE = "manimgx_fonts_cjk"
DEBIAN_FOLDER = Path("/usr/share/fonts/opentype/noto")

CURES = (
    "Install the Python package manimgx-fonts-cjk, or Debian's fonts-noto-cjk, or put"
    " NotoSansCJK-Regular.ttc and NotoSansCJK-Bold.ttc into a folder and name it in"
    " MINXIN_FONT_DIRECTORY."
)


@dataclass(frozen=True, slots=True)
class FontSet:
    """A folder of fonts as Typst reads it, and the Chinese family in it to set text in."""

    folder: Path
    family: str
    fonts: typst.Fonts


def find_fonts(directory: Path | None = None) -> FontSet:
    """Find Noto Sans CJK; `directory` alone counts when it is given.

    Raises DocumentFailed with every cure when no folder holds the font.
    """
    folders = [directory] if directory else [*_packaged_folder(), DEBIAN_FOLDER]
    return find_fonts_in(tuple(folders))


@cache
def find_fonts_in(folders: tuple[Path, ...]) -> FontSet:
    """Take the first of `folders` that holds a Chinese family we set text in."""
    for folder in folders:
        if not folder.is_dir():
            continue
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
        )
        present = set(fonts.families())
        for family in FAMILIES:
            if family in present:
                return FontSet(folder, family, fonts)
    looked = ", ".join(str(folder) for folder in folders)
    raise DocumentFailed(f"No Chinese font for printing was found in {looked}. {CURES}")


@cache
def with_letters(folder: Path, family: str) -> FontSet:
    """The same fonts and those that Typst brings: formulas need letters like ŷ.

    Only for papers full of text; what hangs on a wall is set in one font.
    """
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder]
    )
    return FontSet(folder, family, fonts)


def _packaged_folder() -> list[Path]:
    spec = find_spec(FONT_PACKAGE)
    return [Path(spec.origin).parent] if spec and spec.origin else []
