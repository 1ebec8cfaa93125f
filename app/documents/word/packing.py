"""A DOCX packed anew with fixed dates, so that equal documents are equal in bytes."""

import io
import zipfile

BORN = (2026, 1, 1, 0, 0, 0)


def with_fixed_dates(content: bytes) -> bytes:
    """The same members in the same order, none of which says when it was written."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for member in before.infolist():
            fixed = zipfile.ZipInfo(member.filename, BORN)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o600 << 16
            after.writestr(fixed, before.read(member))
    return written.getvalue()
