"""Chinese stands where it can be put into English: in ``_()``, or with English beside it.

Names of the product and of a language are the same in every language.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from app.documents.wording import CATALOGUES

HOME = Path(__file__).parents[2]
CHINESE = re.compile(r"[\u3400-\u9fff]")
SAME_EVERYWHERE = ("民心尺", "中文")
IN_WORDS = re.compile(r"""_\((?:'[^']*'|"[^"]*")\)""")
COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
BOTH_LANGUAGES = re.compile(
    r"""(?:'zh-Hans'|"zh-Hans")\s*:\s*(?:'[^']*'|"[^"]*")|language == 'zh-Hans'[^\n]*"""
)
SPEAKING_NAMES = {"chinese", "zh", "zh_hans"}
PLACES = ("app/web", "app/documents")
"""Where a page or paper is made; refusals further down carry `chinese` beside their English."""
OWN_WORDS = (
    "app/documents/method/",  # each sentence stands there in every language
    "app/documents/scores/method_text.py",  # the same
    "app/documents/printing/placards.py",  # what a poster may not say, as patterns
    "app/documents/printing/posters.py",  # titles of files; a poster is in both languages
    "app/documents/wording.py",  # how a day is written
    "app/documents/word/standard_template.py",  # names of fonts
    "app/web/rendering.py",  # where a word may break, as a pattern
    "app/web/api/openapi.py",  # an example of what somebody wrote
)


def bare(text):
    """Chinese of a template that nothing would put into English, with its line."""
    for pattern in (COMMENT, IN_WORDS, BOTH_LANGUAGES):
        text = pattern.sub(lambda found: "\n" * found[0].count("\n"), text)
    for same in SAME_EVERYWHERE:
        text = text.replace(same, "")
    for number, line in enumerate(text.splitlines(), start=1):
        if CHINESE.search(line):
            yield number, line.strip()


def unspoken(source):
    """Chinese of a module outside ``_()``, `chinese=` and the values of a language's own."""
    tree = ast.parse(source)
    fine = {part for node in ast.walk(tree) for part in in_both(node)}
    for node in ast.walk(tree):
        text = getattr(node, "value", None)
        if isinstance(node, ast.Constant) and isinstance(text, str) and node not in fine:
            beside = re.search(r"[A-Za-z]{2}", text) or text in translations()
            if CHINESE.search(text.replace("民心尺", "")) and not beside:
                yield node.lineno, text


def in_both(node):
    """The parts of a node that are put into English, or have it beside them."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
        return ast.walk(node)
    if isinstance(node, ast.Call) and any(map(is_english, node.args)):
        return [part for said in node.args for part in ast.walk(said)]
    if isinstance(node, ast.keyword) and node.arg in SPEAKING_NAMES:
        return ast.walk(node.value)
    if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in SPEAKING_NAMES:
        return ast.walk(node.value)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return [node.value]  # a docstring
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        chinese = [v for k, v in pairs if getattr(k, "value", "") == "zh-Hans"]
        return [part for value in chinese for part in ast.walk(value)]
    return []


def is_english(node):
    """Whether an argument is an English sentence: its Chinese may stand beside it."""
    parts = [getattr(part, "value", "") for part in ast.walk(node)]
    text = "".join(part for part in parts if isinstance(part, str))
    return not CHINESE.search(text) and len(re.findall("[A-Za-z]{2,}", text)) >= 3


@cache
def translations():
    """What the catalogue knows: such a text may be said by ``_`` under another name."""
    with (CATALOGUES / "en.po").open("rb") as file:
        return {e.id if isinstance(e.id, str) else e.id[0] for e in read_po(file)}


def test_a_template_says_its_chinese_through_the_catalogue():
    wrong = [
        f"{path.relative_to(HOME)}:{number}: {line}"
        for path in sorted((HOME / "templates").rglob("*.html"))
        for number, line in bare(path.read_text("utf-8"))
    ]
    assert not wrong, "Write these as {{ _('…') }}:\n" + "\n".join(wrong)


def test_a_page_made_in_code_says_its_chinese_through_the_catalogue():
    wrong = [
        f"{name}:{number}: {text}"
        for place in PLACES
        for path in sorted((HOME / place).rglob("*.py"))
        for name in [path.relative_to(HOME).as_posix()]
        if not name.startswith(OWN_WORDS)
        for number, text in unspoken(path.read_text("utf-8"))
    ]
    assert not wrong, 'Write these as _("…"):\n' + "\n".join(wrong)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p>{{ _('好') }}</p>", []),
        ("<p>好</p>", [1]),
        ("{# 好 #}\n<a>中文</a>\n<p title='好'>", [3]),
        ("{{ _(word) }} 好", [1]),
        ("{{ {'zh-Hans': '好', 'en': 'good'}[language] }}", []),
    ],
)
def test_bare_chinese_of_a_template_is_found(text, found):
    assert [number for number, _ in bare(text)] == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('_("好")', []),
        ('"""好"""\nx = "好"', [2]),
        ('NotFound("no", chinese=f"没有{x}")', []),
        ('{"zh-Hans": "好", "en": "good", "x": "好"}', [1]),
        ('f"好{n}"', [1]),
        ('wrong("place", "This is not good.", "不好")', []),
        ('wrong("place", "不好")', [1]),
    ],
)
def test_unspoken_chinese_of_a_module_is_found(source, found):
    assert [number for number, _ in unspoken(source)] == found
