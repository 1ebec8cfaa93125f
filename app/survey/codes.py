"""Codes that people read from paper, type on a phone and say aloud: point codes, receipts.

Thirty-two characters without look-alikes (no i, l, o, u), the last one a check character.
The check is a Reed-Solomon symbol over GF(32): character k from the right has the weight
alpha^k, alpha a root of x^5 + x^2 + 1, and a code is sound when the weighted sum is zero.
The weights are non-zero and differ for up to 31 places, so every single wrong character,
every exchange of two characters (neighbours or not) and every doubled pair misread as
another pair leaves a sum other than zero. Anything else slips through once in 32 times.
Entropy comes in as bytes; this module throws no dice.
"""

import unicodedata

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
CODE_LENGTH = 8
RECEIPT_LENGTH = 11
RECEIPT_GROUPS = (4, 4, 3)

LONGEST_INPUT = 64
BITS_PER_CHARACTER = 5
FIELD_POLYNOMIAL = 0b100101

VALUES = {character: value for value, character in enumerate(ALPHABET)}
TIMES_ALPHA = tuple(2 * value ^ (FIELD_POLYNOMIAL if value & 16 else 0) for value in range(32))
LOOK_ALIKES = str.maketrans({"o": "0", "i": "1", "l": "1"})
SEPARATOR_CATEGORIES = {"Zs", "Zl", "Zp", "Pd", "Cf", "Cc"}
OTHER_SEPARATORS = {"\N{MINUS SIGN}", "\N{MIDDLE DOT}", "_"}


def new_code(entropy: bytes) -> str:
    """Make a point code of 8 characters from at least 35 bits (5 bytes) of `entropy`."""
    return new_characters(entropy, length=CODE_LENGTH)


def read_code(text: str) -> str | None:
    """Read a point code as people type it, in lower case; None if it cannot be one.

    Upper case, full-width characters, spaces and hyphens are accepted, o stands for 0 and
    i and l for 1. Only form and check character are judged, not whether the point exists.
    """
    return read_characters(text, length=CODE_LENGTH)


def new_receipt(entropy: bytes) -> str:
    """Make a receipt number such as ``K3M9-XQ4T-7B2`` from at least 50 bits (7 bytes)."""
    return write_receipt(new_characters(entropy, length=RECEIPT_LENGTH))


def read_receipt(text: str) -> str | None:
    """Read a receipt number as generously as `read_code`; grouped upper case, or None."""
    found = read_characters(text, length=RECEIPT_LENGTH)
    return None if found is None else write_receipt(found)


def write_receipt(characters: str) -> str:
    """Group the 11 characters of a receipt for reading over the phone, in upper case."""
    return grouped(characters, RECEIPT_GROUPS)


def grouped(characters: str, sizes: tuple[int, ...]) -> str:
    """Set characters apart in groups of these sizes, in upper case."""
    groups, start = [], 0
    for size in sizes:
        groups.append(characters[start : start + size])
        start += size
    return "-".join(groups).upper()


def new_characters(entropy: bytes, *, length: int) -> str:
    """Make `length` characters, the last one for checking, from 5 bits for each other one.

    Raises ValueError for too little entropy.
    """
    bits = BITS_PER_CHARACTER * (length - 1)
    if 8 * len(entropy) < bits:
        message = f"{length} characters need {bits} bits of entropy, {8 * len(entropy)} given"
        raise ValueError(message)
    number = int.from_bytes(entropy) >> (8 * len(entropy) - bits)
    values = [number >> shift & 31 for shift in range(bits - BITS_PER_CHARACTER, -1, -5)]
    return "".join(ALPHABET[value] for value in [*values, TIMES_ALPHA[_remainder(values)]])


def read_characters(text: str, *, length: int) -> str | None:
    """Read `length` characters as people type them; None where the check fails."""
    if len(text) > LONGEST_INPUT:
        return None
    plain = unicodedata.normalize("NFKC", text).lower().translate(LOOK_ALIKES)
    found = "".join(character for character in plain if not _separates(character))
    if len(found) != length or not VALUES.keys() >= set(found):
        return None
    return found if _remainder([VALUES[character] for character in found]) == 0 else None


def _separates(character: str) -> bool:
    return (
        unicodedata.category(character) in SEPARATOR_CATEGORIES or character in OTHER_SEPARATORS
    )


def _remainder(values: list[int]) -> int:
    """Sum of value times alpha^place over GF(32), by Horner's rule; zero for a sound code."""
    total = 0
    for value in values:
        total = TIMES_ALPHA[total] ^ value
    return total
