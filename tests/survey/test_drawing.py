"""A frame is read with all its mistakes; a draw is the same whoever repeats it."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputRefused, Problem
from app.survey.drawing import allocate, draw
from app.survey.sampling_frame import Frame, FramePerson, read_frame

POINTS = {"east": ("east-hall",), "west": ("west-hall", "west-desk"), "north": ()}


def refused(content: bytes | str) -> list[Problem]:
    given = content.encode() if isinstance(content, str) else content
    with pytest.raises(InputRefused) as refusal:
        read_frame(given, source="frame.csv", points=POINTS)
    return list(refusal.value.problems)


def places(content: bytes | str) -> list[tuple[str, str]]:
    return [(problem.place, problem.message) for problem in refused(content)]


def read(content: str) -> Frame:
    return read_frame(content.encode(), source="frame.csv", points=POINTS)


def a_frame(strata: dict[str, int]) -> Frame:
    people = [
        FramePerson(row, f"{stratum}-{row}", "east", stratum, "east-hall", ())
        for stratum, size in strata.items()
        for row in range(2, size + 2)
    ]
    return Frame(("person", "unit", "stratum"), tuple(people), "")


def test_a_frame_is_read_with_the_columns_that_only_pass_through():
    frame = read("person,unit,address\n1,east,人民路 1 号\n2,east,𠮷家湾\n\n")
    assert frame.columns == ("person", "unit", "address")
    assert [one.cells for one in frame.people] == [
        ("1", "east", "人民路 1 号"),
        ("2", "east", "𠮷家湾"),
    ]
    assert {one.stratum for one in frame.people} == {"east"}
    assert {one.point for one in frame.people} == {"east-hall"}
    assert frame.strata == {"east": 2}


def test_a_byte_order_mark_is_no_part_of_a_column_but_of_the_digest():
    text = b"person,unit\n1,east\n"
    bare = read_frame(text, source="f", points=POINTS)
    marked = read_frame(b"\xef\xbb\xbf" + text, source="f", points=POINTS)
    assert bare.people == marked.people
    assert bare.digest == hashlib.sha256(text).hexdigest() != marked.digest


def test_every_mistake_of_a_frame_is_named_at_once_with_row_and_column():
    content = (
        "person,unit,stratum,point\n"
        "1,east,a,\n"
        "1,east,a,east-hall\n"
        ",east,a,\n"
        "4,,a,\n"
        "5,south,a,\n"
        "6,west,a,\n"
        "7,west,,east-hall\n"
        "8,north,a,\n"
        f"{'x' * 201},east,a,\n"
        "10,east,a\n"
        '"1\n1",east,a,\n'
    )
    assert places(content) == [
        ("row 3, person", "is already used in row 2"),
        ("row 4, person", "is empty"),
        ("row 5, unit", "is empty"),
        ("row 6, unit", "is not a unit of the plan"),
        ("row 7, point", "is empty"),
        ("row 8, stratum", "is empty"),
        ("row 8, point", "is no point of west"),
        ("row 9, unit", "has no point in the plan"),
        ("row 10, person", "is too long"),
        ("row 11", "has 3 cells"),
        ("row 12, person", "holds a control character"),
    ]


def test_a_unit_with_several_points_needs_the_column_point():
    (problem,) = refused("person,unit\n1,west\n2,west\n3,east\n")
    assert problem.place == "row 1"
    assert (
        problem.message == "lacks the column point, and west has several: west-hall, west-desk"
    )


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("person;unit\n1;east\n", "file", "is separated by semicolons, not by commas"),
        ("", "row 1", "is empty"),
        ("person,unit\n", "row 2", "holds nobody"),
        ("person,person,unit\n", "row 1, column 2", "names a column twice"),
        ("name\n1\n", "row 1", "lacks the column person"),
        (b"\xff\xfep\0e\0", "file", "is UTF-16 or no text at all"),
    ],
)
def test_a_file_that_is_no_frame_says_so(content, place, message):
    assert places(content)[0] == (place, message)


strata = st.dictionaries(st.text("abc东\u2028 ", min_size=1), st.integers(1, 40), min_size=1)
seeds = st.text("0123456789abc 种", min_size=1).filter(str.strip)


@st.composite
def frames_with_sizes(frames):
    sizes = frames(strata)
    return a_frame(sizes), {name: frames(st.integers(1, most)) for name, most in sizes.items()}


@given(frames_with_sizes(), seeds)
def test_every_stratum_gives_its_size_once_each_with_the_base_weight(given_frame, seed):
    frame, sizes = given_frame
    sample = draw(frame, sizes, seed)
    names = [drawn.person.person for drawn in sample.people]
    assert len(set(names)) == len(names) == sum(sizes.values())
    for stratum, people in frame.strata.items():
        weights = [d.weight for d in sample.people if d.person.stratum == stratum]
        assert weights == [people / sizes[stratum]] * sizes[stratum]
    assert sum(d.weight for d in sample.people) == pytest.approx(len(frame.people))


@given(frames_with_sizes(), seeds, st.randoms())
def test_neither_the_order_of_the_file_nor_the_time_of_day_matters(given_frame, seed, random):
    frame, sizes = given_frame
    shuffled = list(frame.people)
    random.shuffle(shuffled)
    again = draw(Frame(frame.columns, tuple(shuffled), ""), sizes, seed)
    assert again == draw(frame, sizes, seed)
    assert again.digest == draw(frame, sizes, seed).digest


@given(frames_with_sizes(), seeds)
def test_drawing_more_keeps_those_who_were_drawn(given_frame, seed):
    frame, sizes = given_frame
    few = {one.person.person for one in draw(frame, dict.fromkeys(sizes, 1), seed).people}
    assert few <= {one.person.person for one in draw(frame, sizes, seed).people}


@given(st.lists(seeds, min_size=2, max_size=2, unique=True))
def test_another_seed_draws_other_people(pair):
    frame, sizes = a_frame({"a": 2000}), {"a": 100}
    first, second = (draw(frame, sizes, seed) for seed in pair)
    assert first.digest != second.digest
    shared = {d.person.person for d in first.people} & {d.person.person for d in second.people}
    assert len(shared) < 40


def test_everybody_is_drawn_equally_often():
    frame = a_frame({"a": 20})
    times = dict.fromkeys((one.person for one in frame.people), 0)
    for seed in range(2000):
        for drawn in draw(frame, {"a": 5}, str(seed)).people:
            times[drawn.person.person] += 1
    # 500 expected, standard deviation 19.4.
    assert all(abs(count - 500) < 5 * 19.4 for count in times.values())


def test_a_draw_can_be_repeated_by_the_recipe_alone():
    frame = read("person,unit,stratum\n" + "".join(f"p{n},east,城\n" for n in range(50)))
    ranked = sorted(
        (f"p{n}" for n in range(50)),
        key=lambda name: hashlib.sha256(f"彩票 2026\0城\0{name}".encode()).hexdigest(),
    )
    sample = draw(frame, {"城": 7}, "彩票 2026")
    assert [drawn.person.person for drawn in sample.people] == ranked[:7]
    joined = "".join(f"{name}\0" for name in ranked[:7]).encode()
    assert sample.digest == hashlib.sha256(joined).hexdigest()


def test_sizes_that_cannot_be_drawn_are_refused_by_the_name_of_the_stratum():
    with pytest.raises(InputRefused) as refusal:
        draw(a_frame({"a": 3, "b": 3, "c": 3, "d": 3}), {"a": 4, "b": 0, "c": 3, "e": 1}, "s")
    assert [(problem.place, problem.message) for problem in refusal.value.problems] == [
        ("sizes.e", "is no stratum of the frame"),
        ("sizes.a", "is more than the 3 people of the stratum"),
        ("sizes.b", "is not one or more"),
        ("sizes.d", "is not one or more"),
    ]


@pytest.mark.parametrize("seed", ["", "  ", "a\0b", "a\nb", "x" * 201, "\ud800"])
def test_a_seed_that_nobody_could_write_down_is_refused(seed):
    with pytest.raises(InputRefused, match="seed: is empty, too long or not one line"):
        draw(a_frame({"a": 3}), {"a": 1}, seed)


@given(strata, st.data())
def test_an_allocation_is_proportional_and_leaves_no_stratum_out(sizes, data):
    frame, people = a_frame(sizes), sum(sizes.values())
    n = data.draw(st.integers(len(sizes), people))
    shares = allocate(frame, n)
    assert sum(shares.values()) == n
    assert shares.keys() == sizes.keys()
    assert all(1 <= shares[name] <= sizes[name] for name in sizes)
    exact = {name: n * size / people for name, size in sizes.items()}
    if min(exact.values()) >= 1:
        assert all(abs(shares[name] - exact[name]) < 1 for name in sizes)
    larger = [(shares[a], shares[b]) for a in sizes for b in sizes if sizes[a] > sizes[b]]
    assert all(first >= second for first, second in larger)


def test_an_allocation_by_largest_remainder_as_in_the_textbook():
    frame = a_frame({"a": 47, "b": 16, "c": 16, "d": 12, "e": 6, "f": 3})
    assert allocate(frame, 10) == {"a": 4, "b": 2, "c": 1, "d": 1, "e": 1, "f": 1}
    assert allocate(a_frame({"a": 1000, "b": 1, "c": 1}), 10) == {"a": 8, "b": 1, "c": 1}


@pytest.mark.parametrize(
    ("n", "message"), [(7, "more than the 6 people"), (1, "less than the 2 strata")]
)
def test_a_total_that_cannot_be_shared_out_is_refused(n, message):
    with pytest.raises(InputRefused, match=message):
        allocate(a_frame({"a": 3, "b": 3}), n)
