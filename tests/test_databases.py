"""The test databases themselves: fresh, migrated, apart from each other."""

import pytest
from sqlalchemy import Engine, inspect, make_url, text

from app.database.engine import make_engine


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_finds_the_migrated_tables_and_no_rows(engine: Engine, turn: int):
    tables = inspect(engine).get_table_names()
    assert {"alembic_version", "response"} <= {name.removesuffix("s") for name in tables}
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_by_a_test (n integer)"))


def test_the_two_runs_are_on_the_two_systems(database_url: str, request):
    system = make_url(database_url).get_backend_name()
    assert request.node.callspec.params["database_url"] == system.removesuffix("ql")


@pytest.mark.postgres
def test_text_sorts_by_code_point_as_on_sqlite(postgres_url: str):
    engine = make_engine(postgres_url)
    with engine.connect() as connection:
        order = text(
            "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['b','A','a','中']) x"
        )
        assert connection.scalar(order) == "Aab中"
    engine.dispose()
