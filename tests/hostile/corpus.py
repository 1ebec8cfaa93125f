"""Bad requests without end: every route, every method, every way to say it wrongly.

Four streams, each for as long as one takes from it and the same for the same seed:
addresses, forms of residents, documents of programs, and the console of an operator. A
stream starts from what is sound and breaks one or more parts, so that the break is reached.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote_plus, urlencode

from driver import Attempt
from junk import ALL, FORM, LONG, METHODS, ODD_METHODS, Dice

Maker = Callable[["Target", Dice, str], Attempt]
JSON = b"application/json"
FIELDS = [
    "q-Q1", "q-Q2", "q-Q3", "q-why", "q-", "q-nothing", "q-Q1[]", "q-Q1\x00", "once", "l",
    "mode",
    "at", "to", "big", "dk", "work", "skip", "back", "next", "send", "t-senses", "t-", "",
    "text", "\u202e", "__proto__", "key", "token", "长" * 500,
]  # fmt: skip
MEMBERS = ["code", "once", "answers", "language", "token", "accept_missing", "", "__proto__"]
QUERIES = ["l", "mode", "big", "dk", "code", "number", "", "[]", "l[]"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a corpus must know of the product that it attacks."""

    routes: Sequence[tuple[str, Sequence[str]]]
    """Every route as (pattern, methods)."""
    words: Mapping[str, Sequence[str]]
    """Parameter of a path → sound values."""
    codes: Sequence[str]
    """Codes of open rounds."""
    new_key: Callable[[str], str]
    """A genuine key of a form of a code."""
    items: Mapping[str, Sequence[str]]
    """Code → its items."""
    cookie: str
    """The header of a signed-in operator."""
    token: str
    """What the forms of that operator carry."""


def stream(name: str, target: Target, *, seed: int) -> Iterator[Attempt]:
    """One of the streams, without end."""
    dice, makers = Dice(seed), STREAMS[name]
    while True:
        mark = dice.mark()
        attempt = dice.choice(makers)(target, dice, mark)
        if dice.random() < 0.25:
            attempt = replace(attempt, headers=(*attempt.headers, *dice.headers(mark)))
        yield replace(attempt, kind=f"{name}: {attempt.kind}", mark=mark)


CONSOLE = "/console"


def _route(target: Target, dice: Dice) -> tuple[str, Sequence[str]]:
    """Any route, but the few of residents as often as the many of the console."""
    open_ones = [route for route in target.routes if not route[0].startswith(CONSOLE)]
    return dice.choice(open_ones if dice.random() < 0.5 else target.routes)


def any_address(target: Target, dice: Dice, mark: str) -> Attempt:
    """A route with bad words in its path and behind it, by any method."""
    pattern, methods = _route(target, dice)
    chance = dice.random()
    method = dice.choice(methods) if chance < 0.6 else dice.choice(METHODS)
    method = dice.choice(ODD_METHODS) if chance > 0.95 else method
    path = _path(pattern, target, dice, mark)
    return Attempt("any address", method, path, _query(dice, mark))


def no_address(target: Target, dice: Dice, mark: str) -> Attempt:
    """A path that no route has, or one damaged until it has none."""
    pattern, _ = _route(target, dice)
    path = b"/" + dice.in_path(mark)
    match dice.randrange(5):
        case 0:
            path = b"/" + dice.in_path(mark) + _path(pattern, target, dice, mark)
        case 1:
            path = _path(pattern, target, dice, mark) + b"/" * dice.randint(1, 3)
        case 2:
            path = b"/" * dice.randint(2, 9) + dice.in_path(mark)
        case 3:
            path = _path(pattern, target, dice, mark).upper().replace(b"ZQ", b"zq")
    return Attempt("no address", dice.choice(METHODS[:3]), path, _query(dice, mark))


def misread_code(target: Target, dice: Dice, mark: str) -> Attempt:
    """A code or receipt number as people and machines garble it."""
    place, word = dice.choice([("/s/", "code"), ("/r/", "number"), ("/p/", "round")])
    text = dice.choice(target.words.get(word, target.codes))
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(text) + 1)
        odd = dice.choice(["о", "І", "ｏ", "l", "I", "O", "-", " ", "\u00a0", "\u200b",
        "\u2010",
                           "İ", "K", "ſ", "\x00", "/", ".", "𝟕", text[:at], ""])  # fmt: skip
        text = text[:at] + odd + text[at + dice.randint(0, 1) :]
    return Attempt("misread code", "GET", (place + quote_plus(text)).encode())


def broken_form(target: Target, dice: Dice, mark: str) -> Attempt:
    """A questionnaire's form with fields broken, doubled, missing or made up."""
    code = dice.choice(target.codes)
    fields = _sound_fields(target, code, dice)
    for _ in range(dice.randint(1, 4)):
        name = quote_plus(dice.choice(FIELDS), safe="[]").encode()
        fields.insert(dice.randrange(len(fields) + 1), name + b"=" + dice.value(mark))
        if dice.random() < 0.3:
            fields.pop(dice.randrange(len(fields)))
    body = dice.choice([b"&", b"&", b"&", b"&", b";", b"&&"]).join(fields)
    return _posted("broken form", _door(code, dice), body, dice)


def damaged_form(target: Target, dice: Dice, mark: str) -> Attempt:
    """The bytes of a form, damaged."""
    code = dice.choice(target.codes)
    body = dice.damage(b"&".join(_sound_fields(target, code, dice)), times=8)
    return _posted("damaged form", _door(code, dice), body, dice)


def flooding_form(target: Target, dice: Dice, mark: str) -> Attempt:
    """Too many fields, or fields too long."""
    marked = mark.encode()
    body = dice.choice(
        [
            b"&" * 9000,
            b"=" * 9000,
            b"a=b&" * 10_000,
            b"q-Q1=5&" * 499,
            b"q-Q1=5&" * 501,
            b"&".join(b"%s%d=1" % (marked, n) for n in range(600)),
            b"q-why=" + b"x" * 70_000,
            b"once=" + b"%00" * 20_000,
            b"q-why=" + dice.choice(LONG) + marked,
            dice.randbytes(dice.randint(1, 3000)),
        ]
    )
    return _posted("flooding form", _door(dice.choice(target.codes), dice), body, dice)


def other_type(target: Target, dice: Dice, mark: str) -> Attempt:
    """A form that says it is something else, or something else that says it is a form."""
    code = dice.choice(target.codes)
    form = b"&".join(_sound_fields(target, code, dice))
    part = f'--b\r\nContent-Disposition: form-data; name="q-Q1"; filename="{mark}"\r\n\r\n5\r\n'
    body = dice.choice(
        [form, part.encode(), (part + "--b--\r\n").encode(), part.encode()[:40], b"[" * 9000]
    )
    return Attempt(
        "other type",
        "POST",
        _door(code, dice),
        headers=dice.headers(mark),
        chunks=(body,),
    )


def sound_form(target: Target, dice: Dice, mark: str) -> Attempt:
    """A form as people send it, between all the others: it must go on working."""
    code = dice.choice(target.codes)
    body = b"&".join(_sound_fields(target, code, dice))
    return _posted("sound form", f"/s/{code}".encode(), body, dice)


def broken_document(target: Target, dice: Dice, mark: str) -> Attempt:
    """A program's answers with members broken, doubled, missing or made up."""
    document = _sound_document(target, dice)
    for _ in range(dice.randint(1, 3)):
        _spoil(document, dice, mark)
    text = json.dumps(document, ensure_ascii=dice.random() < 0.5)
    if dice.random() < 0.3:
        raw = dice.choice(["NaN", "1e999", '"\\ud800"', "5.0", "[" * 50, "{" * 50, "9" * 5000,
                           '"\\u0000"', "01", "'a'", '{"a":1,"a":2}', "-", "",
                           "tru"])  # fmt: skip
        text = text.replace("5", raw, 1)
    return _documented("broken document", text.encode(errors="surrogatepass"), dice)


def damaged_document(target: Target, dice: Dice, mark: str) -> Attempt:
    """The bytes of a document, damaged."""
    body = dice.damage(json.dumps(_sound_document(target, dice)).encode(), times=6)
    return _documented("damaged document", body, dice)


def monstrous_document(target: Target, dice: Dice, mark: str) -> Attempt:
    """Too deep, too long, too many, or in another encoding."""
    text = json.dumps(_sound_document(target, dice))
    body = dice.choice(
        [
            b"[" * 60_000,
            b'{"answers":' * 6_000,
            b'{"answers":{' + b'"a":1,' * 9_000 + b'"b":1}}',
            b'"' + b'\\"' * 30_000,
            b'{"code":' + b"9" * 60_000 + b"}",
            b'{"code":"' + b"x" * 70_000 + b'"}',
            text.encode("utf-16"),
            text.encode("utf-32"),
            b"\xef\xbb\xbf" + text.encode(),
            text.encode() + b"\x00",
            text.encode() * 2,
            b"\x1f\x8b\x08" + text.encode(),
            dice.randbytes(dice.randint(0, 3000)),
            mark.encode(),
        ]
    )
    return _documented("monstrous document", body, dice)


def sound_document(target: Target, dice: Dice, mark: str) -> Attempt:
    """A document as programs send it."""
    return _documented(
        "sound document", json.dumps(_sound_document(target, dice)).encode(), dice
    )


def signed_in(target: Target, dice: Dice, mark: str) -> Attempt:
    """An operator's browser on a bad address of the console."""
    console = [route for route in target.routes if route[0].startswith("/console")]
    pattern, methods = dice.choice(console)
    path = _path(pattern, target, dice, mark)
    cookie = (b"cookie", target.cookie.encode())
    method = "GET" if "GET" in methods else "POST"
    return Attempt("signed in", method, path, _query(dice, mark), (cookie,))


def console_form(target: Target, dice: Dice, mark: str) -> Attempt:
    """A form of the console: with the right token to nowhere, or with a wrong one."""
    console = [
        p for p, methods in target.routes if p.startswith("/console") and "POST" in methods
    ]
    pattern = dice.choice(console)
    is_right = dice.random() < 0.5
    path = _path(pattern, target, dice, mark, bad=1.0 if is_right else 0.0)
    token = target.token.encode() if is_right else dice.value(mark)
    headers = [(b"cookie", target.cookie.encode()), (b"content-type", FORM)]
    if dice.random() < 0.3:
        headers.append(
            (b"origin", dice.choice([b"null", b"http://[", b"https://evil.example"]))
        )
    body = b"token=" + token + b"&key=" + dice.value(mark)
    return Attempt("console form", "POST", path, headers=tuple(headers), chunks=(body,))


def forged_cookie(target: Target, dice: Dice, mark: str) -> Attempt:
    """A visit that nobody began."""
    cookie = dice.damage(target.cookie.encode())
    if dice.random() < 0.5:
        cookie = (
            b"minxin_console=" + dice.value(mark) + b"." + dice.value(mark) + b"." + b"0" * 64
        )
    if cookie == target.cookie.encode():
        cookie += b"0"
    return Attempt("forged cookie", "GET", b"/console", headers=((b"cookie", cookie),))


def guessed_password(target: Target, dice: Dice, mark: str) -> Attempt:
    """Somebody who tries passwords for a login that may be there."""
    body = b"login=" + dice.choice([b"chief", b"admin"]) + b"&password=" + dice.value(mark)
    headers = ((b"content-type", FORM),)
    return Attempt("guess", "POST", b"/console/sign-in", headers=headers, chunks=(body,))


STREAMS: dict[str, list[Maker]] = {
    "addresses": [any_address, any_address, no_address, misread_code],
    "forms": [broken_form] * 5
    + [damaged_form, damaged_form, flooding_form, other_type, sound_form],
    "documents": [broken_document] * 4
    + [damaged_document, damaged_document, monstrous_document, sound_document],
    "console": [signed_in] * 4 + [console_form] * 2 + [forged_cookie, guessed_password],
}


def _path(pattern: str, target: Target, dice: Dice, mark: str, *, bad: float = 0.7) -> bytes:
    parts = re.split(r"\{(\w+)(?::\w+)?\}", pattern)
    path = b""
    for position, part in enumerate(parts):
        if position % 2 == 0:
            path += part.encode()
        elif dice.random() < bad or not target.words.get(part):
            path += dice.in_path(mark)
        else:
            path += dice.choice(target.words[part]).encode()
    return path


def _query(dice: Dice, mark: str) -> bytes:
    fields = []
    for _ in range(dice.choice([0, 0, 1, 1, 2, 3])):
        fields.append(dice.choice(QUERIES).encode() + b"=" + dice.value(mark)[:5000])
    query = b"&".join(fields)
    return dice.choice([query, query, query, query + b"&" * 500, dice.damage(query)])


def _door(code: str, dice: Dice) -> bytes:
    return f"/s/{code}{dice.choice(['', '', '', '/report'])}".encode()


def _sound_fields(target: Target, code: str, dice: Dice) -> list[bytes]:
    fields = {
        "once": target.new_key(code),
        "l": "zh-Hans",
        "mode": dice.choice(["page", "step"]),
    }
    for item in target.items[code]:
        fields[f"q-{item}"] = str(dice.randint(1, 5))
    fields["at"] = dice.choice(list(target.items[code]))
    fields[dice.choice(["send", "send", "skip", "next", "back"])] = "1"
    return [urlencode({name: value}).encode() for name, value in fields.items()]


def _sound_document(target: Target, dice: Dice) -> dict[str, object]:
    code = dice.choice(target.codes)
    answers = {item: dice.randint(1, 5) for item in target.items[code][: dice.randint(1, 5)]}
    return {
        "code": code,
        "once": f"once-{dice.getrandbits(80):020x}",
        "answers": answers,
        "language": dice.choice(["zh-Hans", "en"]),
        "accept_missing": dice.choice([True, False]),
    }


def _spoil(document: dict[str, object], dice: Dice, mark: str) -> None:
    text = dice.choice(ALL).decode("latin-1") + mark
    value = dice.choice(
        [text, text, [text], {"a": text}, None, True, False, 5, -1, 2**31 - 1, [], {}, [1,
        "2"],
         [[1]], [True], [None], "5", "𠮷" * 600, {"Q1": {"Q1": 1}}, "\u202e" + text]
    )  # fmt: skip
    match dice.randrange(4):
        case 0:
            document[dice.choice(MEMBERS)] = value
        case 1:
            document.pop(dice.choice(list(document)), None)
        case 2:
            document[text] = value
        case _:
            answers = document.get("answers")
            if isinstance(answers, dict):
                answers[dice.choice([*answers, text, "why"])] = value


def _posted(kind: str, path: bytes, body: bytes, dice: Dice) -> Attempt:
    chunks, ends = dice.chunks(body)
    headers = ((b"content-type", FORM), _somebody(dice))
    return Attempt(kind, "POST", path, headers=headers, chunks=chunks, ends=ends)


def _documented(kind: str, body: bytes, dice: Dice) -> Attempt:
    chunks, ends = dice.chunks(body)
    headers = ((b"content-type", JSON), _somebody(dice))
    path = b"/api/v1/responses"
    return Attempt(kind, "POST", path, headers=headers, chunks=chunks, ends=ends)


def _somebody(dice: Dice) -> tuple[bytes, bytes]:
    """Another sender each time: nobody is to be turned away before being read."""
    return b"x-forwarded-for", f"10.{dice.randrange(256)}.{dice.randrange(256)}.1".encode()
