"""A package is checked to the last byte and computed again; anything else is refused."""

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_inputs import small_inputs

from app.errors import InputRefused
from app.workflow.assessment.computing import compute_scores
from app.workflow.assessment.inputs_document import write_inputs
from app.workflow.assessment.package import (
    Origin,
    _archive,
    _entry,
    _manifest,
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


def forged(files):
    """A package whose manifest was made to fit the changed `files`."""
    manifest = json.loads(files["manifest.json"])
    manifest.pop("digest")
    files = {name: content for name, content in files.items() if name != "manifest.json"}
    manifest["files"] = [_entry(name, content) for name, content in files.items()]
    return _archive(_manifest(manifest), files)


def refusal(archive, language="en"):
    with pytest.raises(InputRefused) as refused:
        read_package(archive)
    return str(refused.value) if language == "en" else refused.value.in_chinese


def test_a_package_is_read_and_computed_again():
    found = read_package(PACKAGE)
    assert found.origin == ORIGIN
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
    files["result.json"] = json.dumps(
        document, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    ).encode()
    said = refusal(forged(files))
    assert "composite.units[0].final: 99.0, computed again 56.0" in said
    assert "numpy" in said
    assert "重新计算的结果不同" in refusal(forged(files), "zh-Hans")


def test_files_that_do_not_belong_or_are_missing_are_refused():
    for change in (lambda f: f.pop("scores.csv"), lambda f: f.update({"../evil.txt": b"x"})):
        files = contents()
        change(files)
        manifest = files.pop("manifest.json")
        assert "exactly the files of a package" in refusal(_archive(manifest, files))


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
