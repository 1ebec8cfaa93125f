"""Files that carry tokens: for the operator's eyes alone, new, and all of them or none."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app.errors import MinxinError

OWNER_ONLY = 0o600


def refuse_existing(paths: Sequence[Path]) -> None:
    """Raise MinxinError for a file that is there already: it may hold tokens still in use."""
    for position, path in enumerate(paths):
        if os.path.lexists(path):
            raise MinxinError(f"{path} exists already and is not overwritten. Name another.")
        if path in paths[:position]:
            raise MinxinError(f"{path} is named twice. Name another file for each.")


@contextmanager
def private_files(content_by_path: Mapping[Path, bytes]) -> Iterator[None]:
    """Write new files of mode 0600; they stay if the block ends well, else they are gone.

    Raises MinxinError, with nothing left behind, for a file that exists or cannot be written.
    """
    with ExitStack() as undo:
        for path, content in content_by_path.items():
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
                undo.callback(path.unlink, missing_ok=True)
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as error:
                raise MinxinError(f"{path} cannot be written: {error.strerror}.") from None
        yield
        undo.pop_all()
