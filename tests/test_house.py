"""House rules that no linter knows: sizes, names, what lies where, what is locked.

Each rule is a function from a file, or the list of files, to sentences about what breaks
it; the second half of this module breaks every rule once and looks for the sentence.
"""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from app.settings import Settings

PROJECT = Path(__file__).parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt")

MODULE_LINES = 400
LONGER_MODULES = {"app/database/tables.py": 700}  # the data dictionary is one scroll
FUNCTION_LINES = 40
VAGUE_NAMES = set(
    """
    base common core data handler handlers helper helpers info lib manager managers misc
    service services shared stuff tool tools util utils
    """.split()  # noqa: SIM905 - read as prose
)
AT_THE_ROOT = set(
    """
    .ci .dockerignore .gitattributes .gitignore CHANGELOG.md Dockerfile LICENSE Makefile
    README.md README.zh-CN.md SECURITY.md app benchmarks docker-compose.yml docs migrations
    pyproject.toml requirements-dev.txt requirements.txt survey_defs templates tests
    """.split()  # noqa: SIM905 - read as prose
)
MADE_HERE = {".git", ".venv", "var", "build", "dist", ".hypothesis", "__pycache__"}
BINARY = {".png", ".jpg", ".pdf", ".xlsx", ".parquet", ".gz", ".zip", ".ttf", ".otf", ".mo"}
FOREIGN = {
    "a path of one machine": re.compile(
        r"(?<![\w.~-])/(?:root|work|home/\w+|Users/\w+)/\w|\b[A-Z]:\\Users\\|\bfile:///\w"
    ),
    "the address of a package index": re.compile(
        r"\bpypi\.org|\bpythonhosted\.org|registry\.npmjs|/simple/?(?=[\s\"']|$)|deb\.debian\.org"
    ),
}


def text_of(path: str) -> str:
    """The text of a file of the project."""
    return (PROJECT / path).read_text(encoding="utf-8")


def tracked_files() -> list[str]:
    """Every file that belongs to the project, in git or about to be; outside git, all found."""
    if (PROJECT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
        names = listed.stdout.decode().split("\0")
        return sorted({name for name in names if name and (PROJECT / name).exists()})
    paths = (path.relative_to(PROJECT) for path in PROJECT.rglob("*") if path.is_file())
    return sorted(str(path) for path in paths if not is_made_here(path))


def is_made_here(path: Path) -> bool:
    """Whether a tool made `path`: nobody writes or ships it."""
    return any(
        part in MADE_HERE or part.endswith(("_cache", ".egg-info", ".pyc"))
        for part in path.parts
    )


FILES = tracked_files()
MODULES = [path for path in FILES if path.startswith("app/") and path.endswith(".py")]
TEXTS = [path for path in FILES if Path(path).suffix not in BINARY]


def too_long(path: str, source: str) -> Iterator[str]:
    """A module, and each of its functions, stays within its lines."""
    lines = source.count("\n")
    limit = LONGER_MODULES.get(path, MODULE_LINES)
    if lines > limit:
        yield f"{path} has {lines} lines; at most {limit}: it holds two nouns"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = function_lines(node)
            if length > FUNCTION_LINES:
                yield f"{path}:{node.lineno} {node.name} has {length} lines; at most 40"


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the name to the last statement; what the docstring says costs nothing."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def undescribed(path: str, source: str) -> Iterator[str]:
    """A module says at its top what it is for; a package says nothing else."""
    tree = ast.parse(source)
    if not (ast.get_docstring(tree) or "").strip():
        yield f"{path} does not say what it is for"
    is_package = path.endswith("__init__.py")
    if is_package and len(tree.body) > 1 and path != "app/__init__.py":
        yield f"{path} holds more than its docstring"


def vague(path: str) -> Iterator[str]:
    """No file or folder has a name under which anything could lie."""
    for part in Path(path).parts:
        words = part.partition(".")[0].lower()
        if words in VAGUE_NAMES or re.search(r"_(utils?|helpers?|v\d+)$", words):
            yield f"{path}: {part!r} says nothing; use a noun of the trade"


def misplaced(paths: Iterable[str]) -> Iterator[str]:
    """Nothing else lies at the root: it is the face of the project."""
    for name in sorted({path.partition("/")[0] for path in paths} - AT_THE_ROOT):
        yield f"{name} does not belong at the root"


def foreign(path: str, text: str) -> Iterator[str]:
    """Nothing points at the machine it was written on or at where libraries came from."""
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in FOREIGN.items():
            if found := pattern.search(line):
                yield f"{path}:{number} holds {what}: {found[0]}"


def unlocked(path: str, text: str) -> Iterator[str]:
    """Every library is pinned to one version and its checksums, from nowhere in particular."""
    for entry in re.split(r"\n(?=\S)", text.strip()):
        name = entry.partition(" ")[0]
        if not re.match(r"^[a-z0-9._-]+==\S+$", name):
            yield f"{path}: {entry.splitlines()[0]!r} is not one version of one library"
        elif not re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry):
            yield f"{path}: {name} has no checksum"
        if "://" in entry or " @ " in entry:
            yield f"{path}: {name} names an address"


def unmet(requirements: Iterable[str], lock: str) -> Iterator[str]:
    """Every library asked for stands in the lock, at a version that was asked for."""
    pins = dict[str, list[str]]()
    for name, version in re.findall(r"^([a-z0-9._-]+)==(\S+)", lock, re.MULTILINE):
        pins.setdefault(name, []).append(version)
    for requirement in map(Requirement, requirements):
        versions = pins.get(re.sub(r"[-_.]+", "-", requirement.name).lower(), [])
        if not versions:
            yield f"{requirement.name} is not locked: make lock"
        elif not all(requirement.specifier.contains(version) for version in versions):
            yield f"{requirement} is locked at {', '.join(versions)}: make lock"


def unexplained(names: Iterable[str], readme: str) -> Iterator[str]:
    """Every setting is explained where people look for it."""
    for name in names:
        variable = f"MINXIN_{name.upper()}"
        if not re.search(rf"\b{variable}\b", readme):
            yield f"{variable} is not in README.md"


def refuse(problems: Iterable[str]) -> None:
    """Fail with every problem, one a line."""
    if found := list(problems):
        pytest.fail("\n".join(found), pytrace=False)


def test_modules_and_functions_are_short():
    refuse(problem for path in MODULES for problem in too_long(path, text_of(path)))


def test_modules_say_what_they_are_for():
    refuse(problem for path in MODULES for problem in undescribed(path, text_of(path)))


def test_no_name_is_vague():
    ours = (path for path in FILES if not path.startswith("tests/reference/"))
    refuse(problem for path in ours for problem in vague(path))


def test_the_root_holds_what_belongs_there():
    refuse(misplaced(FILES))


def test_nothing_points_at_a_machine_or_a_package_index():
    refuse(problem for path in TEXTS for problem in foreign(path, text_of(path)))


@pytest.mark.parametrize("path", LOCKS)
def test_libraries_are_locked_by_their_checksums(path: str):
    refuse(unlocked(path, text_of(path)))


def test_the_locks_hold_what_the_project_asks_for():
    project = tomllib.loads(text_of("pyproject.toml"))
    needed = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    refuse(unmet(needed, text_of("requirements.txt")))
    refuse(unmet(project["dependency-groups"]["dev"], text_of("requirements-dev.txt")))


def test_every_setting_is_explained_in_the_readme():
    refuse(unexplained(Settings.model_fields, text_of("README.md")))


# The rules themselves: each must find what it is there for.


def test_a_long_module_and_a_long_function_are_found():
    assert list(too_long("app/a.py", "x = 1\n" * 400)) == []
    assert len(list(too_long("app/a.py", "x = 1\n" * 401))) == 1
    assert list(too_long("app/database/tables.py", "x = 1\n" * 401)) == []
    function = (
        "class A:\n    async def f(self):\n        '''a\n        b'''\n"
        + "        x = 1\n" * 40
    )
    assert list(too_long("app/a.py", function)) == ["app/a.py:2 f has 41 lines; at most 40"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("app/a.py", "x = 1\n"),
        ("app/a.py", '""" """\n'),
        ("app/a.py", '# only a comment\nx = "text"\n'),
        ("app/b/__init__.py", '"""A room."""\n\nfrom app.b.c import d\n'),
    ],
)
def test_a_silent_module_and_a_talkative_package_are_found(path: str, source: str):
    assert len(list(undescribed(path, source))) == 1


@pytest.mark.parametrize(
    "path",
    [
        "app/utils/text.py",
        "app/web/helpers.py",
        "app/stats/math_utils.py",
        "app/survey/reading_v2.py",
        "templates/base.html",
        "tests/Common.py",
    ],
)
def test_a_vague_name_is_found(path: str):
    assert len(list(vague(path))) == 1


def test_a_stray_file_at_the_root_is_found():
    assert list(misplaced(["app/a.py", "notes.txt", "scripts/x.sh"])) == [
        "notes.txt does not belong at the root",
        "scripts does not belong at the root",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "see /ro" + "ot/notes",
        "open('/wo" + "rk/main/app')",
        "/ho" + "me/wang/minxin",
        "C:" + "\\Users\\wang",
        "file:" + "///opt/x",
        "https://py" + "pi.org/project/minxin",
        "https://mirror.example/py" + "pi/sim" + "ple/",
    ],
)
def test_a_trace_of_a_machine_or_an_index_is_found(line: str):
    assert len(list(foreign("docs/a.md", f"first\n{line}\n"))) == 1


def test_ordinary_addresses_and_paths_are_not_mistaken_for_traces():
    sound = [
        "https://example.org/root/work/home",
        "src/home/x/y",
        "/tmp",
        "/var/lib",
        "~/work/a",
    ]
    assert [problem for line in sound for problem in foreign("docs/a.md", line)] == []


def test_a_library_without_version_checksum_or_with_an_address_is_found():
    checksum = "--hash=sha256:" + "0" * 64
    assert (
        list(unlocked("r.txt", f"a==1 \\\n    {checksum}\nb==2 ; x == 'y' \\\n    {checksum}"))
        == []
    )
    assert len(list(unlocked("r.txt", "a==1"))) == 1
    assert len(list(unlocked("r.txt", f"a>=1 \\\n    {checksum}"))) == 1
    assert len(list(unlocked("r.txt", "--index-url https://example.org/x"))) == 2
    assert len(list(unlocked("r.txt", f"a==1 {checksum} https://example.org"))) == 1


def test_a_library_that_is_not_locked_or_locked_too_old_is_found():
    lock = "numpy==2.3.0\nnumpy==2.5.0\nruamel-yaml==1"
    assert list(unmet(["numpy>=2", "ruamel.yaml"], lock)) == []
    assert len(list(unmet(["numpy>=2.4", "scipy"], lock))) == 2


def test_an_unexplained_setting_is_found():
    readme = "MINXIN_PUBLIC_URL_OLD and MINXIN_LOG_LEVEL"
    assert list(unexplained(["public_url", "log_level"], readme)) == [
        "MINXIN_PUBLIC_URL is not in README.md"
    ]
