"""Normals, centres, curvature, and rolling without slipping."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import landscapes
import rbo

F64 = torch.float64
slopes = st.lists(st.floats(-50, 50), min_size=1, max_size=5)


@given(slopes)
def test_the_normal_is_a_unit_vector_at_right_angles_to_every_tangent(slope):
    grad = torch.tensor(slope, dtype=F64)
    normal = rbo.unit_normal(grad)
    assert float(normal.norm()) == pytest.approx(1)
    assert float(normal[-1]) > 0
    tangents = torch.cat([torch.eye(len(slope), dtype=F64), grad[:, None]], -1)
    assert torch.allclose(tangents @ normal, torch.zeros(len(slope), dtype=F64), atol=1e-12)
    assert float(rbo.ascent_tangent(grad) @ normal) == pytest.approx(0, abs=1e-9)


@given(slopes, st.floats(0.01, 10))
def test_the_centre_lies_one_radius_from_the_contact(slope, radius):
    grad = torch.tensor(slope, dtype=F64)
    point, height = torch.zeros_like(grad), torch.tensor(0.3, dtype=F64)
    center = rbo.ball_center(point, height, grad, radius)
    foot = torch.cat([point, height[None]])
    assert float((center - foot).norm()) == pytest.approx(radius)


def test_in_a_circular_bowl_the_curvature_is_that_of_the_circle():
    bowl = landscapes.get("circular_bowl")
    theta = torch.tensor([[0.2, 0.1], [-0.5, 0.4]], dtype=F64)
    _, grad, hess = bowl.jet(theta)
    curvature = torch.linalg.eigvals(rbo.shape_operator(grad, hess)).real
    big = float(bowl.values.get("radius", bowl.values.get("R", 0)) or next(iter(bowl.values.values())))
    assert torch.allclose(curvature, torch.full_like(curvature, 1 / big), atol=1e-9)


def quaternions(centers, normals, radius):
    return Rotation.from_quat(rbo.rolling_rotation(centers, normals, radius)[..., [1, 2, 3, 0]].numpy())


def test_on_a_plane_the_ball_turns_by_the_way_over_the_radius():
    radius, way = 0.4, 3.0
    centers = torch.zeros(50, 3, dtype=F64)
    centers[:, 0] = torch.linspace(0, way, 50, dtype=F64)
    normals = torch.tensor([0.0, 0.0, 1.0], dtype=F64).expand(50, 3)
    last = quaternions(centers, normals, radius)[-1]
    expected = Rotation.from_rotvec([0, way / radius, 0])  # rolling along +x turns about +y
    assert (last * expected.inv()).magnitude() == pytest.approx(0, abs=1e-9)


def test_inside_a_circle_the_ball_turns_by_the_way_of_its_centre_over_the_radius():
    big, radius = 2.0, 0.5
    angle = torch.linspace(-0.8, 0.8, 400, dtype=F64)
    zero = torch.zeros_like(angle)
    centers = (big - radius) * torch.stack([angle.sin(), zero, -angle.cos()], -1)
    normals = torch.stack([-angle.sin(), zero, angle.cos()], -1)
    last = quaternions(centers, normals, radius)[-1]
    expected = Rotation.from_rotvec([0, 1.6 * (big - radius) / radius, 0])
    assert (last * expected.inv()).magnitude() == pytest.approx(0, abs=1e-4)


def test_the_rolling_ball_does_not_slip_at_its_contact():
    """The material point at the contact has no tangential velocity: v_c + ω × (−ρν) = 0 along the surface."""
    landscape = landscapes.get("quadratic")
    start = torch.tensor(landscape.start, dtype=F64)
    path = rbo.roll(landscape, start, radius=0.3, lr=0.01, steps=80, contact=rbo.Rigid(landscape.domain))
    turns = quaternions(path.centers, path.normals, 0.3)
    moves = path.centers.diff(dim=0)
    between = (turns[1:] * turns[:-1].inv()).as_rotvec()
    normal = path.normals[1:] + path.normals[:-1]
    normal = normal / normal.norm(dim=-1, keepdim=True)
    slip = moves + torch.linalg.cross(torch.from_numpy(between), -0.3 * normal)
    along = slip - (slip * normal).sum(-1, keepdim=True) * normal
    assert float((along.norm(dim=-1) / moves.norm(dim=-1)).max()) < 1e-9
    assert float((slip.norm(dim=-1) / moves.norm(dim=-1)).max()) < 1e-2


def test_a_whole_turn_brings_the_ball_back():
    radius = 0.25
    centers = torch.zeros(200, 2, 3, dtype=F64)
    centers[:, :, 1] = torch.linspace(0, 2 * math.pi * radius, 200, dtype=F64)[:, None]
    normals = torch.tensor([0.0, 0.0, 1.0], dtype=F64).expand(200, 2, 3)
    turns = rbo.rolling_rotation(centers, normals, torch.full((2,), radius, dtype=F64))
    assert torch.allclose(turns[-1].abs(), torch.tensor([1.0, 0, 0, 0], dtype=F64).expand(2, 4), atol=1e-9)
