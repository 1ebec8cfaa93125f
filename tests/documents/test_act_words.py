"""Every act that is recorded is named, told in both languages, and leads somewhere."""

import ast
from pathlib import Path

import pytest

from app.documents.act_words import (
    act_names,
    act_parts,
    act_sentences,
    address_of,
    detail_lines,
)
from app.documents.wording import translator
from app.people.acts import ACTS, LOOKS

HOME = Path(__file__).parents[2]
WRITERS = {"record": 1, "note": 1, "saw": 1}
"""Functions that write a line → the position of the act among their arguments."""
CHOSEN = {
    "app/workflow/review/deciding.py": {
        "decide campaign", "confirm decision", "revoke decision",
    },
    "app/workflow/approvals.py": {
        f"{answer} approval{about}"
        for answer in ("ask", "approve", "refuse", "withdraw")
        for about in ("", " of scores", " of weights")
    },
    "app/workflow/jobs/ordering.py": {"order_file", "order_file of scores"},
    "app/web/console/jobs.py": {"take_file", "take_file of scores"},
    "app/workflow/rights.py": {"draw_sample", "issue_tickets"},
    "app/workflow/assessment/events.py": {"event upheld", "event overturned"},
}  # fmt: skip
"""Files that choose the act while they run → all that they choose from."""
PASSED_ON = {"app/database/audit.py", "app/web/console/witness.py"}
"""Files whose function is handed the act by its caller."""


def constants(tree):
    """Name → text, for what a module assigns at its top."""
    pairs = []
    for node in tree.body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs += zip(target.elts, value.elts, strict=True)
            pairs.append((target, value))
    return {
        target.id: value.value
        for target, value in pairs
        if isinstance(target, ast.Name)
        and isinstance(value, ast.Constant)
        and isinstance(value.value, str)
    }


def modules(home=HOME):
    for path in sorted((home / "app").rglob("*.py")):
        yield path.relative_to(home).as_posix(), ast.parse(path.read_text("utf-8"))


def recorded(home=HOME):
    """(place, act) for every call that writes a line; the act is None if code chooses it."""
    trees = dict(modules(home))
    shared = {}
    for tree in trees.values():
        shared.update(constants(tree))
    for path, tree in trees.items():
        own = {**shared, **constants(tree)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in WRITERS and len(node.args) > WRITERS[name]:
                act = node.args[WRITERS[name]]
                if isinstance(act, ast.Constant):
                    yield f"{path}:{node.lineno}", act.value
                elif isinstance(act, ast.Name) and act.id in own:
                    yield f"{path}:{node.lineno}", own[act.id]
                else:
                    yield f"{path}:{node.lineno}", None


def test_every_act_that_is_recorded_has_a_sentence():
    named = set(ACTS)
    silent = []
    for place, act in recorded():
        path = place.partition(":")[0]
        if act is None and path not in PASSED_ON:
            missing = CHOSEN.get(path, {f"(an act chosen while running, at {place})"}) - named
            silent += [f"{place}: {one}" for one in sorted(missing)]
        elif act is not None and act not in named:
            silent.append(f"{place}: {act}")
    assert not silent, (
        "These acts have no words. Add each to app/people/acts.py and"
        " app/documents/act_words.py:\n" + "\n".join(silent)
    )


def test_every_act_that_is_named_is_told_and_recorded_somewhere():
    assert set(act_sentences(str)) == set(ACTS)
    used = {act for _, act in recorded()} | set().union(*CHOSEN.values())
    assert set(ACTS) - used - LOOKS == set()


def test_the_search_finds_acts_by_text_by_name_and_by_choice(tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "one.py").write_text(
        'BOTH, MORE = "a", "b"\n'
        'record(s, "c", subject=1)\nrecord(s, MORE)\nrecord(s, f"x {y}")\nwitness.saw(d, "e")\n'
    )
    assert [act for _, act in recorded(tmp_path)] == ["c", "b", None, "e"]


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_every_sentence_has_one_place_for_its_object(language):
    sentences = act_sentences(translator(language))
    assert {act for act, said in sentences.items() if said.count("{object}") != 1} == set()
    names = act_names(translator(language))
    assert all(name and "{" not in name for name in names.values())
    assert len(set(names.values())) == len(names)


def test_an_act_of_another_version_is_shown_as_it_is_written():
    assert act_parts("fly", str) == ("fly ", "")


def test_a_detail_is_named_and_short():
    detail = {"run": 3, "shown": {"counts": 2}, "about": None, "unheard": ["a", "b"]}
    assert list(detail_lines(detail, translator("en"))) == [
        ("Run", "3"),
        ("Shown", "counts 2"),
        ("unheard", "a, b"),
    ]
    long = list(detail_lines({"note": "长" * 300}, str))
    assert len(long[0][1]) == 201


def test_a_line_leads_to_what_it_is_about():
    assert address_of("open", "r1") == "/console/rounds/r1"
    assert address_of("score", "a1") == "/console/assessments/a1"
    assert address_of("checkpoint", "audit") == ""
    assert address_of("fly", "r1") == ""
