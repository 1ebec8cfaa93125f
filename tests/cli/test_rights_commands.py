"""Samples and tickets by command: the list is there if and only if the rights are."""

import csv
import io
import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from app.cli import main
from app.cli.private_files import private_files
from app.database.engine import make_engine
from app.database.tables import InviteeRow, TokenRow
from app.documents.printing.verification import decode_pages
from app.errors import MinxinError
from app.survey.tokens import read_token, token_hash
from world import TOWN_PLAN

PLAN = (
    TOWN_PLAN.replace("2027-01-01", "2099-01-01")
    + "admission: {rights: [open, invitation, ticket]}\n"
)
FRAME = "person,unit,name\n" + "".join(
    f"p{n},{'east' if n % 2 else 'west'},=王{n}\n" for n in range(40)
)


@pytest.fixture
def minxin(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    """Run a command on a database of its own and give back what it said."""
    monkeypatch.setenv("MINXIN_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("MINXIN_PUBLIC_URL", "https://q.example.gov.cn")

    def run(*words: str | Path, fails: bool = False) -> str:
        result = CliRunner().invoke(main.application, [str(word) for word in words])
        if fails:
            assert isinstance(result.exception, MinxinError), result.output
            return f"{result.output}{result.exception}"
        assert result.exception is None, result.output + repr(result.exception)
        return result.output

    return run


@pytest.fixture
def frame(minxin, tmp_path) -> Path:
    """An open round, and the file of its frame."""
    plan = tmp_path / "town.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    minxin("round", "open", plan)
    file = tmp_path / "frame.csv"
    file.write_text(FRAME, encoding="utf-8")
    return file


def kept(sqlite_url: str, table) -> list:
    engine = make_engine(sqlite_url)
    with Session(engine) as session:
        found = list(session.scalars(select(table)))
    engine.dispose()
    return found


def listed(file: Path) -> list[dict[str, str]]:
    text = file.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def draw(minxin, frame: Path, *more: str | Path, fails: bool = False) -> str:
    words = ("sample", "draw", "town-2026", "--frame", frame, "--seed", "lottery", *more)
    return minxin(*words, fails=fails)


def test_a_sample_is_drawn_listed_and_replayed(minxin, frame, tmp_path, sqlite_url):
    out = tmp_path / "list.csv"
    said = draw(minxin, frame, "--size", "10", "--out", out)
    assert "10 people drawn for town-2026 as sample" in said
    assert "east: 5 of 20" in said
    rows = listed(out)
    assert list(rows[0]) == [
        "序号 No.",
        "person",
        "unit",
        "name",
        "链接 Link",
        "评价码 Key",
        "有效期至 Valid until",
    ]
    assert all(row["name"].startswith("'=王") for row in rows)
    hashes = {token.hash for token in kept(sqlite_url, TokenRow)}
    for row in rows:
        address, _, token = row["链接 Link"].partition("#t=")
        assert address.startswith("https://q.example.gov.cn/s/")
        assert read_token(row["评价码 Key"]) == token
        assert token_hash(token) in hashes
        assert row["有效期至 Valid until"] == "2099-01-01 00:00"
        assert token not in said
    assert len(hashes) == len(rows) == 10
    replayed = minxin("sample", "replay", "town-2026", "--frame", frame, "--batch", "sample")
    assert "is the very file that was drawn from; it gives the same 10 people" in replayed
    frame.write_text(FRAME.replace("p", "q").replace("qerson", "person"), encoding="utf-8")
    refusal = minxin("sample", "replay", "town-2026", "--frame", frame, fails=True)
    assert "another file than the one that was drawn from and gives other people" in refusal


def test_sizes_are_named_by_stratum(minxin, frame, tmp_path):
    out = tmp_path / "list.csv"
    said = draw(minxin, frame, "--sizes", "east=3, west = 1", "--batch", "b", "--out", out)
    assert "4 people drawn for town-2026 as b" in said
    assert [row["unit"] for row in listed(out)] == ["east"] * 3 + ["west"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Give either --size, or --sizes"),
        (("--size", "3", "--sizes", "east=3"), "Give either --size, or --sizes"),
        (("--sizes", "east"), "'east' is not a stratum and its number"),
        (("--sizes", "east=1,east=2"), "each stratum once"),
        (("--sizes", "east=1"), "sizes.west: is not one or more"),
        (("--sizes", "east=21,west=1"), "sizes.east: is more than the 20 people"),
        (("--size", "41"), "is more than the 40 people of the frame"),
    ],
)
def test_a_size_that_cannot_be_is_said_and_nothing_is_kept(
    minxin, frame, tmp_path, sqlite_url, words, said
):
    out = tmp_path / "list.csv"
    assert said in draw(minxin, frame, *words, "--out", out, fails=True)
    assert not out.exists()
    assert kept(sqlite_url, TokenRow) == []


def test_a_list_is_for_its_owner_alone_and_overwrites_nothing(minxin, frame, tmp_path):
    out = tmp_path / "list.csv"
    out.write_text("mine", encoding="utf-8")
    refusal = draw(minxin, frame, "--size", "4", "--out", out, fails=True)
    assert "exists already and is not overwritten" in refusal
    assert out.read_text(encoding="utf-8") == "mine"
    other = tmp_path / "other.csv"
    before = os.umask(0)
    try:
        draw(minxin, frame, "--size", "4", "--out", other)
    finally:
        os.umask(before)
    assert stat.S_IMODE(other.stat().st_mode) == 0o600


def test_nothing_is_kept_when_a_file_cannot_be_written(minxin, frame, tmp_path, sqlite_url):
    out, nowhere = tmp_path / "list.csv", tmp_path / "nowhere" / "slips.pdf"
    words = ("--size", "4", "--out", out, "--sheets", nowhere)
    refusal = draw(minxin, frame, *words, fails=True)
    assert "cannot be written: No such file or directory." in refusal
    assert not out.exists()
    assert kept(sqlite_url, TokenRow) == kept(sqlite_url, InviteeRow) == []


def test_no_list_is_left_of_a_draw_that_is_refused(minxin, frame, tmp_path, sqlite_url):
    draw(minxin, frame, "--size", "4", "--out", tmp_path / "first.csv")
    second = tmp_path / "second.csv"
    refusal = draw(minxin, frame, "--size", "5", "--out", second, fails=True)
    assert "has a batch 'sample' already" in refusal
    assert not second.exists()
    assert len(kept(sqlite_url, TokenRow)) == 4


def test_files_are_gone_again_when_what_follows_fails(tmp_path):
    files = {tmp_path / "a": b"1", tmp_path / "b": b"2"}

    def keep_nothing() -> None:
        with private_files(files):
            assert all(path.read_bytes() == content for path, content in files.items())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep_nothing()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_appeared_meanwhile_is_not_touched(tmp_path):
    taken = tmp_path / "b"
    taken.write_bytes(b"mine")
    with pytest.raises(MinxinError, match="File exists"):
        private_files({tmp_path / "a": b"1", taken: b"2"}).__enter__()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("b", b"mine")]


def test_tickets_are_printed_on_slips_and_revoked_by_batch_and_one_by_one(
    minxin, frame, tmp_path, sqlite_url
):
    out, sheets = tmp_path / "tickets.csv", tmp_path / "slips.pdf"
    words = ("--count", "12", "--hours", "24", "--batch", "desk", "--out", out)
    issue = ("ticket", "issue", "town-2026", "--point", "east-hall", *words)
    said = minxin(*issue, "--sheets", sheets)
    assert "12 tickets issued for town-2026 as desk" in said
    assert stat.S_IMODE(sheets.stat().st_mode) == 0o600
    links = [row["链接 Link"] for row in listed(out)]
    printed = [url for page in decode_pages(sheets.read_bytes()) for url in page]
    assert sorted(printed) == sorted(links)
    key = listed(out)[0]["评价码 Key"]
    said = minxin("ticket", "revoke", "town-2026", "--token", key)
    assert "1 unspent tokens of town-2026 are worthless" in said
    assert "11 unspent tokens" in minxin("ticket", "revoke", "town-2026", "--batch", "desk")
    assert all(token.revoked for token in kept(sqlite_url, TokenRow))


def test_tickets_are_named_by_their_day_if_nobody_names_them(minxin, frame, tmp_path):
    words = (
        "--point",
        "east-hall",
        "--count",
        "1",
        "--out",
        tmp_path / "t.csv",
        "--hours",
        "1e9",
    )
    said = minxin("ticket", "issue", "town-2026", *words)
    assert " as tickets-20" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--point", "moon", "--count", "1"), "point: is no point of the plan"),
        (("--point", "east-hall", "--count", "0"), "count: is out of range"),
        (("--point", "east-hall", "--count", "1", "--hours", "0"), "hours: is not positive"),
        (("--point", "east-hall", "--count", "1", "--hours", "nan"), "--hours: nan is no time"),
        (("--point", "east-hall", "--count", "1", "--hours", "-1e9"), "hours: is not positive"),
        (("--point", "east-hall", "--count", "1", "--hours", "1e99"), "--hours: 1e+99 is no"),
    ],
)
def test_tickets_that_cannot_be_are_said(minxin, frame, tmp_path, words, said):
    out = tmp_path / "t.csv"
    assert said in minxin("ticket", "issue", "town-2026", *words, "--out", out, fails=True)
    assert not out.exists()


def test_what_is_revoked_must_be_named(minxin, frame):
    assert "Name one of the two" in minxin("ticket", "revoke", "town-2026", fails=True)
