"""JSON Schemas of the definition files, made from the models that read them.

An editor that knows the schema completes keys, explains them and marks slips while a file is
written. It sees shape only: references, routing and sums are judged when the file is read.
"""

import json
from typing import Any

from app.survey.reading import CheckedDefinition

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(model: type[CheckedDefinition]) -> dict[str, Any]:
    """The JSON Schema of a definition file, with the keys as they are written in YAML."""
    schema = model.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": DIALECT, **_without_titles(schema)}


def schema_text(model: type[CheckedDefinition]) -> str:
    """The schema as the text of its file under ``survey_defs/schema/``."""
    return json.dumps(json_schema(model), ensure_ascii=False, indent=2) + "\n"


def _without_titles(node: Any) -> Any:
    # pydantic titles every key with the key itself; an editor shows that twice.
    if isinstance(node, dict):
        return {
            key: _without_titles(value)
            for key, value in node.items()
            if not (key == "title" and isinstance(value, str))
        }
    if isinstance(node, list):
        return [_without_titles(value) for value in node]
    return node
