"""The evaluator's package: a scoring with all that it was made from, checked to the last byte.

A ZIP of plain files, stored without compression so that equal contents are equal archives on
every machine. Whoever opens it elsewhere checks the digests, computes the scores again from
the inputs, makes every derived file again, and compares all of it, the archive's own bytes
included. A package that differs anywhere is refused, and the first difference is named.
"""

import hashlib
import json
import platform
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import numpy as np
import scipy

from app import __version__
from app.documents.scores.method_text import method_text
from app.documents.scores.score_tables import scores_table, values_table
from app.documents.workbooks import results_csv
from app.errors import InputRefused, Problem
from app.scoring.definition.system import IndicatorSystem
from app.survey.reading import read_definition
from app.workflow.assessment.computing import compute_scores
from app.workflow.assessment.inputs_document import ScoreInputs, read_inputs
from app.workflow.assessment.package_problems import (
    ALTERED,
    NOT_A_PACKAGE,
    RECOMPUTED,
    REPACKED,
    TOO_LARGE,
    WRONG_DIGEST,
    WRONG_FILES,
    refused,
)

SCHEMA = "minxin-package/1"
MANIFEST = "manifest.json"
FILES = (
    "README.txt",
    "system.yaml",
    "inputs.json",
    "result.json",
    "scores.csv",
    "values.csv",
    "method.md",
)
LARGEST_FILE = 400_000_000
"""Bytes; the inputs of 3,000 units and 60 indicators are a tenth of it."""
BORN = (1980, 1, 1, 0, 0, 0)
"""An archive's files must carry a date; a fixed one keeps equal packages equal."""

README = """民心尺 Minxin: 综合得分数据包 / a package of composite scores

system.yaml   指标体系原文 / the indicator system as it stands
inputs.json   全部输入 / everything the scores were computed from
result.json   结果，含每一步 / the result with every step
scores.csv    每个单位一行 / one line a unit
values.csv    每个指标值一行 / one line a value
method.md     如何计算 / how it was computed
manifest.json 清单与 SHA-256 / sizes and SHA-256 of all files

核对 / To check it: minxin import-scores THIS_FILE.zip
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a scoring was made."""

    assessment: str
    run: int
    title: str
    sources: Mapping[str, Any]
    """The published runs, imports and events behind it, with their digests."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package that was checked."""

    origin: Origin
    made_at: str
    code_version: str
    libraries: Mapping[str, str]
    digest: str
    """SHA-256 of the whole archive, hex."""
    inputs: ScoreInputs
    document: Mapping[str, Any]
    files: Mapping[str, bytes]


def export_package(inputs: str, document: str, *, origin: Origin, made_at: datetime) -> bytes:
    """The archive of a scoring, from its two documents as they are kept."""
    files = _files(inputs, document)
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "product": "minxin",
        "code_version": json.loads(document)["code_version"],
        "libraries": libraries(),
        "made_at": made_at.isoformat(timespec="seconds"),
        "origin": asdict(origin),
        "files": [_entry(name, files[name]) for name in FILES],
    }
    return _archive(_manifest(found), files)


def libraries() -> dict[str, str]:
    """The versions that a number could depend on."""
    return {
        "minxin": __version__,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "python": platform.python_version(),
    }


def read_package(archive: bytes) -> Package:
    """Check a package, compute it again, and give what it holds.

    Raises InputRefused naming the file and the first thing that differs.
    """
    files = dict(_unpacked(archive))
    manifest = _checked_manifest(files)
    inputs = read_inputs(_text(files, "inputs.json"))
    if inputs.system != _text(files, "system.yaml"):
        raise refused(ALTERED, file="system.yaml", what="inputs.json")
    document = _text(files, "result.json")
    version = json.loads(document)["code_version"]
    again = compute_scores(inputs, code_version=version)
    if again != document:
        raise refused(
            RECOMPUTED,
            file="result.json",
            what=first_difference(json.loads(document), json.loads(again)),
            made_with=_listed(manifest["libraries"]),
            here=_listed(libraries()),
        )
    for name, content in _files(_text(files, "inputs.json"), document).items():
        if content != files[name]:
            raise refused(ALTERED, file=name, what="result.json")
    contents = {name: files[name] for name in FILES}
    if _archive(files[MANIFEST], contents) != archive:
        raise refused(REPACKED)
    return Package(
        origin=Origin(**manifest["origin"]),
        made_at=manifest["made_at"],
        code_version=manifest["code_version"],
        libraries=manifest["libraries"],
        digest=hashlib.sha256(archive).hexdigest(),
        inputs=inputs,
        document=json.loads(document),
        files={MANIFEST: files[MANIFEST], **contents},
    )


def first_difference(kept: Any, computed: Any, place: str = "") -> str:
    """The first place where two documents differ, with both values; empty where none."""
    if isinstance(kept, dict) and isinstance(computed, dict):
        for key in sorted({*kept, *computed}):
            here = f"{place}.{key}".lstrip(".")
            if key not in kept or key not in computed:
                return f"{here}: only in one of the two"
            found = first_difference(kept[key], computed[key], here)
            if found:
                return found
        return ""
    if isinstance(kept, list) and isinstance(computed, list):
        if len(kept) != len(computed):
            return f"{place}: {len(kept)} and {len(computed)} entries"
        pairs = enumerate(zip(kept, computed, strict=True))
        differences = (first_difference(a, b, f"{place}[{i}]") for i, (a, b) in pairs)
        return next((found for found in differences if found), "")
    return "" if kept == computed else f"{place}: {kept!r}, computed again {computed!r}"


def _files(inputs: str, document: str) -> dict[str, bytes]:
    """Every file of a package but the manifest, from the two documents."""
    given, result = read_inputs(inputs), json.loads(document)
    system = read_definition(IndicatorSystem, given.system, source="system.yaml")
    return {
        "README.txt": README.encode(),
        "system.yaml": given.system.encode(),
        "inputs.json": inputs.encode(),
        "result.json": document.encode(),
        "scores.csv": results_csv(scores_table(result, "zh-Hans")),
        "values.csv": results_csv(values_table(result, "zh-Hans")),
        "method.md": method_text(system, seed=given.seed).encode(),
    }


def _entry(name: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"name": name, "bytes": len(content), "sha256": digest}


def _manifest(found: Mapping[str, Any]) -> bytes:
    """The manifest as text, with the digest of itself without that digest."""
    whole = {**found, "digest": hashlib.sha256(_spelt(found)).hexdigest()}
    return _spelt(whole)


def _spelt(found: Mapping[str, Any]) -> bytes:
    return (json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _archive(manifest: bytes, files: Mapping[str, bytes]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, written in ((MANIFEST, manifest), *files.items()):
            entry = zipfile.ZipInfo(name, BORN)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, written)
    return content.getvalue()


def _unpacked(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of an archive, none larger than it may be, and no others."""
    try:
        with zipfile.ZipFile(BytesIO(archive)) as opened:
            entries = opened.infolist()
            names = [entry.filename for entry in entries]
            if sorted(names) != sorted((MANIFEST, *FILES)):
                wrong = sorted({*names} ^ {MANIFEST, *FILES}) or names
                raise refused(WRONG_FILES, what=", ".join(wrong[:8]))
            for entry in entries:
                if entry.file_size > LARGEST_FILE or entry.compress_type != zipfile.ZIP_STORED:
                    raise refused(TOO_LARGE, file=entry.filename)
                yield entry.filename, opened.read(entry)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise refused(NOT_A_PACKAGE, what=str(error)) from None


def _checked_manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    """The manifest, once its own digest and those of all files are right."""
    try:
        found = json.loads(files[MANIFEST])
        own = found.pop("digest")
        stated = {entry["name"]: entry for entry in found["files"]}
        Origin(**found["origin"])
        known = found["schema"] == SCHEMA and {*found["libraries"]} == {*libraries()}
        rewritten = _spelt({**found, "digest": own})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise refused(ALTERED, file=MANIFEST, what=type(error).__name__) from None
    if not known or rewritten != files[MANIFEST]:
        raise refused(ALTERED, file=MANIFEST, what="its shape")
    if hashlib.sha256(_spelt(found)).hexdigest() != own:
        raise refused(WRONG_DIGEST, file=MANIFEST)
    problems: list[Problem] = []
    for name in FILES:
        if stated.get(name) != _entry(name, files[name]):
            problems += refused(WRONG_DIGEST, file=name).problems
    if problems or len(stated) != len(FILES):
        raise InputRefused(problems or refused(WRONG_FILES, what=MANIFEST).problems)
    return dict(found)


def _text(files: Mapping[str, bytes], name: str) -> str:
    try:
        return files[name].decode()
    except UnicodeDecodeError:
        raise refused(ALTERED, file=name, what="UTF-8") from None


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
