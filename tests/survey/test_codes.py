"""Point codes and receipts: what the check character must catch, and what people type."""

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.survey.codes import (
    ALPHABET,
    CODE_LENGTH,
    RECEIPT_LENGTH,
    new_code,
    new_receipt,
    read_code,
    read_receipt,
)

entropy = st.binary(min_size=7, max_size=16)
READERS = [
    pytest.param(new_code, read_code, id="point code"),
    pytest.param(new_receipt, read_receipt, id="receipt"),
]


def test_the_alphabet_has_32_characters_and_no_look_alikes():
    assert len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("ilou")


@given(entropy)
def test_a_new_code_has_eight_characters_and_reads_back_as_itself(dice):
    code = new_code(dice)
    assert len(code) == CODE_LENGTH
    assert read_code(code) == code


@given(entropy)
def test_a_receipt_is_grouped_for_the_phone_and_reads_back_as_itself(dice):
    receipt = new_receipt(dice)
    assert [len(group) for group in receipt.split("-")] == [4, 4, 3]
    assert receipt == receipt.upper()
    assert read_receipt(receipt) == receipt


@pytest.mark.parametrize(
    ("place", "good", "bad"),
    [
        (place, good, bad)
        for place in range(RECEIPT_LENGTH)
        for good, bad in [("0", "1"), ("z", "0"), ("8", "b")]
    ],
)
def test_a_wrong_character_is_caught_at_every_place(place, good, bad):
    base = _sound("0" * place + good + "0" * (RECEIPT_LENGTH - 1 - place), fix=(place + 1) % 11)
    assert read_receipt(base) is not None
    assert read_receipt(base[:place] + bad + base[place + 1 :]) is None


def _sound(text: str, *, fix: int) -> str:
    """`text` with the one character at place `fix` that makes the check come out right."""
    candidates = (text[:fix] + character + text[fix + 1 :] for character in ALPHABET)
    return next(candidate for candidate in candidates if read_receipt(candidate))


@pytest.mark.parametrize(("make", "read"), READERS)
@given(dice=entropy)
def test_every_single_wrong_character_is_caught(make, read, dice):
    code = make(dice).replace("-", "").lower()
    for place, wrong in product(range(len(code)), ALPHABET):
        if wrong != code[place]:
            assert read(code[:place] + wrong + code[place + 1 :]) is None


@pytest.mark.parametrize(("make", "read"), READERS)
@given(dice=entropy)
def test_every_exchange_of_two_characters_is_caught(make, read, dice):
    code = make(dice).replace("-", "").lower()
    for first, second in combinations(range(len(code)), 2):
        if code[first] != code[second]:
            swapped = list(code)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            assert read("".join(swapped)) is None


@pytest.mark.parametrize("place", range(CODE_LENGTH - 1))
def test_neighbours_exchanged_are_caught_for_every_pair_of_characters(place):
    for first, second in product(ALPHABET, repeat=2):
        if first == second:
            continue
        fill = 0 if place > 1 else CODE_LENGTH - 1
        code = list("0" * CODE_LENGTH)
        code[place], code[place + 1] = first, second
        sound = next(
            text
            for character in ALPHABET
            if read_code(text := "".join([*code[:fill], character, *code[fill + 1 :]]))
        )
        swapped = sound[:place] + second + first + sound[place + 2 :]
        assert read_code(swapped) is None


def test_exactly_one_of_the_32_last_characters_is_right():
    for start in ("0000000", "k3m9xq4", "zzzzzzz"):
        assert sum(read_code(start + last) is not None for last in ALPHABET) == 1


@given(entropy)
def test_what_people_type_is_understood(dice):
    code = new_code(dice)
    full_width = "".join(chr(ord(character) + 0xFEE0) for character in code.upper())
    typed = [
        code.upper(),
        f"  {code[:4]} {code[4:]}\n",
        f"{code[:4]}-{code[4:]}",
        f"{code[:4]}－{code[4:]}",
        f"{code[:4]}—{code[4:]}",
        f"{code[:2]}\u3000{code[2:]}\u200b",
        full_width,
        code.replace("0", "o").replace("1", "l"),
        code.replace("0", "O").replace("1", "I"),
        code.replace("1", "i"),
    ]
    assert [read_code(text) for text in typed] == [code] * len(typed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "k3m9",
        "uuuuuuuu",
        "你好你好你好你好",
        "00000000x",
        "0" * 10_000,
        "\x00" * 8,
        "🙂" * 8,
    ],
)
def test_what_cannot_be_a_code_is_none(text):
    assert read_code(text) is None
    assert read_receipt(text) is None


@given(st.text(alphabet=st.characters(codec=None), max_size=70))
def test_no_text_breaks_the_reader(text):
    found = read_code(text)
    assert found is None or (len(found) == CODE_LENGTH and set(found) <= set(ALPHABET))


def test_a_point_code_is_no_receipt_and_a_receipt_no_point_code():
    assert read_receipt(new_code(bytes(5))) is None
    assert read_code(new_receipt(bytes(7))) is None


@pytest.mark.parametrize(("make", "too_few"), [(new_code, 4), (new_receipt, 6)])
def test_too_little_entropy_is_refused(make, too_few):
    with pytest.raises(ValueError, match="bits of entropy"):
        make(bytes(too_few))


def test_different_entropy_gives_different_codes():
    codes = {new_code(number.to_bytes(5)) for number in range(0, 1 << 40, (1 << 40) // 5000)}
    assert len(codes) >= 5000
