"""A ZIP of plain files whose bytes depend on nothing but names and contents.

The files are stored without compression, whose bytes differ between versions of zlib, and with
a fixed date. So an archive that was read can be packed again and compared, and one that is
compressed is refused before anything of it is unpacked.
"""

import zipfile
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO

from app.workflow.assessment.package_problems import (
    NOT_A_PACKAGE,
    TOO_LARGE,
    WRONG_FILES,
    refused,
)

LARGEST_FILE = 400_000_000
"""Bytes; the inputs of 3,000 units and 60 indicators are a tenth of it."""
BORN = (1980, 1, 1, 0, 0, 0)
"""An archive's files must carry a date."""
SHOWN = 8


def packed(files: Mapping[str, bytes]) -> bytes:
    """The archive of these files, in their order."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, written in files.items():
            entry = zipfile.ZipInfo(name, BORN)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, written)
    return content.getvalue()


def unpacked(archive: bytes, *, names: Collection[str]) -> dict[str, bytes]:
    """The files of an archive; InputRefused unless they are exactly those of these names."""
    try:
        with zipfile.ZipFile(BytesIO(archive)) as opened:
            return dict(_files(opened, names))
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        raise refused(NOT_A_PACKAGE, what=str(error)) from None


def _files(opened: zipfile.ZipFile, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    entries = opened.infolist()
    found = [entry.filename for entry in entries]
    if sorted(found) != sorted(names):
        wrong = sorted({*found} ^ {*names}) or found
        raise refused(WRONG_FILES, what=", ".join(repr(name) for name in wrong[:SHOWN]))
    for entry in entries:
        if entry.file_size > LARGEST_FILE or entry.compress_type != zipfile.ZIP_STORED:
            raise refused(TOO_LARGE, file=entry.filename)
        yield entry.filename, opened.read(entry)
