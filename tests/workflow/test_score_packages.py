"""A package is checked to the last byte and computed again; anything else is refused."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_inputs import small_inputs

from app.errors import InputRefused
from app.workflow.assessment.archive import packed
from app.workflow.assessment.computing import compute_scores
from app.workflow.assessment.inputs_document import write_inputs
from app.workflow.assessment.package import (
    MANIFEST,
    Origin,
    export_package,
    first_difference,
    read_package,
)

INPUTS = write_inputs(small_inputs())
DOCUMENT = compute_scores(small_inputs(), code_version="0.1.0")
MADE = datetime(2026, 11, 22, tzinfo=UTC)
ORIGIN = Origin("town", 1, "一个考核", {"rounds": {}})
PACKAGE = export_package(INPUTS, DOCUMENT, origin=ORIGIN, made_at=MADE)


def contents():
    with zipfile.ZipFile(io.BytesIO(PACKAGE)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def forged(files, **instead):
    """A package whose manifest was made to fit the changed `files`, as anybody could."""
    manifest = {**json.loads(files[MANIFEST]), **instead}
    manifest.pop("digest")
    files = {name: content for name, content in files.items() if name != MANIFEST}
    manifest["files"] = [
        {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    ]
    manifest["digest"] = hashlib.sha256(written(manifest)).hexdigest()
    return packed({MANIFEST: written(manifest), **files})


def written(manifest):
    return (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def spelt(document):
    return json.dumps(
        document, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    ).encode()


def refusal(archive, language="en"):
    with pytest.raises(InputRefused) as refused:
        read_package(archive)
    return str(refused.value) if language == "en" else refused.value.in_chinese


def test_a_package_is_read_and_computed_again():
    found = read_package(PACKAGE)
    assert found.manifest.origin == ORIGIN
    assert found.digest == hashlib.sha256(PACKAGE).hexdigest()
    assert found.inputs == small_inputs()
    assert sorted(found.files) == sorted(contents())


def test_equal_scorings_are_equal_packages():
    assert export_package(INPUTS, DOCUMENT, origin=ORIGIN, made_at=MADE) == PACKAGE


@given(st.integers(0, len(PACKAGE) - 1), st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_a_byte_that_differs_anywhere_is_refused(place, by):
    spoilt = bytearray(PACKAGE)
    spoilt[place] ^= by
    refusal(bytes(spoilt))


@pytest.mark.parametrize("name", sorted(set(contents()) - {"manifest.json"}))
def test_a_file_that_was_changed_with_its_digest_is_refused_by_name(name):
    files = contents()
    files[name] += b" "
    said = refusal(forged(files))
    assert name.split(".")[0] in said


def test_a_score_that_was_raised_is_named_with_both_values():
    files = contents()
    document = json.loads(files["result.json"])
    document["composite"]["units"][0]["final"] = 99.0
    files["result.json"] = spelt(document)
    said = refusal(forged(files))
    assert "composite.units[0].final: 99.0, computed again 56.0" in said
    assert "numpy" in said
    assert "重新计算的结果不同" in refusal(forged(files), "zh-Hans")


def test_files_that_do_not_belong_or_are_missing_are_refused():
    for change in (lambda f: f.pop("scores.csv"), lambda f: f.update({"../evil.txt": b"x"})):
        files = contents()
        change(files)
        assert "exactly the files of a package" in refusal(packed(files))


def test_a_file_under_another_name_or_twice_is_refused():
    files = contents()
    renamed = {("Scores.csv" if name == "scores.csv" else name): files[name] for name in files}
    assert "'Scores.csv', 'scores.csv'" in refusal(packed(renamed))
    twice = io.BytesIO(PACKAGE)
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("result.json", files["result.json"])
    assert "exactly the files of a package" in refusal(twice.getvalue())


def test_the_same_files_in_another_order_are_another_archive():
    files = contents()
    turned = {name: files[name] for name in reversed(files)}
    assert "is not the archive that was exported" in refusal(packed(turned))


@pytest.mark.parametrize(
    "document", [b"[]", b"{}", b"nothing", b"[" * 100_000, b'{"code_version":1,"libraries":2}']
)
def test_a_result_that_is_none_is_refused_whatever_it_is(document):
    assert "is not what its inputs give" in refusal(
        forged({**contents(), "result.json": document})
    )


@pytest.mark.parametrize(
    "instead",
    [
        {"code_version": "9.9"},
        {"libraries": {"numpy": "9.9"}},
        {"schema": "minxin-package/2"},
        {"origin": {"assessment": "town"}},
        {"origin": [[]] * 3},
        {"signed_by": "nobody"},
    ],
)
def test_a_manifest_that_says_something_else_is_refused(instead):
    assert "manifest.json" in refusal(forged(contents(), **instead))


@pytest.mark.parametrize("manifest", [b"", b"{}", b"[" * 100_000, b"\xff", b'{"files":[{}]}'])
def test_what_is_no_manifest_is_refused(manifest):
    assert "manifest.json" in refusal(packed({**contents(), MANIFEST: manifest}))


def test_another_version_of_a_library_is_taken_over_and_named_where_numbers_differ():
    files = contents()
    document = json.loads(files["result.json"])
    document["libraries"]["numpy"] = "1.0.0"
    files["result.json"] = spelt(document)
    found = read_package(forged(files, libraries=document["libraries"]))
    assert found.manifest.libraries["numpy"] == "1.0.0"
    document["composite"]["units"][0]["gross"] += 1e-9
    files["result.json"] = spelt(document)
    said = refusal(forged(files, libraries=document["libraries"]))
    assert "numpy 1.0.0" in said
    assert f"numpy {np.__version__}" in said


def test_the_same_numbers_spelt_otherwise_are_refused():
    files = contents()
    files["result.json"] += b"\n"
    assert "their spelling is another" in refusal(forged(files))


def test_what_a_spreadsheet_would_run_is_put_in_quotes():
    inputs = small_inputs()
    units = tuple(replace(u, code="=1+1") if u.code == "a" else u for u in inputs.units)
    values = tuple(replace(v, unit="=1+1") if v.unit == "a" else v for v in inputs.values)
    named = replace(inputs, units=units, values=values)
    archive = export_package(
        write_inputs(named), compute_scores(named), origin=ORIGIN, made_at=MADE
    )
    files = read_package(archive).files
    for name in ("scores.csv", "values.csv"):
        assert '"\'=1+1"' in files[name].decode("utf-8-sig")


def test_a_package_that_was_packed_again_is_not_the_one_that_was_exported():
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as archive:
        for name, content in contents().items():
            archive.writestr(name, content)
    assert "is not the archive that was exported" in refusal(again.getvalue())


def test_a_compressed_bomb_is_refused_before_it_is_unpacked():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in contents():
            archive.writestr(name, b"0" * 10_000_000)
    assert "larger than a package can be, or compressed" in refusal(bomb.getvalue())


@pytest.mark.parametrize("archive", [b"", b"PK", b"no archive at all", PACKAGE[:1000]])
def test_what_is_no_package_is_refused(archive):
    assert "no archive that can be read" in refusal(archive)


def test_the_tables_carry_places_and_run_no_formula():
    table = read_package(PACKAGE).files["scores.csv"].decode("utf-8-sig")
    assert table.splitlines()[0].startswith('"单位代码","类型","扣分前"')
    assert '"d","village"' in table


def test_the_first_difference_is_found_however_deep():
    assert first_difference({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}) == (
        "a[1].b: 2, computed again 3"
    )
    assert first_difference([1], [1, 2]) == ": 1 and 2 entries"
    assert first_difference({"a": 1}, {"a": 1}) == ""
