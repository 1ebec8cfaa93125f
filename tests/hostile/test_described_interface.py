"""The described interface, driven by Schemathesis: what is promised is what is answered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from product import a_copy_of, fill_small, product_over
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.python.asgi import shutdown_lifespans
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.web.api.openapi import OPENAPI

PROMISES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 300


@pytest.fixture(scope="module")
def interface(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The interface as the product describes it."""
    url = a_copy_of(sqlite_template, tmp_path_factory.mktemp("schema"))
    fill_small(url)
    product = product_over(url)
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", product.application)
    yield schema, product.target.codes[0]
    shutdown_lifespans()


@pytest.mark.hostile
@pytest.mark.parametrize("mode", GenerationMode)
def test_the_interface_keeps_its_promises(interface: Any, mode: GenerationMode):
    schema, code = interface
    operations = [found.ok() for found in schema.get_all_operations()]
    assert [operation.label for operation in operations] == ["POST /api/v1/responses"]
    statuses: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operations[0].as_strategy(generation_mode=mode))
    def keeps(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            case.body |= {"code": code}  # past the first door,
            case.body.pop("token", None)  # and the round is open: a made-up right closes it
        statuses.add(case.call_and_validate(checks=PROMISES).status_code)

    keeps()
    assert statuses >= ({201, 422} if mode is GenerationMode.POSITIVE else {422})


def test_the_description_is_a_sound_one(interface: Any):
    schema, _ = interface
    schema.validate()
    assert schema.raw_schema == OPENAPI
