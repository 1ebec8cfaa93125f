"""What monitoring may read: counts in steps, no score, and nothing through a proxy."""

import re
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from residents import ALL_BEST, Town, a_town, open_rounds
from sqlalchemy import Engine, select, update

from app.database.tables import TallyRow


@pytest.fixture
def town(database_url: str, engine: Engine) -> Iterator[Town]:
    codes = open_rounds(engine)
    with a_town(database_url, codes) as town:
        yield town


def kept(town: Town) -> None:
    """Wait until the numbers that wait in memory are kept: with the end of the writer."""
    town.client.app.application.application.state.collector.stop()


def numbers(town: Town) -> dict[tuple[str, ...], float]:
    """Name and labels → value."""
    reply = town.client.get("/metrics")
    assert (reply.status_code, reply.headers["cache-control"]) == (200, "no-store")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


def tallied(town: Town) -> dict[str, int]:
    with town.engine.connect() as connection:
        rows = connection.execute(select(TallyRow.counter, TallyRow.n))
        return dict(map(tuple, rows))


def test_a_form_that_comes_back_for_a_look_is_returned_and_not_received(town: Town):
    missing = town.press(town.look())
    assert missing.status_code == 422
    assert town.press(town.look(), ALL_BEST).status_code == 303
    kept(town)
    assert tallied(town) == {"served": 2, "returned": 1, "received": 1, "stored": 1}


def test_counts_go_up_in_steps_and_refusals_one_by_one(town: Town):
    town.press(town.look(), ALL_BEST)
    kept(town)
    with town.engine.begin() as connection:
        connection.execute(update(TallyRow).where(TallyRow.counter == "stored").values(n=29))
        connection.execute(
            TallyRow.__table__.insert().values(
                round_id=1, point="east-hall", day="2026-11-22", counter="refused_spent", n=3
            )
        )
    found = numbers(town)
    point = next(key[2] for key in found if key[1] == "stored")
    assert found["minxin_tally_total", "stored", point, "town-2026"] == 20
    assert found["minxin_tally_total", "received", point, "town-2026"] == 0
    assert found["minxin_tally_total", "refused_spent", "east-hall", "town-2026"] == 3


def test_the_process_says_how_it_is_doing(town: Town):
    assert numbers(town)["minxin_groups_total",] == 0
    town.press(town.look(), ALL_BEST)
    found = numbers(town)
    assert found["minxin_groups_total",] == 1
    assert found["minxin_group_size",] == 1
    assert found["minxin_group_seconds",] > 0
    assert found["minxin_arrivals_waiting",] == 0
    assert found["minxin_sheets_bytes",] > 1000


@pytest.mark.parametrize("header", ["X-Forwarded-For", "forwarded"])
def test_through_a_proxy_the_page_does_not_exist(town: Town, header: str):
    reply = town.client.get("/metrics", headers={header: "192.0.2.7"})
    assert reply.status_code == 404
    assert "minxin_" not in reply.text
    assert town.client.get("/metrics").status_code == 200


def test_there_is_no_score_and_no_answer_among_the_numbers(town: Town):
    town.press(town.look(), ALL_BEST)
    kept(town)
    text = town.client.get("/metrics").text
    assert set(re.findall(r'(\w+)="', text)) == {"round", "point", "counter"}
    assert not re.search(r"score|mean|answer\b", text)
