"""The interface for programs, described: the one document from which clients are made.

Written by hand, for it is a promise; the tests hold the product to it.
"""

from typing import Any

from app.survey.strict_json import LARGEST_INT, SMALLEST_INT

_CODE = {"type": "integer", "minimum": SMALLEST_INT, "maximum": LARGEST_INT}
_WORDS = {"type": "string"}

ANSWERS: dict[str, Any] = {
    "type": "object",
    "description": (
        "Item code → answer: a code of the item's scale, a list of codes where several may be "
        "chosen, a text where words are asked for; null is the same as leaving it out. Answers "
        "to items that the earlier answers rule out are dropped."
    ),
    "additionalProperties": {
        "oneOf": [_CODE, {"type": "array", "items": _CODE}, _WORDS, {"type": "null"}]
    },
    "examples": [{"Q1": 5, "Q2": 4, "Q7": [1, 2], "Q9": "灯坏了"}],
}
SUBMISSION: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["code", "once", "answers"],
    "properties": {
        "code": {
            "type": "string",
            "minLength": 1,
            "maxLength": 64,
            "description": "The code of a point, as printed below its symbol.",
            "examples": ["7k3m9xq4"],
        },
        "once": {
            "type": "string",
            "pattern": "^[A-Za-z0-9-]{16,64}$",
            "description": (
                "A key that the client makes for this one submission, best a UUID of version 7 "
                "or 4. Send the same key again if no reply came: nothing is kept twice."
            ),
            "examples": ["0197a5f2-6c1e-7d3a-9b54-3f0c2a8e71d6"],
        },
        "answers": ANSWERS,
        "language": {"enum": ["zh-Hans", "en"], "default": "zh-Hans"},
        "token": {
            "type": "string",
            "maxLength": 64,
            "description": "The invitation or ticket, where the round asks for one.",
        },
        "accept_missing": {
            "type": "boolean",
            "default": False,
            "description": "Keep the answers although items were left out that all are asked.",
        },
    },
}
KEPT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["receipt", "status"],
    "properties": {
        "receipt": {"type": "string", "pattern": "^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3}$"},
        "status": {"enum": ["stored", "repeated"]},
    },
}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "problems"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["place", "message", "cure"],
                "properties": {"place": _WORDS, "message": _WORDS, "cure": _WORDS},
            },
        },
    },
}
REFUSALS = {
    400: "The request broke off, or is no request.",
    403: "The round asks for an invitation or a ticket, or this one is not valid here.",
    404: "There is no such code.",
    405: "This address takes POST only.",
    409: "The key came before with other answers, or the token was used; the first ones stand.",
    410: "The round has not begun, is over or full, or the code was withdrawn.",
    413: "The body is longer than 64 KB.",
    415: "The body does not say that it is JSON in UTF-8.",
    422: "Every mistake with its place and its cure; nothing was kept.",
    429: "Too many at once from one sender; come again after Retry-After seconds.",
    503: "Nothing was kept; send the same again after Retry-After seconds.",
}


def _json(schema: str, kind: str = "application/json") -> dict[str, Any]:
    return {kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


_REPLIES: dict[str, Any] = {
    "201": {"description": "Kept, on disk; the receipt.", "content": _json("Kept")},
    "200": {"description": "Kept before; the same receipt.", "content": _json("Kept")},
} | {
    str(status): {
        "description": description,
        "content": _json("Problem", "application/problem+json"),
    }
    for status, description in REFUSALS.items()
}

OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Minxin",
        "version": "1",
        "summary": "Hand in a person's answers from another program.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    },
    "paths": {
        "/api/v1/responses": {
            "post": {
                "operationId": "keepResponse",
                "summary": "Keep one person's answers and get a receipt.",
                "requestBody": {"required": True, "content": _json("Submission")},
                "responses": _REPLIES,
            }
        }
    },
    "components": {
        "schemas": {"Submission": SUBMISSION, "Kept": KEPT, "Problem": PROBLEM},
    },
}
