"""Checks of an uploaded Word template, before anything reads it as a document.

First the container: its size packed and unpacked, no macros, no embedded programs, nothing
that is fetched from elsewhere when the report is opened. Then the tags: every unknown name and
every construction that is not of the grammar, all at once, with the paragraph it stands in.
"""

import html
import io
import re
import zipfile
from collections.abc import Iterator

from jinja2 import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.documents.word.grammar import Mistake, find_mistakes
from app.errors import InputRefused, Problem

FIELD = "template"
MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 40 * 1024 * 1024
MOST_MEMBERS = 400
MOST_XML = 4 * 1024 * 1024
"""Of one part that is text: it is searched as a whole."""
PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
FOREIGN_PARTS = re.compile(
    r"vbaproject|vbadata|activex|embeddings/|afchunk|customui|oleobject|macros", re.IGNORECASE
)
FOREIGN_TYPES = re.compile(rb"macroEnabled|vbaProject|activeX|oleObject", re.IGNORECASE)
FOREIGN_FIELDS = re.compile(
    r"\b(DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|LINK|DATABASE|MACROBUTTON"
    r"|AUTOTEXT|EMBED|RD)\b"
)
# Strangers' files: no pattern may look further than the next bracket, or it takes hours.
MARKUP = re.compile(r"<[^<>]*>")
RELATION = re.compile(r"<Relationship\s[^<>]*>", re.IGNORECASE)
INSTRUCTION = re.compile(r"<w:instrText[^<>]*>([^<]*)<|w:instr=\"([^\"<>]*)\"")
WRITTEN = re.compile(r"<w:t(?:\s[^<>]*)?>([^<]*)</w:t>|(</w:p>)")
FILLED_IN = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml|docProps/core\.xml")
OPENING = re.compile(r"\{[{%#]")
TAG = re.compile(r"\{[{%#][^{}]*[#%}]\}")
PREFIX = re.compile(r"(\{[%{])(?:p|tr|tc|r)\s")
SPAN = re.compile(r"\{%\s{0,9}(?:colspan|cellbg)\s{1,9}([^%\s]{1,200})\s{0,9}%\}")
MERGE = re.compile(r"\{%\s{0,9}[vh]m\s{0,9}%\}")
CURLY = str.maketrans("“”‘’", "\"\"''")
DAMAGED = (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, RuntimeError,
           NotImplementedError, ValueError)  # fmt: skip


def check_template(content: bytes, *, name: str) -> None:
    """Refuse a template that cannot be kept, with everything that is wrong with it."""
    parts = _open(content, name)
    problems = list(_foreign(parts))
    if not problems:
        for part, text in _texts(parts):
            problems += _tags(part, text)
    if problems:
        raise InputRefused(problems)


def _open(content: bytes, name: str) -> dict[str, bytes]:
    """The members of the container by name; refused at the first thing that is not sound."""
    if not name.lower().endswith(".docx"):
        raise _refused(
            "is no DOCX file", chinese="只收 .docx 文件；带宏的 .docm 和旧格式 .doc 不收。"
        )
    if len(content) > MOST_BYTES:
        raise _refused("is larger than 5 MB", chinese="文件超过 5 MB。请缩小里面的图片。")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(members)
            return {one.filename: archive.read(one) for one in members if not one.is_dir()}
    except DAMAGED:
        raise _refused("is no whole DOCX file", chinese="不是完整的 Word 文件。") from None


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = [one.filename for one in members]
    if "word/document.xml" not in names or "[Content_Types].xml" not in names:
        raise _refused("is no Word document", chinese="不是 Word 文件。")
    if any(one.flag_bits & 1 for one in members):
        raise _refused("is locked with a password", chinese="文件有密码，请去掉密码再传。")
    unusual = any(one.compress_type not in PACKINGS for one in members)
    strange = any(name.startswith(("/", "\\")) or ".." in name for name in names)
    if unusual or strange or len(set(names)) != len(names):
        raise _refused(
            "is packed in an unusual way", chinese="打包方式不寻常，请用 Word 另存一次。"
        )
    xml = [one.file_size for one in members if one.filename.endswith((".xml", ".rels"))]
    total = sum(one.file_size for one in members)
    if total > MOST_UNPACKED or len(members) > MOST_MEMBERS or max(xml) > MOST_XML:
        raise _refused("is too large when unpacked", chinese="解开以后太大。")


def _foreign(parts: dict[str, bytes]) -> Iterator[Problem]:
    """What a template may not carry: macros, programs, things that are fetched."""
    for name, content in parts.items():
        if FOREIGN_PARTS.search(name):
            yield _problem(
                f"carries {name}, a macro, program or embedded file",
                chinese=f"里面有宏、程序或嵌入的文件（{name}），请删掉再传。",
            )
        if not name.endswith((".xml", ".rels")):
            continue
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            yield _problem(
                f"{name} is not UTF-8", chinese=f"{name} 不是 UTF-8，请用 Word 另存一次。"
            )
            continue
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            yield _problem(f"{name} declares entities", chinese=f"{name} 里有实体声明，不收。")
        yield from _fetched(name, text)
    if FOREIGN_TYPES.search(parts["[Content_Types].xml"]):
        yield _problem("allows macros", chinese="这是允许宏的文件，请另存为不带宏的 .docx。")


def _fetched(name: str, text: str) -> Iterator[Problem]:
    """Relations and fields that fetch something when the document is opened."""
    for relation in RELATION.findall(text):
        if 'TargetMode="External"' in relation and "/hyperlink" not in relation:
            yield _problem(
                f"{name} fetches something from elsewhere",
                chinese=f"{name} 打开时要从外面取东西（如链接的图片、模板），请改成嵌入。",
            )
    told = "".join("".join(found) for found in INSTRUCTION.findall(text))
    for field in dict.fromkeys(FOREIGN_FIELDS.findall(html.unescape(told))):
        yield _problem(
            f"has a field {field}, which reads or runs something else",
            chinese=f"里面有 {field} 域，会读取或运行别的东西，请删掉。",
        )


def _texts(parts: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    names = [name for name in parts if FILLED_IN.fullmatch(name)]
    for name in sorted(names, key=lambda name: (name != "word/document.xml", name)):
        yield name, parts[name].decode("utf-8")


def _tags(part: str, text: str) -> Iterator[Problem]:
    """What is wrong with the tags of one part."""
    is_core = part.startswith("docProps")
    written = html.unescape(MARKUP.sub("\n", text)) if is_core else _paragraphs(text)
    if _has_hidden_tags(text, written):
        yield _problem(
            f"{part} has a tag outside the text",
            chinese=f"{part}：标签只能写在正文的文字里，不能写在图片说明、链接、公式、域或修订里。",
        )
        return
    lines = written.split("\n")
    try:
        tree = ImmutableSandboxedEnvironment().parse(_as_jinja(written))
    except TemplateSyntaxError as error:
        where = _where(lines, error.lineno)
        yield _problem(
            f"has a tag that cannot be read, near {where!r}: {error.message}",
            chinese=f"有标签读不懂，在“{where}”附近。是不是少了 endfor、endif 或括号？",
        )
        return
    seen: set[tuple[str, str]] = set()
    for mistake in find_mistakes(tree):
        if (key := (mistake.name, mistake.near)) not in seen:
            seen.add(key)
            yield _told(mistake, _where(lines, mistake.line))


def _has_hidden_tags(text: str, written: str) -> bool:
    """Whether a tag stands where nobody reads it: in the markup, or in text of another sort."""
    if any(OPENING.search(one) for one in MARKUP.findall(text)):
        return True
    everywhere = OPENING.findall(html.unescape(MARKUP.sub("", text)))
    return len(everywhere) != len(OPENING.findall(written.replace("\n", "")))


def _paragraphs(text: str) -> str:
    """The text of a part as it is read, a paragraph a line."""
    pieces = ("\n" if end else html.unescape(run) for run, end in WRITTEN.findall(text))
    return "".join(pieces)


def _as_jinja(written: str) -> str:
    """The tags without what only says which row, cell or paragraph they remove."""
    plain = TAG.sub(lambda tag: tag[0].translate(CURLY), written)
    return MERGE.sub("", SPAN.sub(r"{{ \1 }}", PREFIX.sub(r"\1 ", plain)))


def _told(mistake: Mistake, where: str) -> Problem:
    if not mistake.name:
        return _problem(
            f"{mistake.near!r} may not stand in a template, near {where!r}",
            chinese=f"模板里不能用“{mistake.near}”，在“{where}”附近。只能取变量、循环和判断。",
        )
    cure = f" Is {mistake.near} meant?" if mistake.near else ""
    chinese = f"是不是 {mistake.near}？" if mistake.near else "可用的变量见下面的清单。"
    return _problem(
        f"names {mistake.name}, which does not exist, near {where!r}.{cure}",
        chinese=f"没有变量 {mistake.name}，在“{where}”附近。{chinese}",
    )


def _where(lines: list[str], line: int) -> str:
    return lines[line - 1].strip()[:60] if 0 < line <= len(lines) else ""


def _problem(message: str, *, chinese: str) -> Problem:
    return Problem(FIELD, message, chinese=chinese)


def _refused(message: str, *, chinese: str) -> InputRefused:
    return InputRefused([_problem(message, chinese=chinese)])
