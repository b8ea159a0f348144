"""Links and settings: what a link says comes back, and what it says wrongly costs a sentence and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import landscapes
from interface import address
from interface.experiment import (
    CONTACTS,
    LIMITS,
    METHODS,
    Experiment,
    knobs,
    names,
    radius_limit,
    sides,
    usual,
)
from interface.wording import number, quoted

BOWL = usual("wrinkled_bowl")
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def value_of(knob: landscapes.Parameter) -> st.SearchStrategy:
    if knob.kind == "choice":
        return st.sampled_from(knob.choices)
    return st.integers(knob.low, knob.high) if knob.kind == "int" else st.floats(knob.low, knob.high)


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    name = draw(st.sampled_from(names()))
    plain = usual(name, {knob.name: draw(value_of(knob)) for knob in knobs(name)})
    surface = plain.surface()
    point = st.tuples(*(st.floats(side.low, side.high) for side in sides(surface)))
    limit = radius_limit(surface)
    return replace(
        plain,
        start=draw(point),
        second=draw(st.none() | point),
        radius=draw(st.floats(limit.low, limit.high)),
        contact=draw(st.sampled_from(CONTACTS)),
        methods=tuple(name for name in METHODS if draw(st.booleans())),
        **{
            key: draw((st.integers if limit.whole else st.floats)(limit.low, limit.high))
            for key, limit in LIMITS.items()
        },
    )


@SLOW
@given(experiments())
def test_a_link_brings_every_experiment_back(experiment: Experiment):
    assert address.read(address.write(experiment)) == (experiment, ())


@pytest.mark.parametrize("name", names())
def test_what_is_usual_is_left_out(name: str):
    plain = usual(name)
    assert address.write(plain) == ({} if name == names()[0] else {"landscape": name})


@pytest.mark.parametrize("name", names())
def test_no_parameter_takes_the_name_of_a_setting(name: str):
    assert not {knob.name for knob in knobs(name)} & {*address.NAMES, *address.FRAMES}


GARBAGE = st.dictionaries(
    st.sampled_from([*address.NAMES, *address.FRAMES, "seed", "amplitude", "basis", "what", "<b>"]),
    st.text(max_size=60)
    | st.sampled_from(["nan", "-inf", "1e999", "-1", "0", "9" * 5000, "1_0", "٣", "rigid", "adam,adam", "`"])
    | st.sampled_from(names()),
)


@SLOW
@given(GARBAGE)
def test_garbage_is_an_experiment_and_at_most_a_sentence_each(query: dict[str, str]):
    experiment, notes = address.read(query)
    frame, more = address.frame_of(query, address.steps_of(experiment))
    assert 0 <= frame.get("step", 0) <= experiment.steps and set(frame) <= {"step"}
    assert len(notes) + len(more) <= len(query) + sum(text.count(",") for text in query.values())
    assert address.read(address.write(experiment)) == (experiment, ())
    for note in (*notes, *more):
        assert note.endswith(".") and "\n" not in note and len(note) < 300


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ({"radius": "nan"}, "`radius=nan`, which is not a number from 0.003 to 6: 0.6 is used instead"),
        ({"radius": "99"}, "`radius=99`, which is not a number from 0.003 to 6: 6 is used instead"),
        ({"x": "-inf"}, "`x=-inf`, which is not a number from -3 to 3: -2.2 is used instead"),
        ({"steps": "2.5"}, "`steps=2.5`, which is not a whole number from 1 to 1000: 300 is used instead"),
        ({"seed": "-4"}, "`seed=-4`, which is not a whole number from 0 to 9999: 0 is used instead"),
        ({"landscape": "moon"}, "`landscape=moon`, which is none that this page knows"),
        ({"contact": "glue"}, "`contact=glue`, which is none that this page knows: rigid is used instead"),
        ({"x2": "1"}, "`x2=1`, which is one coordinate of two: no second start is used instead"),
        (
            {"x2": "1", "y2": "?"},
            "`y2=?`, which is not a number from -3 to 3: no second start is used instead",
        ),
        ({"methods": "adam,sgd"}, "the method `sgd`: this page knows momentum, nesterov, adam"),
        ({"dim": "1"}, "`dim=1`, which is no setting of this page: it is ignored"),
    ],
)
def test_the_sentence_names_what_and_what_is_used(query: dict[str, str], note: str):
    experiment, notes = address.read(query)
    assert isinstance(experiment, Experiment)
    assert len(notes) == 1 and note in notes[0]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"start": (7.0, 0.0)}, "start x must be a number from -3 to 3, got 7.0"),
        ({"second": (0.0, float("nan"))}, "second start y must be a number from -3 to 3, got nan"),
        ({"radius": 0.0}, "radius must be a number from 0.003 to 6, got 0.0"),
        ({"lr": float("inf")}, "lr must be a number from 1e-08 to 1000, got inf"),
        ({"steps": 2.5}, "steps must be a whole number from 1 to 1000, got 2.5"),
        ({"contact": "glue"}, "contact must be one of rigid, footpoint, descent, got 'glue'"),
        ({"methods": ("sgd",)}, "methods must be among momentum, nesterov, adam, got sgd"),
        ({"methods": ("adam", "momentum")}, "methods must be listed once each"),
        (
            {"parameters": tuple((k, 2.0 if k == "octaves" else v) for k, v in BOWL.parameters)},
            "wrinkled_bowl: octaves must be an integer from 1 to 4, got 2.0",
        ),
        ({"parameters": ()}, "parameters must be all those of wrinkled_bowl"),
    ],
)
def test_an_experiment_is_checked_with_one_sentence(settings: dict, message: str):
    with pytest.raises(ValueError, match="^" + message.replace("(", r"\(")):
        replace(usual("wrinkled_bowl"), **settings)


def test_a_landscape_is_built_once():
    assert names() is names()
    assert usual("wedge").surface() is usual("wedge", radius=0.3).surface()


def test_the_radius_of_the_address_is_none_unless_it_can_be():
    bowl = usual("wrinkled_bowl")
    assert address.radius_of({"radius": "0.3"}, bowl) == 0.3
    assert address.radius_of({"radius": "x"}, bowl) is None
    assert address.radius_of({"radius": "-1"}, bowl) is None
    assert address.radius_of({}, bowl) is None


@given(st.text(max_size=300))
def test_quoted_text_is_one_short_piece_of_code(text: str):
    quote = quoted(text)
    assert len(quote) < 50 and quote.count("`") == 2 and quote[0] == quote[-1] == "`" and "\n" not in quote


@given(st.floats(-1e300, 1e300) | st.sampled_from([float("nan"), float("-inf")]))
def test_a_number_is_always_words_or_digits(value: float):
    text = number(value)
    back = text.replace("−", "-")
    assert text == "not finite" or float(back) == pytest.approx(value, rel=6e-3)
