"""Words of a request about replicates: named numbers, numbers in order, prose beside them."""

import pytest

from app.workflow.study.replicate_phrases import are_of_final_weights, read_phrase


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("JKn", ("JKn", "mean", None, None, None)),
        ("Fay 0.3", ("Fay", "mean", 0.3, None, None)),
        ("Fay rho=0.3, mse=true", ("Fay", "estimate", 0.3, None, None)),
        ("BRR: mse true", ("BRR", "estimate", None, None, None)),
        ("bootstrap 500 7", ("bootstrap", "mean", None, 500, 7)),
        ("bootstrap seed 7", ("bootstrap", "mean", None, None, 7)),
        ("bootstrap, R=1000", ("bootstrap", "mean", None, 1000, None)),
        ("bootstrap seed=7 500", ("bootstrap", "mean", None, 500, 7)),
        ("JKn from the design: scale by n/(n-1); rscales (n-1)/n; mse false",
         ("JKn", "mean", None, None, None)),
    ],
)  # fmt: skip
def test_a_phrase_says_its_method_its_numbers_and_its_centre(phrase, said):
    found = read_phrase(phrase)
    assert (found.method, found.centre, found.rho, found.replicates, found.seed) == said


def test_only_words_for_the_final_weights_take_them():
    assert are_of_final_weights("JKn of the trimmed weights")
    assert not are_of_final_weights("JKn, each replicate trimmed anew, final weights")
    assert not are_of_final_weights("JKn from the design")
