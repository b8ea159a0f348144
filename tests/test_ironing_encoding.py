"""What the viewer of ironing is sent: decoded, it is the record again, to a thousandth of each radius."""

from __future__ import annotations

import json

import numpy as np
import pytest

from figures.ironing import encode
from figures.relief import Profile, Relief
from tests.browser.ironing_records import make_profile, make_relief

RADII = np.geomspace(0.05, 1, 5)


def decoded(block: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """Header and arrays of a block, with the lifts restored as `frontend/decode.js` does."""
    length = int.from_bytes(block[:4], "little")
    header = json.loads(block[4 : 4 + length])
    arrays = {}
    for entry in header["arrays"]:
        size = int(np.prod(entry["shape"]))
        values = np.frombuffer(block, entry["dtype"], size, 4 + length + entry["offset"])
        arrays[entry["name"]] = values.reshape(entry["shape"])
    for name, scale in header["lifts"].items():
        if scale is not None:
            arrays[name] = scale["low"] + (arrays[name].astype(float) + 32767) * scale["unit"]
    return header, arrays


@pytest.fixture(scope="module", params=["profile", "relief"])
def record(request: pytest.FixtureRequest) -> Profile | Relief:
    return make_profile(RADII) if request.param == "profile" else make_relief(RADII, False, side=65)


def test_a_record_survives(record: Profile | Relief):
    header, arrays = decoded(encode(record))
    assert header["kind"] == ("profile" if isinstance(record, Profile) else "relief")
    np.testing.assert_allclose(arrays["radii"], record.radii, rtol=1e-6)
    np.testing.assert_allclose(arrays["heights"], record.heights, atol=1e-6)
    for r, radius in enumerate(record.radii):
        for name in ("centers", "ironed"):
            back = arrays["heights"] + arrays[f"{name}/{r}"]
            np.testing.assert_allclose(back, getattr(record, name)[r], atol=1.01e-3 * radius)
        bits = np.unpackbits(arrays[f"reachable/{r}"], bitorder="little", count=record.heights.size)
        np.testing.assert_array_equal(bits.reshape(record.heights.shape), record.reachable[r])
        if isinstance(record, Profile):
            np.testing.assert_allclose(arrays[f"touch/{r}"], record.touch[r], atol=1e-6)
            np.testing.assert_allclose(arrays[f"turns/{r}"], record.turns[r], rtol=1e-6)


def test_steep_lifts_stay_float32():
    record = make_profile(RADII, scale=1e4)
    header, arrays = decoded(encode(record))
    assert any(scale is None for scale in header["lifts"].values())
    for r, radius in enumerate(record.radii):
        back = arrays["heights"].astype(float) + arrays[f"centers/{r}"]
        np.testing.assert_allclose(back, record.centers[r], atol=1e-3 * radius + 1e-6 * record.heights.max())


def test_a_family_of_25_radii_on_193_squared_is_four_megabytes():
    side, radii = 193, np.geomspace(0.01, 2, 25)
    axis, heights = np.linspace(-3, 3, side), np.zeros((side, side))
    centers = heights + radii[:, None, None]
    family = Relief(
        axis, axis, heights, radii, centers, 0 * centers, np.ones(centers.shape, bool), ("",) * len(radii)
    )
    assert len(encode(family)) < 4.2e6


def test_another_record_has_another_identity(record: Profile | Relief):
    other = make_profile(2 * RADII) if isinstance(record, Profile) else make_relief(2 * RADII, False, side=65)
    one, two = decoded(encode(record))[0], decoded(encode(other))[0]
    assert one["identity"] != two["identity"]
    assert one["landscape"] == two["landscape"]
    assert decoded(encode(record))[0]["identity"] == one["identity"]
