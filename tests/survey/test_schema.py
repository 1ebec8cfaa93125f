"""The JSON Schemas on file are those of the program, and allow what the program allows."""

import json

import pytest
import yaml
from survey_examples import DEFINITIONS, SMALL_TEXT

from app.scoring.definition.system import IndicatorSystem
from app.survey.assessment import AssessmentPlan
from app.survey.definition import Survey
from app.survey.plan import Plan
from app.survey.schema import json_schema, schema_text
from app.survey.score_maps import ScoreMaps

MODELS = {
    "survey": Survey,
    "score-maps": ScoreMaps,
    "plan": Plan,
    "system": IndicatorSystem,
    "assessment": AssessmentPlan,
}
FOLDERS = {
    "surveys": "survey",
    "plans": "plan",
    "systems": "system",
    "assessments": "assessment",
}


@pytest.mark.parametrize("name", MODELS)
def test_a_schema_on_file_is_fresh(name):
    on_file = (DEFINITIONS / "schema" / f"{name}.json").read_text(encoding="utf-8")
    assert on_file == schema_text(MODELS[name]), "run `minxin schema`"


def test_no_other_schema_is_on_file():
    assert {path.stem for path in (DEFINITIONS / "schema").iterdir()} == MODELS.keys()


def test_a_schema_speaks_the_keys_of_the_file_and_explains_them():
    schema = json_schema(Survey)
    assert {"schema", "import", "title"} <= schema["properties"].keys()
    text = schema["$defs"]["Text"]
    assert set(text["properties"]) == set(text["required"]) == {"zh-Hans", "en"}
    assert text["additionalProperties"] is False
    assert schema["$defs"]["Condition"]["required"] == ["item", "in"]
    item = schema["$defs"]["Item"]["properties"]
    assert item["reversed"]["description"].startswith("True where agreeing is bad")


def test_making_a_schema_twice_gives_the_same_bytes():
    assert schema_text(Plan) == schema_text(Plan)
    assert json.loads(schema_text(Plan)) == json_schema(Plan)


def test_every_definition_file_names_its_schema_for_the_editor():
    for folder, name in FOLDERS.items():
        for path in (DEFINITIONS / folder).glob("*.yaml"):
            first = path.read_text(encoding="utf-8").splitlines()[0]
            assert first == f"# yaml-language-server: $schema=../schema/{name}.json", path.name


def unknown_keys(schema, node, value):
    """Keys of `value` that the schema node does not know, by walking both together."""
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        items = node.get("items", {})
        return [key for entry in value for key in unknown_keys(schema, items, entry)]
    if not isinstance(value, dict) or "properties" not in node:
        return []
    found = [key for key in value if key not in node["properties"]]
    for key, inner in value.items():
        found += unknown_keys(schema, node["properties"].get(key, {}), inner)
    return found


def test_the_schema_knows_every_key_of_a_survey_and_no_other():
    schema = json_schema(Survey)
    assert unknown_keys(schema, schema, yaml.safe_load(SMALL_TEXT)) == []
    misspelt = SMALL_TEXT.replace("max_length", "maxlength")
    assert unknown_keys(schema, schema, yaml.safe_load(misspelt)) == ["maxlength"]
