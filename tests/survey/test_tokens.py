"""Tokens: what a slip of the finger does to them, and what the database learns of them."""

import hashlib
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.survey.codes import ALPHABET, new_code, new_receipt, read_code, read_receipt
from app.survey.tokens import (
    TOKEN_ENTROPY,
    TOKEN_GROUPS,
    TOKEN_LENGTH,
    new_token,
    read_token,
    token_hash,
    write_token,
)

entropy = st.binary(min_size=TOKEN_ENTROPY, max_size=32)


@given(entropy)
def test_a_token_reads_back_as_itself_bare_and_grouped(dice):
    token = new_token(dice)
    assert len(token) == TOKEN_LENGTH
    assert read_token(token) == token
    assert [len(group) for group in write_token(token).split("-")] == list(TOKEN_GROUPS)
    assert read_token(write_token(token)) == token


def test_a_token_carries_at_least_128_bits_and_every_one_of_them_counts():
    assert 5 * (TOKEN_LENGTH - 1) >= 128
    bits = [1 << place for place in range(8 * TOKEN_ENTROPY)][-130:]
    tokens = {new_token(bit.to_bytes(TOKEN_ENTROPY)) for bit in bits}
    assert len(tokens) == len(bits) == 130


def test_too_little_entropy_is_refused():
    with pytest.raises(ValueError, match="130 bits of entropy, 128 given"):
        new_token(bytes(16))


@settings(max_examples=30)
@given(entropy)
def test_every_single_wrong_character_of_a_token_is_caught(dice):
    token = new_token(dice)
    for place, wrong in product(range(TOKEN_LENGTH), ALPHABET):
        if wrong != token[place]:
            assert read_token(token[:place] + wrong + token[place + 1 :]) is None


@settings(max_examples=30)
@given(entropy)
def test_every_exchange_of_two_characters_of_a_token_is_caught(dice):
    token = new_token(dice)
    for first, second in combinations(range(TOKEN_LENGTH), 2):
        if token[first] != token[second]:
            swapped = list(token)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            assert read_token("".join(swapped)) is None


@given(entropy)
def test_what_people_type_from_paper_is_understood(dice):
    token = new_token(dice)
    paper = write_token(token)
    typed = [
        token.upper(),
        paper.lower(),
        f"  {paper}\n",
        paper.replace("-", " "),
        paper.replace("-", "－"),
        paper.replace("-", "—"),
        "".join(chr(ord(character) + 0xFEE0) for character in paper.replace("-", "")),
        paper.replace("0", "O").replace("1", "I"),
    ]
    assert [read_token(text) for text in typed] == [token] * len(typed)


@given(st.text(alphabet=st.characters(codec=None), max_size=70))
def test_no_text_breaks_the_reader_of_tokens(text):
    found = read_token(text)
    assert found is None or (len(found) == TOKEN_LENGTH and set(found) <= set(ALPHABET))


@given(entropy)
def test_a_token_is_no_code_and_no_receipt_and_neither_is_a_token(dice):
    token = new_token(dice)
    assert read_code(token) is None
    assert read_receipt(token) is None
    assert read_token(new_code(dice)) is None
    assert read_token(new_receipt(dice)) is None


@given(entropy)
def test_the_hash_says_for_what_it_was_made(dice):
    token = new_token(dice)
    plain = hashlib.sha256(token.encode()).hexdigest()
    known = hashlib.sha256(b"minxin-token\0" + token.encode()).hexdigest()
    assert token_hash(token) == known != plain
