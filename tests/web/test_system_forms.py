"""The forms of an indicator system's draft: parts, types, deductions, grades, the cover."""

import re
from random import Random

import pytest

from app.database.drafts import find_draft
from app.database.engine import make_engine, make_sessions
from app.scoring.definition.system import IndicatorSystem
from app.workflow.definitions.soundness import read_values
from colleagues import sign_in

SHELF = "/console/systems"
DRAFT = f"{SHELF}/drafts/own"
BOTH = {"name_zh": "水质", "name_en": "Water"}
CARD = {
    **BOTH,
    "code": "water",
    "parent": "total",
    "direction": "1",
    "unit_zh": "%",
    "unit_en": "%",
    "source_zh": "水利部门",
    "source_en": "Water office",
    "evidence": "official",
    "method": "efficacy",
    "base": "60",
    "top": "100",
    "clip": "yes",
    "unacceptable": "50",
    "satisfactory": "９５",
}


@pytest.fixture
def sessions(database):
    engine = make_engine(f"sqlite:///{database}")
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture
def evaluator(console):
    """An evaluator with an empty draft of a system."""
    sign_in(console)
    page = fill(console, f"{SHELF}/new", f"{SHELF}/drafts", title_zh="我县考核", code="own")
    assert "先加第一项指标" in page.text
    return console


def hidden(text):
    found = {"token": re.search(r'name="token" value="([0-9a-f]{64})"', text)[1]}
    seen = re.search(r'name="seen" value="(\d+)"', text)
    return found | ({"seen": seen[1]} if seen else {})


def fill(client, page, address=None, **fields):
    """Send a form of a page to an address, as a browser would."""
    shown = client.get(page)
    assert shown.status_code == 200, shown.text
    target = address or page
    return client.post(target, data=hidden(shown.text) | fields, follow_redirects=True)


def body(sessions):
    with sessions() as session:
        return find_draft(session, "system", "own").body


def add(evaluator, **changed):
    return fill(evaluator, f"{DRAFT}/new-indicator", **(CARD | changed))


def test_a_system_is_made_from_nothing_and_is_sound(evaluator, sessions):
    types = {"t1_zh": "城区", "t1_en": "Town", "t2_zh": "山区", "t2_en": "Hills"}
    page = fill(evaluator, f"{DRAFT}/types", **types)
    assert "山区" in page.text
    group = {"name_zh": "生态", "name_en": "Green", "parent": "total", "sum": "own"}
    fill(evaluator, f"{DRAFT}/new-node", **group, aggregate="geometric")
    assert add(evaluator, parent="g1").status_code == 200
    post = {"method": "goalposts", "lower": "1", "upper": "9", "scale": "100"}
    add(evaluator, code="", name_zh="收入", name_en="Income", direction="-1", **post)
    for one in ("all", "type1"):
        fill(evaluator, f"{DRAFT}/weights/total", even=one)
    for number, one in enumerate(("all", "type1"), start=1):
        fill(evaluator, f"{DRAFT}/weights/g1", **{f"w1_{number}": "1", "scale": one})
    families = {"f1_zh": "风险", "f1_en": "Risk", "f1_cap": "5", "total_deduct": "10"}
    fill(evaluator, f"{DRAFT}/deductions", **families)
    price = {"kind": "deduct", "family": "family1", "steps": "1、2", "veto": ""}
    item = {"name_zh": "事故", "name_en": "Accident", **price}
    assert (
        "第 1 次起依次 1、2 分" in fill(evaluator, f"{DRAFT}/deductions/new-item", **item).text
    )
    scale = {"g1_zh": "好", "g1_en": "Good", "g1_limit": "30", "g2_zh": "差", "g2_en": "Poor"}
    rank = {"scope": "type", "decimals": "2", "ties": "min", "tie": "include"}
    fill(evaluator, f"{DRAFT}/grades", rule="quota", within="type", **scale, **rank)
    page = fill(
        evaluator,
        f"{DRAFT}/settings",
        title_zh="我县考核",
        title_en="Our county",
        document_zh="一号文",
        document_en="Document 1",
        begins="2027-01-01",
        missing_rule="fixed",
        missing_value="60",
        share="equal",
        version="1",
    )
    assert "权重都加得起来，可以提出定稿" in page.text, re.findall(r"<li><a href.*", page.text)
    system = read_values(IndicatorSystem, body(sessions))
    assert [card.code for card in system.indicators] == ["water", "i1"]
    assert system.indicators[0].normalise.bounds.satisfactory == 95
    assert system.indicators[1].normalise.lower == 1
    assert system.weight("g1", "type1") == 50
    assert system.grade.scale[0].share == 0.3
    assert system.adjustments.items[0].steps == (1, 2)


def test_what_is_wrong_with_an_indicator_is_said_at_its_fields_all_at_once(evaluator, sessions):
    before = body(sessions)
    page = add(
        evaluator,
        name_zh="",
        name_en="",
        base="六十",
        plausible_from="x",
        satisfactory="40",
    )
    assert page.status_code == 422
    for words in ('id="base-fault"', 'id="plausible_from-fault"', 'value="六十"'):
        assert words in page.text
    page = add(evaluator, name_zh="", name_en="", satisfactory="40", plausible_from="90")
    assert page.status_code == 422
    assert 'id="name_zh-fault"' in page.text
    assert 'id="plausible_to-fault"' in page.text
    page = add(evaluator, satisfactory="40")
    assert 'id="unacceptable-fault"' in page.text
    assert "满意值 40 却低于不允许值 50" in page.text
    assert body(sessions) == before


def test_parts_move_change_and_go(evaluator, sessions):
    add(evaluator)
    add(evaluator, code="air", name_zh="空气")
    fill(evaluator, DRAFT, f"{DRAFT}/parts/air/places", up="1")
    assert [card["code"] for card in body(sessions)["indicators"]] == ["air", "water"]
    page = fill(evaluator, f"{DRAFT}/indicators/air", **(CARD | {"name_zh": "好空气"}))
    assert "好空气" in page.text
    group = {"name_zh": "生态", "name_en": "Green", "parent": "total", "sum": "number"}
    page = fill(evaluator, f"{DRAFT}/new-node", **group)
    assert 'id="total-fault"' in page.text
    fill(evaluator, f"{DRAFT}/new-node", **group, total="100")
    fill(evaluator, f"{DRAFT}/indicators/air", **(CARD | {"parent": "g1"}))
    refused = fill(evaluator, f"{DRAFT}/nodes/g1", f"{DRAFT}/parts/g1/removal")
    assert (refused.status_code, "请先移走或删掉" in refused.text) == (409, True)
    fill(evaluator, f"{DRAFT}/indicators/air", f"{DRAFT}/parts/air/removal")
    fill(evaluator, f"{DRAFT}/nodes/g1", f"{DRAFT}/parts/g1/removal")
    assert len(body(sessions)["nodes"]) == 1
    assert evaluator.get(f"{DRAFT}/indicators/air").status_code == 404
    assert fill(evaluator, DRAFT, f"{DRAFT}/parts/none/removal").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"method": "minmax", "low": "60", "high": "100", "in_type": "yes", "zero_value": "80"},
        {"method": "target", "target": "50", "full": "100", "cap": "1"},
        {"method": "zscore", "mean": "70", "sd": "10"},
        {"method": "ratio_best", "full": "100"},
        {"method": "piecewise", "points": "60 0\n90 100"},
        {"method": "ampi", "lower": "1", "upper": "9"},
        {"method": "rank"},
        {"method": "mpi"},
        {"method": "efficacy", "bounds_from_data": "yes"},
    ],
)
def test_every_method_can_be_written_and_is_shown_again_as_it_was(evaluator, sessions, fields):
    assert add(evaluator, missing_rule="fixed", missing_value="60", **fields).status_code == 200
    before = body(sessions)["indicators"][0]
    page = evaluator.get(f"{DRAFT}/indicators/water")
    sent = dict(re.findall(r'name="(\w+)" type="text" value="([^"]*)"', page.text))
    sent |= dict(re.findall(r'name="(\w+)" value="(\w+)" checked', page.text))
    chosen = re.findall(r'<select[^>]* name="(\w+)".*?</select>', page.text, re.DOTALL)
    for name in chosen:
        select = re.search(rf'name="{name}".*?</select>', page.text, re.DOTALL)[0]
        sent[name] = re.search(r'value="([^"]*)" selected', select)[1]
    sent |= dict(
        re.findall(r'id="(\w+)" name="\w+" value="yes" checked', page.text)
        and [
            (name, "yes")
            for name in re.findall(r'id="(\w+)" name="\w+" value="yes" checked', page.text)
        ]
    )
    sent["points"] = fields.get("points", "")
    fill(evaluator, f"{DRAFT}/indicators/water", **sent)
    assert body(sessions)["indicators"][0] == before
    assert "（还没有写）" not in evaluator.get(DRAFT).text.partition("水质")[2][:600]


def test_a_type_that_goes_takes_its_weights_with_it(evaluator, sessions):
    add(evaluator)
    types = {"t1_zh": "城区", "t1_en": "Town", "t2_zh": "山区", "t2_en": "Hills"}
    fill(evaluator, f"{DRAFT}/types", **types, t2_code="hills")
    assert body(sessions)["indicators"][0]["weight"] == {"all": 0, "hills": 0}
    fill(evaluator, f"{DRAFT}/types", **types, t1_gone="yes")
    assert body(sessions)["indicators"][0]["weight"] == {"hills": 0}
    page = fill(evaluator, f"{DRAFT}/types", t1_gone="yes")
    assert (page.status_code, "至少留一类地区" in page.text) == (422, True)


def test_caps_grades_and_the_cover_say_what_is_wrong_at_their_fields(evaluator):
    add(evaluator)
    page = fill(evaluator, f"{DRAFT}/deductions", f1_zh="风险", f1_cap="多", floor="9")
    assert (page.status_code, 'id="f1_cap-fault"' in page.text) == (422, True)
    fill(evaluator, f"{DRAFT}/deductions", f1_zh="风险", f1_en="Risk")
    item = {"name_zh": "事故", "name_en": "Accident", "kind": "deduct", "family": "family1"}
    page = fill(evaluator, f"{DRAFT}/deductions/new-item", **item)
    assert (page.status_code, 'id="points-fault"' in page.text) == (422, True)
    fill(evaluator, f"{DRAFT}/deductions/new-item", **item, points="1")
    page = fill(evaluator, f"{DRAFT}/deductions", f1_zh="")
    assert "这一类下面还有事项" in page.text
    page = fill(evaluator, f"{DRAFT}/deductions/items/item1", remove="1")
    assert "还没有事项" in page.text
    scale = {"g1_zh": "好", "g1_en": "Good", "g2_zh": "差", "g2_en": "Poor"}
    rank = {"rule": "threshold", "scope": "type", "ties": "min"}
    page = fill(evaluator, f"{DRAFT}/grades", **scale, **rank, g2_limit="60")
    assert (page.status_code, 'id="g1_limit-fault"' in page.text) == (422, True)
    assert 'id="g2_limit-fault"' in page.text
    page = fill(evaluator, f"{DRAFT}/settings", title_zh="", version="x", begins="今天")
    for field in ("title_zh", "version", "begins", "document_zh", "missing_value"):
        assert page.status_code == 422
        assert f'id="{field}-fault"' in page.text or field == "missing_value"


def test_english_is_filled_from_chinese_when_asked(evaluator, sessions):
    add(evaluator, name_en="", unit_en="", source_en="")
    page = evaluator.get(DRAFT)
    assert "处英文没有写" in page.text
    fill(evaluator, DRAFT, f"{DRAFT}/translation")
    assert body(sessions)["indicators"][0]["name"] == {"zh-Hans": "水质", "en": "水质"}


PAGES = (
    "",
    "/settings",
    "/types",
    "/deductions",
    "/grades",
    "/new-indicator",
    "/new-node",
    "/weights/total",
    "/release",
    "/nodes/total",
    "/deductions/new-item",
)
CHINESE = re.compile(r"<(h1|h2|label|legend|button|th)\b[^>]*>[^<]*[\u4e00-\u9fff]")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_a_draft_has_an_english_side(evaluator, page):
    shown = evaluator.get(f"{DRAFT}{page}?l=en")
    assert shown.status_code == 200
    assert not CHINESE.search(shown.text.replace("我县考核", "").replace("综合得分", ""))


JUNK = (
    "",
    "x",
    "-1",
    "1e9",
    "９",
    "0",
    "100",
    "\0",
    "…" * 300,
    "fixed",
    "quota",
    "1,2,3",
    "{}",
)
JUNK += ("9" * 400, ".", "own", "total", "water", "all", "minmax", "power", "a.b", "a/b", "%")
FIELDS = {
    "/new-indicator": "direction evidence method base unacceptable points low code parent",
    "/new-node": "name_zh parent sum total aggregate power min_coverage code",
    "/types": "t1_zh t1_gone t2_zh t2_code t3_zh t3_code",
    "/settings": "title_zh document_zh begins ends missing_rule missing_value share version",
    "/deductions": "f1_zh f1_cap f2_zh total_deduct floor ceiling no_bonus",
    "/deductions/new-item": "name_zh kind family points steps cap veto code",
    "/grades": "rule within tie scope decimals ties g1_zh g1_limit g2_zh g2_limit",
    "/weights/total": "w1_1 w1_2 w2_1 even scale copy done",
}


def test_no_form_of_a_draft_fails_whatever_stands_in_its_fields(evaluator):
    add(evaluator)
    dice = Random(7)
    for place in dice.choices(list(FIELDS), k=60):
        typed = {name: dice.choice(JUNK) for name in FIELDS[place].split()}
        fields = (CARD if place == "/new-indicator" else {}) | typed
        form = hidden(evaluator.get(f"{DRAFT}/settings").text)
        reply = evaluator.post(DRAFT + place, data=form | fields)
        assert reply.status_code in {303, 422}, (place, typed)
    for page in PAGES:
        assert evaluator.get(DRAFT + page).status_code == 200
