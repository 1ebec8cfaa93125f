"""The evaluator's package: a scoring with all that it was made from, checked to the last byte.

A ZIP of plain files, stored without compression so that equal contents are equal archives on
every machine. Whoever opens it elsewhere checks the digests, computes the scores again from
the inputs, makes every derived file again, and compares all of it, the archive's own bytes
included. A package that differs anywhere is refused, and the first difference is named.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from app import __version__
from app.documents.scores.method_text import method_text
from app.documents.scores.score_tables import scores_table, values_table
from app.documents.workbooks import results_csv
from app.errors import InputRefused
from app.scoring.definition.system import IndicatorSystem
from app.survey.reading import read_definition
from app.workflow.assessment.archive import packed, unpacked
from app.workflow.assessment.computing import compute_again, libraries
from app.workflow.assessment.inputs_document import ScoreInputs, read_inputs
from app.workflow.assessment.package_problems import (
    ALTERED,
    RECOMPUTED,
    REPACKED,
    WRONG_DIGEST,
    WRONG_FILES,
    refused,
)

SCHEMA: Literal["minxin-package/1"] = "minxin-package/1"
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
class Listed:
    """One file of the manifest."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands in the manifest, but for the digest of itself."""

    schema: Literal["minxin-package/1"]
    product: Literal["minxin"]
    code_version: str
    libraries: Mapping[str, str]
    """The versions that the scores were computed with."""
    made_at: str
    origin: Origin
    files: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """A package that was checked."""

    manifest: Manifest
    digest: str
    """SHA-256 of the whole archive, hex."""
    inputs: ScoreInputs
    document: Mapping[str, Any]
    files: Mapping[str, bytes]


MANIFESTS: TypeAdapter[Manifest] = TypeAdapter(Manifest)


def export_package(inputs: str, document: str, *, origin: Origin, made_at: datetime) -> bytes:
    """The archive of a scoring, from its two documents as they are kept."""
    files, result = _files(inputs, document), json.loads(document)
    manifest = Manifest(
        schema=SCHEMA,
        product="minxin",
        code_version=result["code_version"],
        libraries=result["libraries"],
        made_at=made_at.isoformat(timespec="seconds"),
        origin=origin,
        files=tuple(_listed(name, content) for name, content in files.items()),
    )
    return packed({MANIFEST: _spelt(manifest), **files})


def read_package(archive: bytes) -> Package:
    """Check a package, compute it again, and give what it holds.

    Raises InputRefused naming the file and the first thing that differs.
    """
    files = unpacked(archive, names=(MANIFEST, *FILES))
    manifest = _checked_manifest(files)
    inputs = read_inputs(_text(files, "inputs.json"))
    if inputs.system != _text(files, "system.yaml"):
        raise refused(ALTERED, file="system.yaml", what="inputs.json")
    document = _text(files, "result.json")
    again = compute_again(inputs, document)
    if again != document:
        raise refused(
            RECOMPUTED,
            file="result.json",
            what=_difference(document, again),
            made_with=_versions(manifest.code_version, manifest.libraries),
            here=_versions(__version__, libraries()),
        )
    _hold_to_result(files, manifest)
    ordered = {name: files[name] for name in (MANIFEST, *FILES)}
    if packed(ordered) != archive:
        raise refused(REPACKED)
    digest = hashlib.sha256(archive).hexdigest()
    return Package(manifest, digest, inputs, json.loads(document), ordered)


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


def _difference(kept: str, computed: str) -> str:
    """The first difference of a result that anybody may have written, or that it is none."""
    try:
        found = first_difference(json.loads(kept), json.loads(computed))
    except (ValueError, RecursionError) as error:
        return f"it is no JSON of a result ({type(error).__name__})"
    return found or "its numbers are the same, their spelling is another"


def _hold_to_result(files: Mapping[str, bytes], manifest: Manifest) -> None:
    """Refuses tables, method or manifest that are not those of the result."""
    inputs, document = _text(files, "inputs.json"), _text(files, "result.json")
    for name, content in _files(inputs, document).items():
        if content != files[name]:
            raise refused(ALTERED, file=name, what="result.json")
    result = json.loads(document)
    stated = (manifest.code_version, manifest.libraries)
    if stated != (result["code_version"], result["libraries"]):
        raise refused(ALTERED, file=MANIFEST, what="result.json")


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


def _listed(name: str, content: bytes) -> Listed:
    return Listed(name, len(content), hashlib.sha256(content).hexdigest())


def _spelt(manifest: Manifest) -> bytes:
    """The manifest as text, with the digest of itself without that digest."""
    found = asdict(manifest)
    digest = hashlib.sha256(_written(found)).hexdigest()
    return _written({**found, "digest": digest})


def _written(found: Mapping[str, Any]) -> bytes:
    return (json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _checked_manifest(files: Mapping[str, bytes]) -> Manifest:
    """The manifest, once its own digest and those of all files are right."""
    try:
        manifest = MANIFESTS.validate_json(files[MANIFEST], strict=True)
        as_it_would_be = _spelt(manifest)
    except (ValidationError, UnicodeEncodeError):
        raise refused(ALTERED, file=MANIFEST, what=SCHEMA) from None
    if as_it_would_be != files[MANIFEST]:
        raise refused(WRONG_DIGEST, file=MANIFEST)
    if [one.name for one in manifest.files] != list(FILES):
        raise refused(WRONG_FILES, what=MANIFEST)
    changed = [one for one in manifest.files if one != _listed(one.name, files[one.name])]
    if changed:
        found = [refused(WRONG_DIGEST, file=one.name) for one in changed]
        raise InputRefused(problem for one in found for problem in one.problems)
    return manifest


def _text(files: Mapping[str, bytes], name: str) -> str:
    try:
        return files[name].decode()
    except UnicodeDecodeError:
        raise refused(ALTERED, file=name, what="UTF-8") from None


def _versions(program: str, others: Mapping[str, str]) -> str:
    versions = {"minxin": program, **others}
    return ", ".join(f"{name} {version}" for name, version in versions.items())
