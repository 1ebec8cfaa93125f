"""What every test may ask for: databases, a browser, a served application.

The fixtures live in the modules named below, beside this file.
"""

import os

import pytest
from hypothesis import settings

# A shared machine may be slow: time is no property of the code. In CI the same examples
# come every time, so that a red run can be repeated.
settings.register_profile("project", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("project")

pytest_plugins = ["databases", "browser", "servers", "pytester"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs PostgreSQL or the browser, and let the browser's tests come last.

    Playwright keeps an event loop in the main thread from its first use to the end of the
    process; a test that runs a loop of its own would find the place taken.
    """
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "browser" in fixtures:
            item.add_marker("browser")
        if "postgres" in fixtures:
            item.add_marker("postgres")
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
