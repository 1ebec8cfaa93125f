"""There is one way to a kept response, and every door leads to it.

By the text and the syntax of the sources: one function writes into the table `response`, one
function decides who is let in, and every way in hands over to the same door. What else may
touch these is named here, with its reason; a name that stands here for nothing is a mistake
too. The second half breaks every rule once and looks for what is found.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
SOURCES = {
    str(path.relative_to(PROJECT)): path.read_text(encoding="utf-8")
    for path in sorted((PROJECT / "app").rglob("*.py"))
}

WRITES_TEXT = re.compile(
    r"\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|COPY|UPDATE|MERGE\s+INTO)\s+"
    r"(?:\w+\.|\"|\[|`)*(?:response\b|\{\})",
    re.IGNORECASE,
)
"""Writing into `response`, or into a table whose name is filled in later."""
WRITES = re.compile(r"^_?(bulk_)?(insert|update|merge|add|save|upsert)", re.IGNORECASE)

WRITERS = {
    "app/database/admission.py insert_responses": "the one place",
    "app/database/fieldwork.py shuffle_responses": "the same rows in another order, at close",
    "app/database/telemetry.py erase_telemetry": "the same rows without their paradata",
    "app/database/restore.py _put_in": "every row of a backup, into an empty database",
    "app/documents/segments.py _typing": "a table in memory, on the way to a file",
}
ANY_TABLE = {
    "app/database/campaigns.py add_campaigns": "rows of `campaign`, which it is given as such",
    "app/database/groups.py _insertion": "for `insert_group`",
    "app/database/groups.py _insertion_by_row": "for `insert_group`",
    "app/database/rights.py _insert": "for tokens and invitees",
}
"""What inserts into a table it is given; whoever calls it must name the table."""
GIVEN_A_TABLE = {"insert_group", "_insert"}

WAYS_IN = {
    "insert_responses": {"app/workflow/admission.py _Group.keep"},
    "_insertion": {"app/database/groups.py insert_group"},
    "_insertion_by_row": {"app/database/groups.py insert_group"},
    "admit": {
        "app/workflow/admission.py receive_response",
        "app/workflow/collecting.py _keep",
        "app/workflow/importing.py",
    },
    "receive_response": {"app/workflow/demonstration.py"},
    "keep_group": {"app/workflow/collecting.py Collector.__init__"},
    "Arrival": {
        "app/web/resident/door.py Door.hand_in",
        "app/workflow/admission.py",
        "app/workflow/arrivals.py",
        "app/workflow/collecting.py",
        "app/workflow/importing.py",
    },
    "hand_in": {
        "app/web/api/responses.py keep_response",
        "app/web/front.py Front._take",
        "app/web/resident/answering.py submit_questionnaire",
    },
}
"""Name → the functions, or whole modules, that may use it, each of which does."""
KEEPER = "app/web/resident/door.py Door.hand_in"

Found = Iterator[tuple[str, ast.AST]]


def nodes(path: str, source: str) -> Found:
    """Every node of a module, with the path and the outermost function it stands in."""

    def walk(node: ast.AST, scope: tuple[str, ...], is_inside: bool) -> Found:
        for child in ast.iter_child_nodes(node):
            yield " ".join([path, ".".join(scope)]).strip(), child
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            is_named = isinstance(child, ast.ClassDef) or is_function
            deeper = (*scope, child.name) if is_named and not is_inside else scope
            yield from walk(child, deeper, is_inside or is_function)

    yield from walk(ast.parse(source), (), is_inside=False)


def name_of(node: ast.AST) -> str:
    """The last part of a name; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def text_in(node: ast.AST) -> str:
    """A string as it is written, with {} for what is filled in; empty for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"\{\w*\}", "{}", node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(text_in(part) or "{}" for part in node.values)
    return ""


def writers(path: str, source: str) -> set[str]:
    """Where a module writes into `response`, or into a table that it does not name."""
    docstring = ast.get_docstring(ast.parse(source), clean=False)
    found = set()
    for where, node in nodes(path, source):
        is_docstring = isinstance(node, ast.Constant) and node.value == docstring
        if WRITES_TEXT.search(text_in(node)) and not is_docstring:
            found.add(where)
        if isinstance(node, ast.Call) and writes_by_call(node):
            found.add(where)
    return found


def writes_by_call(call: ast.Call) -> bool:
    """Whether a call makes a response, writes one, or writes into a table it does not name."""
    called, given = name_of(call.func), [ast.unparse(one) for one in call.args]
    if called == "ResponseRow" or (WRITES.match(called) and "ResponseRow" in " ".join(given)):
        return True
    is_statement = called in {"insert", "update"} and isinstance(call.func, ast.Name)
    return (is_statement or called in GIVEN_A_TABLE) and "Row" not in " ".join(given)


def users(name: str, sources: Mapping[str, str]) -> set[str]:
    """The functions that use a name, other than to import it or in an annotation."""
    return {
        where
        for path, source in sources.items()
        for where in names_used(path, source).get(name, ())
    }


@cache
def names_used(path: str, source: str) -> Mapping[str, set[str]]:
    """Name → where a module uses it."""
    found = dict[str, set[str]]()
    for where, node in nodes(path, without_annotations(source)):
        if name_of(node):
            found.setdefault(name_of(node), set()).add(where)
    return found


def without_annotations(source: str) -> str:
    """A module without what its annotations say."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant("")
    return ast.unparse(tree)


def strays(found: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """What is found that is not allowed; a module is allowed with all that is in it."""
    whole = {*allowed}
    return sorted(one for one in found if not {one, one.partition(" ")[0]} & whole)


def unused(found: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """What is allowed and stands for nothing."""
    known = {part for one in found for part in (one, one.partition(" ")[0])}
    return sorted({*allowed} - known)


def all_writers() -> set[str]:
    """Every place of the product that writes into `response`."""
    return {where for path, source in SOURCES.items() for where in writers(path, source)}


def test_one_function_writes_responses_and_every_exception_is_named():
    allowed = WRITERS.keys() | ANY_TABLE.keys()
    assert strays(all_writers(), allowed) == []
    assert unused(all_writers(), allowed) == []


@pytest.mark.parametrize("name", WAYS_IN)
def test_the_way_in_is_one(name: str):
    found = users(name, SOURCES)
    assert strays(found, WAYS_IN[name]) == []
    assert unused(found, WAYS_IN[name]) == []


def test_the_writer_is_handed_arrivals_by_the_door_alone():
    assert keepers(SOURCES) == {KEEPER}


def keepers(sources: Mapping[str, str]) -> set[str]:
    """Who hands something to the writer."""
    return {
        where
        for path, source in sources.items()
        for where, node in nodes(path, source)
        if isinstance(node, ast.Attribute)
        and node.attr == "keep"
        and "collector" in ast.unparse(node.value)
    }


# The rules themselves: each must find what it is there for.


@pytest.mark.parametrize(
    "body",
    [
        "session.add(ResponseRow(id='x'))",
        "row = tables.ResponseRow(**fields)",
        "session.execute(insert(ResponseRow), rows)",
        "session.execute(sa.insert(tables.ResponseRow).values(id=1))",
        "session.execute(update(ResponseRow).values(weight=1))",
        "session.bulk_insert_mappings(ResponseRow, rows)",
        "insert_group(connection, ResponseRow, rows)",
        "_insert(session, ResponseRow.id, rows)",
        "insert_group(connection, table, rows)",
        "session.execute(insert(table), rows)",
        "session.execute(insert(Table.metadata.tables['response']), rows)",
        "connection.execute(text('INSERT INTO response (id) VALUES (1)'))",
        "connection.execute(text('insert or replace\\n into  response SELECT 1'))",
        "connection.execute(text('INSERT INTO main.\"response\" VALUES (1)'))",
        "connection.execute(text(f'INSERT INTO {table} VALUES (1)'))",
        "connection.execute(text('INSERT INTO {table} VALUES (1)'.format(table=name)))",
        "connection.execute(text('UPDATE response SET weight = 1'))",
        "cursor.execute('COPY response FROM STDIN')",
        "connection.execute(text('INSERT INTO ' 'response VALUES (1)'))",
    ],
)
def test_another_writer_is_found(body: str):
    source = f'"""Nothing."""\n\n\nclass A:\n    def f(self):\n        {body}\n'
    assert writers("app/a.py", source) == {"app/a.py A.f"}
    assert strays(writers("app/a.py", source), WRITERS) == ["app/a.py A.f"]


@pytest.mark.parametrize(
    "body",
    [
        "return select(ResponseRow).where(ResponseRow.id == 1)",
        "insert_group(connection, OutboxRow, rows)",
        "session.execute(insert(TokenRow), rows)",
        "session.execute(text('INSERT INTO response_text VALUES (1)'))",
        "session.execute(text('SELECT id FROM response'))",
        "session.execute(text('UPDATE token SET spent = TRUE'))",
    ],
)
def test_what_writes_elsewhere_or_only_reads_is_left_alone(body: str):
    assert writers("app/a.py", f'"""Nothing."""\n\ndef f():\n    {body}\n') == set()


def test_another_way_in_is_found():
    sources = {
        "app/web/new.py": "from app.workflow.admission import admit\n"
        "def post(connection):\n    return admit(connection, [], now=None)\n",
        "app/web/threaded.py": "def post(door):\n    run(door.hand_in, 1)\n",
        "app/web/direct.py": "def post(self):\n    return self.door.collector.keep(1)\n",
        "app/web/typed.py": "def show(arrival: Arrival) -> Arrival:\n    return arrival\n",
    }
    assert strays(users("admit", sources), WAYS_IN["admit"]) == ["app/web/new.py post"]
    assert strays(users("hand_in", sources), WAYS_IN["hand_in"]) == ["app/web/threaded.py post"]
    assert keepers(sources) == {"app/web/direct.py post"}
    assert users("Arrival", sources) == set()


def test_an_exception_that_stands_for_nothing_is_found():
    assert unused({"app/a.py f"}, {"app/a.py f", "app/a.py", "app/b.py g"}) == ["app/b.py g"]
