"""A formula means what Python's arithmetic says; whatever is no formula is refused with its place."""

from __future__ import annotations

import math
import random
import re
import sys
import time
from types import SimpleNamespace

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

import landscapes
import rbo
from landscapes import parse_formula
from landscapes.grammar import read

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
GOOD = [
    "x^2 + y^2",
    "x**2 - y**2",
    "x − y·x×y÷3 + 2⋅x",
    "-x^2 + .5*y - +1.e1/7. + 2e-1",
    "sin(x)*cos(y) + tan(x/4)",
    "exp(-x^2 - y^2)",
    "log(x^2 + y^2 + 1)",
    "sqrt(x^2 + y^2 + 0.1)",
    "abs(x - 0.123) + abs(y + 1.234)",
    "tanh(3*x) - tanh(y)",
    "min(x, y) + max(x*y, sin(x), 0.1)",
    "sin(pi*x)/pi",
    "sum(k, 1, 20, sin(k*x)/k) + sum(k, 1, 5, cos(k*y))",
    "sum(k, 0, 4, 0.5^k*cos(3^k*x)) + y^2/8",
    "sum(k, 0, 6, x^k*y/(k + 1))",
    "sum(n, 1, 4, sum(m, -1, 2, sin(n*x + m*y)/(n + m^2)))",
    "sum(j, 1, 3, x) + sum(j, 1, 3, sum(k, 1, 2, j*y)) + sum(k, 2, 2, k)",
    "2^x + (x^2 + 1)^y",
    "(x^2 + y^2 + 1)^-0.5 + (x + 4)^2.5",
    "x",
    "0*y",
    "-(3 + 2^3^2)",
    "100*(y - x^2)^2 + (1 - x)^2",
]


def _points(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 6 * torch.rand(*shape, 2, dtype=torch.float64, generator=generator) - 3


# What a formula means

MEANING = {
    name: getattr(math, name) for name in ("sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "pi", "fsum")
}
MEANING |= {"abs": abs, "min": min, "max": max, "range": range}


def _python(text: str, x: float, y: float) -> float:
    """The value of a Python expression that a test wrote; nan where Python has none that is real."""
    try:
        value = eval(text, {"__builtins__": {}, **MEANING, "x": x, "y": y})
    except (ArithmeticError, ValueError):
        return math.nan
    return math.nan if isinstance(value, complex) else float(value)


def _same(text: str) -> tuple[str, str]:
    return text, text


def _chain(parts: list[tuple[str, str]], operators: list[str]) -> tuple[str, str]:
    """Operands joined without parentheses: who binds first is for the two grammars to say."""
    formula, python = parts[0]
    for (f, p), operator in zip(parts[1:], operators, strict=False):
        formula, python = f"{formula}{operator}{f}", f"{python} {operator.strip()} {p}"
    return formula, python


def _larger(inner: st.SearchStrategy) -> st.SearchStrategy:
    operators = st.lists(st.sampled_from(["+", " - ", "*", "/"]), min_size=3, max_size=3)
    name = st.sampled_from(["sin", "cos", "tan", "exp", "log", "sqrt", "abs", "tanh"])
    bracket = inner.map(lambda e: (f"({e[0]})", f"({e[1]})"))
    return st.one_of(
        st.builds(_chain, st.lists(inner, min_size=2, max_size=4), operators),
        bracket,
        inner.map(lambda e: (f"-{e[0]}", f"-{e[1]}")),
        st.builds(lambda n, e: (f"{n}({e[0]})", f"{n}({e[1]})"), name, inner),
        st.builds(lambda e, n: (f"{e[0]}^{n}", f"{e[1]}**{n}"), bracket, st.integers(-2, 3)),
        st.builds(
            lambda n, e: (f"{n}({', '.join(f for f, _ in e)})", f"{n}({', '.join(p for _, p in e)})"),
            st.sampled_from(["min", "max"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
        st.builds(
            lambda e, a, n: (
                f"sum(k, {a}, {a + n}, k*{e[0]})",
                f"fsum(k*{e[1]} for k in range({a}, {a + n + 1}))",
            ),
            bracket.filter(lambda e: "k" not in e[0]),
            st.integers(-2, 2),
            st.integers(0, 4),
        ),
    )


LEAVES = st.sampled_from(["x", "y", "x^2", "-y^2", "pi", "2", "0.5", "3.", ".25", "2^-1", "2^1^2"])
EXPRESSIONS = st.recursive(LEAVES.map(lambda t: (t, t.replace("^", "**"))), _larger, max_leaves=8)
COORDINATE = st.floats(-3, 3).map(lambda v: round(v, 6))


@settings(max_examples=400, deadline=None, derandomize=True)
@given(EXPRESSIONS, COORDINATE, COORDINATE)
def test_means_what_python_says(texts, x, y):
    formula, python = texts
    expected, nearby = _python(python, x, y), _python(python, x + 1e-12, y + 1e-12)
    assume(len(formula) <= 200 and abs(expected) < 1e6 and abs(nearby) < 1e6)  # also leaves nan out
    expression, _ = read(formula)
    theta = torch.tensor([x, y], dtype=torch.float64)
    value = expression.at(*theta).item()
    assert value == pytest.approx(expected, rel=1e-9, abs=1e-9 + 1e4 * abs(nearby - expected)), formula


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-x^2", -4.0),
        ("2^3^2", 512.0),
        ("2^-1", 0.5),
        ("-2^-x", -0.25),
        ("x^2^3", 256.0),
        ("2*-y", -6.0),
        ("x - y - 1", -2.0),
        ("x/y/2", 1 / 3),
        ("x/y*3", 2.0),
        ("x - -y", 5.0),
        ("+-+x", -2.0),
        ("8/2*(2 + 2)", 16.0),
        ("1e1*x", 20.0),
        ("x − y", -1.0),
        ("x·y × 2 ÷ 3", 4.0),
        ("max(x, y, 2.5) - min(x, y, 2.5)", 1.0),
        ("sum(k, 1, 20, k)", 210.0),
        ("sum(k, 1, 20, x)", 40.0),
        ("sum(k, -1, 1, k*x)", 0.0),
        ("sum(k, 3, 3, x^k)", 8.0),
        ("sum(k, 1, 2*2, k)*x", 20.0),
        ("sum(i, 1, 3, sum(j, 1, 2, i*10^j))", 660.0),
        ("sum(i, 1, 3, i*sum(j, 1, 2, 10^j*y))", 1980.0),
        ("sum(i, 1, 3, sum(j, 1, 2, i*y))", 36.0),
        ("sum(i, 1, 3, sum(j, 1, 2, j*y))", 27.0),
        ("sum(i, 1, 3, sum(j, 1, 2, x)) + sum(i, 1, 2, i)", 15.0),
        ("sum(k, 0, 3, (-1)^k*x^k)", -5.0),
        ("\tx  +\n y ", 5.0),
    ],
)
def test_order_of_operations_and_sums(text, value):
    f = parse_formula(text)
    assert f(torch.tensor([2.0, 3.0], dtype=torch.float64)).item() == pytest.approx(value, rel=1e-14)
    assert f(torch.tensor([2.0, 3.0])).item() == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("name", ["sin", "cos", "tan", "exp", "log", "sqrt", "abs", "tanh"])
def test_every_function(name):
    theta = _points(50).abs()
    expected = [MEANING[name](x) for x in theta[:, 0].tolist()]
    torch.testing.assert_close(parse_formula(f"{name}(x)")(theta).tolist(), expected, rtol=1e-14, atol=1e-14)


# A landscape like any other


@pytest.mark.parametrize("text", GOOD)
def test_derivatives_are_those_of_finite_differences(text):
    f, theta, h = parse_formula(text), _points(40), 1e-6
    if "x + 4" in text or "2^x" in text:
        theta = theta / 2
    steps = h * torch.eye(2, dtype=torch.float64)
    height, gradient, hessian = f.jet(theta)
    slopes = torch.stack([(f(theta + e) - f(theta - e)) / (2 * h) for e in steps], -1)
    bends = torch.stack([(f.gradient(theta + e) - f.gradient(theta - e)) / (2 * h) for e in steps], -1)
    for actual, expected, relative in (
        (height, f(theta), 0),
        (gradient, f.gradient(theta), 1e-15),
        (gradient, slopes, 1e-6),
        (hessian, bends, 1e-6),
        (hessian, hessian.mT, 1e-13),
    ):
        scale = 1 + expected.abs().max().item()
        torch.testing.assert_close(actual, expected, rtol=0, atol=relative * scale)


@pytest.mark.parametrize("text", GOOD)
def test_autograd_goes_through_twice(text):
    f, theta = parse_formula(text), (_points(4) / 2).requires_grad_()
    value = f(theta)
    if value.requires_grad:
        _, gradient, hessian = f.jet(theta.detach())
        (slope,) = torch.autograd.grad(value.sum(), theta, create_graph=True)
        torch.testing.assert_close(slope, gradient)
        if slope.requires_grad:
            (bend,) = torch.autograd.grad(slope[:, 1].sum(), theta, materialize_grads=True)
            torch.testing.assert_close(bend, hessian[:, 1])


@pytest.mark.parametrize("text", GOOD)
@pytest.mark.parametrize("device", DEVICES)
def test_keeps_batch_shape_dtype_and_device(text, device):
    f = parse_formula(text)
    for batch in [(), (5,), (2, 3), (0,), (2, 0, 3)]:
        for dtype in (torch.float32, torch.float64):
            theta = _points(*batch).to(device, dtype)
            f(theta).fill_(0)  # memory of its own, for constants too
            shapes = [batch, batch, (*batch, 2), (*batch, 2), (*batch, 2, 2)]
            for tensor, shape in zip(
                [f(theta), *f.jet(theta)[:1], f.gradient(theta), *f.jet(theta)[1:]], shapes, strict=True
            ):
                assert (tensor.shape, tensor.dtype, tensor.device) == (shape, dtype, theta.device)


@pytest.mark.parametrize("text", GOOD)
def test_grid_equals_evaluation_point_by_point(text):
    f = parse_formula(text)
    axes = [torch.linspace(-3, 3, 23, dtype=torch.float64), torch.linspace(-2.5, 3, 31, dtype=torch.float64)]
    heights = f.grid(axes)
    assert heights.shape == (23, 31)
    expected = f(torch.stack(torch.meshgrid(*axes, indexing="ij"), -1))
    torch.testing.assert_close(heights, expected, rtol=1e-12, atol=1e-12, equal_nan=True)
    assert f.grid([axis.float() for axis in axes]).dtype == torch.float32
    assert f.grid([axes[0][:0], axes[1]]).shape == (0, 31)


def test_a_large_batch_is_evaluated_in_parts():
    f = parse_formula("sum(i, 1, 20, sum(j, 1, 20, sin(i*x + j*y)/(i*j)))")
    theta = _points(9000)
    whole, (height, gradient, hessian) = f(theta), f.jet(theta)
    alone = f.jet(theta[-1])
    for many, one in zip((height, gradient, hessian), alone, strict=True):
        torch.testing.assert_close(many[-1], one)
    torch.testing.assert_close(whole, height)
    axes = [torch.linspace(-3, 3, 90, dtype=torch.float64)] * 2
    torch.testing.assert_close(f.grid(axes).flatten(), f(torch.cartesian_prod(*axes)))
    assert f.grid([axis.clone().requires_grad_() for axis in axes]).requires_grad


def test_works_in_every_autograd_mode_and_touches_no_global_state():
    state = torch.random.get_rng_state()
    with torch.inference_mode():
        f = parse_formula("sum(k, 1, 3, sin(k*x))*y")
        quiet = f.jet(_points(3).clone())
    for a, b in zip(quiet, f.jet(_points(3)), strict=True):
        assert torch.equal(a, b)
    theta = _points(3).requires_grad_()
    f(theta).sum().backward()
    assert theta.grad.isfinite().all()
    assert torch.equal(state, torch.random.get_rng_state())


def test_what_is_not_finite_is_nan():
    points = torch.tensor([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    for text in (
        "log(x)",
        "sqrt(x - 0.5)",
        "1/max(x, 0)",
        "x^-2*sqrt(x)",
        "exp(1000/max(x, 0.001) - 1000)/x",
    ):
        f = parse_formula(text)
        assert f(points).isfinite().tolist() == [False, False, True], text
        assert f(points).isnan().tolist() == [True, True, False], text
        assert f.gradient(points[2]).isfinite().all()
    nowhere = parse_formula("log(-1 - x^2)")
    assert nowhere(points).isnan().all()
    assert all(map(math.isfinite, (*nowhere.start, nowhere.radius, nowhere.lr, nowhere.loss_scale)))


@pytest.mark.parametrize("text", [*GOOD, "log(x)", "sqrt(y) - 1/x", "1/(x*y)", "exp(x^2)", "sin(40*x)"])
def test_a_first_run_is_sensible(text):
    f = parse_formula(text)
    assert (f.dim, f.domain, f.title) == (2, ((-3.0, 3.0), (-3.0, 3.0)), text)
    start = torch.tensor(f.start, dtype=torch.float64)
    assert (start.abs() < 3).all()
    assert f(start).isfinite() and f.gradient(start).isfinite().all()
    assert 0 < f.radius <= 6 and 1e-9 <= f.lr <= 1 and 1e-4 <= f.loss_scale <= 1e3 and f.steps > 0
    assert len(re.split(r"(?<=\.)\s+(?=[A-Z])", f.description)) == 2 and f.reference
    theta = start
    for _ in range(20):
        theta = theta - f.lr * f.gradient(theta)
    assert f(theta) <= f(start) + 1e-9


def test_another_domain():
    f = parse_formula("log(x)*y", domain=((-1, 1000), (0.25, 0.5)))
    assert f.domain == ((-1.0, 1000.0), (0.25, 0.5))
    assert 0 < f.start[0] < 1000 and 0.25 < f.start[1] < 0.5
    for domain in (((1, 1), (0, 1)), ((0, 1),), ((0, math.inf), (0, 1)), ((0, math.nan), (0, 1)), 3):
        with pytest.raises(ValueError, match="domain must be two"):
            parse_formula("x", domain=domain)


@pytest.mark.parametrize(
    ("text", "wavelength"),
    [
        ("x^2 + exp(y)", math.inf),
        ("sin(3)", math.inf),
        ("cos(10*x)", 2 * math.pi / 10),
        ("x*y + tan(3*x + 4*y)", 2 * math.pi / 5),
        ("sum(k, 1, 5, sin(pi*2^k*x)) + y", 2 / 2**5),
        ("sin(x^2)", 2 * math.pi / 6),
        ("sum(i, 1, 3, sum(j, 1, 4, cos(i*x + j*y)))", 2 * math.pi / 5),
    ],
)
def test_finest_wavelength(text, wavelength):
    assert parse_formula(text).finest_wavelength == pytest.approx(wavelength, rel=1e-6)


@pytest.mark.parametrize("text", ["x^2/3 + 0.1*sin(5*x)*cos(5*y)", "max(abs(x), abs(y))", "x", "3", "log(x)"])
def test_every_ball_rolls_on_it(text):
    f = parse_formula(text)
    for contact in (None, rbo.Footpoint(f.domain), rbo.Descent(steps=5)):
        start = torch.tensor([f.start, f.start])
        path = rbo.roll(f, start, f.radius, f.lr, 4, contact=contact, loss_scale=f.loss_scale)
        assert path.contacts.shape == (5, 2, 2) and path.losses.isfinite().all()
    assert landscapes.section(f, f.start[1])(torch.tensor([f.start[0]])).isfinite()


# What is refused

REFUSED = [  # text, column, a word of the advice
    ("", 1, "empty"),
    ("   ", 1, "empty"),
    ("z", 1, "'z'"),
    ("x + foo", 5, "'foo'"),
    ("X", 1, "did you mean x"),
    ("x + Sin(y)", 5, "did you mean sin"),
    ("x +", 4, "the end"),
    ("x + * y", 5, "'*'"),
    ("*x", 1, "missing"),
    ("x y", 3, "product"),
    ("2x", 2, "product"),
    ("2(x)", 2, "product"),
    ("x(y)", 2, "product"),
    ("(x)(y)", 4, "product"),
    ("(x + y", 1, "never closed"),
    ("x*(y + (x)", 3, "never closed"),
    ("x + y)", 6, "closes nothing"),
    ("()", 2, "missing"),
    ("1,5*x", 2, "point"),
    ("(x, y)", 3, "comma"),
    ("sin", 1, "sin(x)"),
    ("x + sin x", 5, "parentheses"),
    ("sin(x, y)", 1, "one argument"),
    ("max(x)", 1, "two arguments"),
    ("sin()", 5, "missing"),
    ("x^9", 2, "8"),
    ("x^-9", 2, "8"),
    ("(x*y)^1e9", 6, "8"),
    ("sum(k, 1, 9, x^k)", 15, "8"),
    ("9^9^9", 2, "finite"),
    ("2^1024", 2, "finite"),
    ("x*1e31", 3, "beyond"),
    ("1e999", 1, "beyond"),
    ("9" * 100, 1, "beyond"),
    ("x + 1/0", 6, "zero"),
    ("x/(2 - 2)", 2, "zero"),
    ("log(-1)*x", 1, "finite"),
    ("sum(k, 0, 3, x + 1/k)", 19, "zero"),
    ("sum(k, 0, 3, x*k^-1)", 17, "finite"),
    ("(-8)^(1/3)*x", 5, "finite"),
    ("sum(k, 1, 401, x)", 1, "400"),
    ("sum(k, 1, 1e6, x)", 1, "400"),
    ("sum(k, 1, 1e30, x)", 1, "400"),
    ("sum(i, 1, 21, sum(j, 1, 20, x))", 15, "400"),
    ("sum(i,1,8,sum(j,1,8,sum(k,1,8,x)))", 21, "400"),
    ("sum(k,1,400,x+k+x+k+x+k)", 1, "2000"),
    ("sum(k, 5, 1, x)", 1, "before"),
    ("sum(k, 1, x, x)", 11, "whole"),
    ("sum(k, 0.5, 3, x)", 8, "whole"),
    ("sum(k, 1, k, x)", 11, "'k'"),
    ("sum(i, 1, 3, sum(j, 1, i, x))", 24, "whole"),
    ("sum(x, 1, 3, x)", 5, "letter"),
    ("sum(pi, 1, 3, x)", 5, "letter"),
    ("sum(kk, 1, 3, x)", 5, "letter"),
    ("sum(1, 1, 3, x)", 5, "letter"),
    ("sum(k, 1, 3)", 12, "comma"),
    ("sum(k, 1, 3, x, y)", 15, "comma"),
    ("sum(k 1, 3, x)", 7, "comma"),
    ("sum(k, 1, 3, sum(k, 1, 2, x))", 18, "another letter"),
    ("sum(k, 1, 3, x) + k", 19, "'k'"),
    ("sum", 1, "sum(k"),
    ("f(x, y) = x", 9, "right-hand"),
    ("x == y", 3, "right-hand"),
    ("x < y", 3, "'<'"),
    ("|x|", 1, "abs"),
    ("x!", 2, "product"),
    ("[x]", 1, "round"),
    ("1_000*x", 2, "digits"),
    ("0x10*x", 2, "product"),
    ("1j*x", 2, "product"),
    ("1..2", 3, "product"),
    ("x.real", 2, "'.'"),
    ("x//2", 3, "missing"),
    ("x***2", 4, "missing"),
    ("x^^2", 3, "missing"),
    ("x if y else x", 3, "product"),
    ("x²", 2, "^2"),
    ("π*x", 1, "pi"),
    ("√x", 1, "sqrt"),
    ("ｘ + y", 1, "U+FF58"),
    ("x + 𝐲", 5, "U+1D432"),
    ("ѕin(x)", 1, "U+0455"),
    ("х + y", 1, "U+0445"),
    ("x\u200b + y", 2, "U+200B"),
    ("x\u202e + y", 2, "U+202E"),
    ("x\u00a0+ y", 2, "U+00A0"),
    ("x + ٣", 5, "U+0663"),
    ("x + １", 5, "U+FF11"),
    ("x\x00", 2, "U+0000"),
    ("x\x1b[31m", 2, "U+001B"),
    ("\ud800", 1, "U+D800"),
    ("x" * 201, 201, "200"),
    ("x" * 200, 1, "unknown"),
    ("x+" * 10**6, 201, "shorten"),
    ("(" * 200, 31, "nested"),
    ("(" * 100 + "x" + ")" * 99, 31, "nested"),
    ("-" * 199 + "x", 31, "nested"),
    ("+-" * 99 + "x", 31, "nested"),
    ("2^" * 99 + "x", 61, "nested"),
    ("sin(" * 49 + "x", 121, "nested"),
    ("(" * 10**5, 201, "shorten"),
    ("~" * 150 + "x", 1, "'~'"),
]
HOSTILE = """__import__('os').system('touch hacked') | ().__class__.__bases__[0].__subclasses__()
x.__class__ | x.__init__.__globals__['os'] | open('/etc/passwd').read() | exec('import os') | eval('1')
compile('1', '', 'eval') | lambda: x | (lambda x: x)(x) | [x for x in y] | {x: y} | {x} | (x := 1)
f'{x}' | f"{x!r}" | 'x' | "x" | `x` | b'x' | r'x' | x[0] | x[::2] | sin(*x) | sin(**x) | sin(x=1)
max(x, key=y) | max(x, y, default=1) | x; y | x: y | x @ y | x % 2 | x & y | x << 99 | 1 << 999999999
x and y | not x | x or y | x in y | x is y | x != y | x >= y | ... | None | True | Ellipsis | await x
yield x | import os | del x | assert x | global x | return x | x = 1 | x += 1 | @x | #x | x # comment
\\x | x\\ | 9**9**9**9**9 | 10**10**10 | x**99999999 | x^(9^9) | x**(2**20) | 1e308*10 | 1e400 | 0b11
0o17 | 0xFF | 1__0 | 1e | 1e+ | 1.2.3 | inf | nan | e | i | j | tau | math.pi | torch.sin(x) | np.sin(x)
os | sys | self | print(x) | input() | exit() | quit() | help() | vars() | dir() | globals() | locals()
getattr(x, y) | setattr(x, y, 1) | type(x) | object() | breakpoint() | pow(2, 99) | range(10) | sum([x])
sum(x) | sum() | sum(k) | sum(k,) | sum(k, 1) | sum(k, 1, 2) | sum(k, 1, 2, ) | sum(k, 1, 2, x
sum(k=1) | sum(sum(k,1,2,k), 1, 2, x) | sum(k, 1, sum(j, 1, 9, 99), x) | sum(k, -1e30, 1e30, x)
sum(k, 0, 1/3, x) | sum(k, 1, -1, x) | sum(k, 1, 400, sum(j, 1, 400, x))
sum(k,1,20,sum(j,1,20,sin(k*x)*cos(j*y)+sin(j*x*k)*j*k*y)) | sum(k,1,log(-1),x) | min() | max(,)
min(x,) | abs() | sqrt(-1) | log(0) | exp(999) | tan(pi)/0 | 0^-1 | 0/0 | 1/(1-1) | -1^0.5/0 | (-1)^.5
$x | x? | x~y | <script>alert(1)</script> | {{x}} | ${x} | %s | \\u0078 | ＿＿import＿＿('os') | ſin(x)
ﬁ | ℯ | x＋y | x‐y | x—y | ⅹ | ｓｉｎ(x) | x⁻¹ | x ** ２ | ∑ | ∞ | ½ | x′ | «x» | x，y | （x） | 𝑥
x\u0301 | \u2028x | \ufeffx | x\u2060y""".replace("\n", " | ").split(" | ")


def _fuzzed(count: int) -> list[str]:
    """Good formulas, broken by a seeded hand: a hostile piece put in, or words shuffled about."""
    chance = random.Random(20250519)
    pieces = ["__", "..", *"'\"[]{}:;=<@\\`~$ｘѕ\u200b²∂\x00#&%!?\x7f", "lambda x", "import os", "x.y", "1_0"]
    broken = []
    while len(broken) < count:
        text = chance.choice(GOOD)
        place = chance.randrange(len(text) + 1)
        broken.append(text[:place] + chance.choice(pieces) + text[place:])
    return broken


def _babble(count: int) -> list[str]:
    """Words of the grammar in any order, and characters of any kind: most of them are no formulas."""
    chance = random.Random(7)
    words = [*"xyk+-*/^(), ", "pi", "1", "2.5", "1e9", "**", "sum(k,1,9,", "sin(", "max(", "log"]
    signs = [*map(chr, range(128)), *"ｘ²·−÷×∑\u202e\ud800\U0001f600"]
    return [
        "".join(chance.choices(chance.choice([words, signs]), k=chance.randrange(1, 60)))
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("text", "wave"),
    [
        ("sum(k,1,400,sin(k*(x + y)))", r"0\.\d+"),
        ("sum(i,1,20,sum(j,1,20,tan(300*i*x + j*y)))", r"0\.\d+"),
        (f"sum(k,1,66,{'tan(' * 27}99*k*x*y{')' * 27})", r"\d\.\de-\d+"),
        (f"sum(k,1,70,{'sin(' * 25}99*k*x*y{')' * 25})", r"0\.\d+"),
        (f"sum(k,1,150,{'tan(' * 10}99*k*x*y{')' * 10})", r"\d\.\de-\d+"),
    ],
)
def test_what_would_take_minutes_is_refused(text: str, wave: str):
    durations = []
    for _ in range(3):
        began = time.perf_counter()
        with pytest.raises(ValueError, match=rf"^column 1: the waves, {wave} long, are too fine [^\n]+$"):
            parse_formula(text)
        durations.append(time.perf_counter() - began)
    assert min(durations) < 0.05


def test_sums_along_one_axis_are_not_too_much():
    parse_formula("sum(k,1,300,sin(k*x)) + sum(k,1,300,sin(k*y))")  # a grid is filled one axis at a time


EVENTS: list[str] = []
WATCH = SimpleNamespace(on=False)


def _hook(event: str, arguments: tuple) -> None:
    if WATCH.on:
        EVENTS.append(event)


@pytest.fixture(scope="module")
def watched():
    """Events that Python reports to an auditor: imports, files, processes, compiled and executed code."""
    parse_formula("sum(k, 1, 2, x^k)")  # what torch loads at first use
    sys.addaudithook(_hook)
    yield WATCH
    WATCH.on = False


def _refusal(text: object, watched: SimpleNamespace) -> tuple[int, str] | None:
    """Column and message; None if it is a formula. Whatever it is: nothing runs, and at once."""
    durations, modules = [], set(sys.modules)
    EVENTS.clear()
    for _ in range(3):
        message = None
        began = time.perf_counter()
        watched.on = True
        try:
            read(text)
        except ValueError as error:
            message = str(error)
        finally:
            watched.on = False
        durations.append(time.perf_counter() - began)
    assert not EVENTS, (text, EVENTS)
    assert set(sys.modules) == modules
    assert min(durations) < 0.05, (text, durations)
    if message is None:
        return None
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_formula(text)
    match = re.fullmatch(r"column (\d+): ([^\n]+); ([^\n.]|\.\d|'\.')+", message)
    assert match and message.isprintable() and len(message) <= 200, message
    return int(match[1]), message


@pytest.mark.parametrize(("text", "column", "word"), REFUSED, ids=lambda value: ascii(value)[:30])
def test_what_is_no_formula_is_refused_with_its_place(text, column, word, watched):
    place, message = _refusal(text, watched)
    assert place == column and word in message, message


@pytest.mark.parametrize("value", [None, 3, b"x", ["x"], True])
def test_what_is_no_text_is_refused(value, watched):
    place, message = _refusal(value, watched)
    assert place == 1 and type(value).__name__ in message


@pytest.mark.parametrize("texts", [HOSTILE, _fuzzed(400)], ids=["by hand", "by chance"])
def test_what_is_hostile_is_refused_and_nothing_runs(texts, watched, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(set(texts)) >= 150
    for text in texts:
        refusal = _refusal(text, watched)
        assert refusal is not None, text
        assert 1 <= refusal[0] <= len(text) + 1
    assert not list(tmp_path.iterdir())


def test_whatever_comes_is_a_formula_or_refused(watched):
    texts = _babble(1500)
    refused = [text for text in texts if _refusal(text, watched) is not None]
    assert 1000 < len(refused) < len(texts)


def test_the_watch_sees_what_runs(watched):
    EVENTS.clear()
    watched.on = True
    eval("1 + 1")
    watched.on = False
    assert "compile" in EVENTS and "exec" in EVENTS


def test_the_largest_formulas_are_bounded():
    """At the limits: the deepest, the longest and the costliest that are let through."""
    deep = "(" * 29 + "x" + ")" * 29
    assert parse_formula(deep)(torch.tensor([2.0, 0.0])) == 2
    long = "x" + "+y" * 99
    theta = _points(2)
    torch.testing.assert_close(parse_formula(long)(theta), theta[:, 0] + 99 * theta[:, 1])
    assert parse_formula("sum(k,1,200,sin(k*x)+y)").jet(theta)[2].shape == (2, 2, 2)
