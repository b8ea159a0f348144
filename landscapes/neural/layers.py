"""A network at many weights at once, layer by layer: all evaluations of a slice share their data.

`vmap` and loops put the samples first. Here they come last, (K, features, N) or (K, channels, height, width,
N) at K points of weight space: a bias, a pooling or a softmax then works on contiguous samples, and each
linear layer is one batched product. A convolution is the product with its unfolded input.

The first layer with weights is affine in them, W(a, b)x = W₀x + a·D₁x + b·D₂x, and sees the same x at every
point: three products serve all of them (`Stack.lead`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from landscapes.neural.models import Residual

Rule = Callable[[nn.Module, dict[str, Tensor], Tensor], Tensor]


def _linear(layer: nn.Linear, w: dict[str, Tensor], x: Tensor) -> Tensor:
    if "bias" not in w:
        return torch.bmm(w["weight"], x)
    return torch.baddbmm(w["bias"][:, :, None], w["weight"], x)


def _conv(layer: nn.Conv2d, w: dict[str, Tensor], x: Tensor) -> Tensor:
    (kh, kw), (sh, sw), (ph, pw) = layer.kernel_size, layer.stride, layer.padding
    if ph or pw:
        x = F.pad(x, (0, 0, pw, pw, ph, ph))
    k, c, _, _, n = x.shape
    weight = w["weight"]  # (K, O, C, kh, kw)
    windows = x.unfold(3, kw, sw).permute(0, 1, 5, 2, 3, 4)  # (K, C, kw, H, W, N)
    height, width = (windows.shape[3] - kh) // sh + 1, windows.shape[4]
    rows = windows.reshape(k, c * kw, -1, width * n)
    y = w["bias"][:, :, None] if "bias" in w else x.new_zeros(1, 1, 1)
    for i in range(kh):  # the rows below one another need no copy of their own
        seen = rows[:, :, i : i + sh * height : sh].flatten(2)
        y = torch.baddbmm(y, weight[:, :, :, i].flatten(2), seen)
    return y.view(k, -1, height, width, n)


def _norm(layer: nn.BatchNorm2d, w: dict[str, Tensor], x: Tensor) -> Tensor:
    if layer.running_mean is None:  # of the batch, at every point its own
        others = (*range(2, x.ndim),)
        mean, var = x.mean(others), x.var(others, correction=0)
    else:
        mean, var = layer.running_mean[None], layer.running_var[None]
    scale = (var + layer.eps).rsqrt()
    scale = scale * w["weight"] if "weight" in w else scale
    shift = w["bias"] - mean * scale if "bias" in w else -mean * scale
    wide = (..., *[None] * (x.ndim - 2))
    return torch.addcmul(shift[wide], x, scale[wide])


def _max_pool(layer: nn.MaxPool2d, w: dict[str, Tensor], x: Tensor) -> Tensor:
    return _pooled(layer, x, torch.maximum)


def _average_pool(layer: nn.AvgPool2d, w: dict[str, Tensor], x: Tensor) -> Tensor:
    kh, kw = _pair(layer.kernel_size)
    return _pooled(layer, x, torch.add) / (kh * kw)


def _pooled(layer: nn.MaxPool2d | nn.AvgPool2d, x: Tensor, join: Callable[..., Tensor]) -> Tensor:
    (kh, kw), (sh, sw) = _pair(layer.kernel_size), _pair(layer.stride)
    height, width = (x.shape[2] - kh) // sh, (x.shape[3] - kw) // sw  # of the result, less one
    rows = [x[:, :, i : i + sh * height + 1 : sh] for i in range(kh)]
    joined = rows[0]
    for row in rows[1:]:
        joined = join(joined, row)
    columns = [joined[:, :, :, j : j + sw * width + 1 : sw] for j in range(kw)]
    joined = columns[0]
    for column in columns[1:]:
        joined = join(joined, column)
    return joined


def _global_average(layer: nn.AdaptiveAvgPool2d, w: dict[str, Tensor], x: Tensor) -> Tensor:
    return x.mean((2, 3), keepdim=True)


def _flatten(layer: nn.Flatten, w: dict[str, Tensor], x: Tensor) -> Tensor:
    return x.flatten(1, -2)


def _elementwise(layer: nn.Module, w: dict[str, Tensor], x: Tensor) -> Tensor:
    return layer(x)


def _identity(layer: nn.Module, w: dict[str, Tensor], x: Tensor) -> Tensor:
    return x


def _pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


RULES: dict[type[nn.Module], Rule] = {
    nn.Linear: _linear,
    nn.Conv2d: _conv,
    nn.BatchNorm1d: _norm,
    nn.BatchNorm2d: _norm,
    nn.MaxPool2d: _max_pool,
    nn.AvgPool2d: _average_pool,
    nn.AdaptiveAvgPool2d: _global_average,
    nn.Flatten: _flatten,
    **dict.fromkeys((nn.Identity, nn.Dropout, nn.Dropout2d), _identity),
    **dict.fromkeys(
        (nn.ReLU, nn.Tanh, nn.Sigmoid, nn.GELU, nn.SiLU, nn.ELU, nn.LeakyReLU, nn.Softplus), _elementwise
    ),
}
OVERWRITING: dict[type[nn.Module], Callable[[Tensor], Tensor]] = {
    nn.ReLU: torch.relu_,
    nn.Tanh: torch.tanh_,
    nn.Sigmoid: torch.sigmoid_,
}
FRESH = (nn.Linear, nn.Conv2d, nn.BatchNorm1d, nn.BatchNorm2d)  # their result is nobody else's


def plain(model: nn.Module, inputs: Tensor) -> bool:
    """Whether every layer of the model is known here, on inputs (N, features) or (N, C, H, W)."""
    if inputs.ndim not in (2, 4) or not any(True for _ in model.parameters()):
        return False
    return all(_known(layer) for layer in model.modules())


def _known(layer: nn.Module) -> bool:
    if layer._forward_hooks or layer._forward_pre_hooks:
        return False
    if type(layer) in (nn.Sequential, Residual):
        return True
    if type(layer) is nn.Conv2d:
        simple = layer.groups == 1 and layer.dilation == (1, 1) and not isinstance(layer.padding, str)
        return simple and layer.padding_mode == "zeros"
    if type(layer) is nn.MaxPool2d:
        return not (_any(layer.padding) or layer.ceil_mode or layer.return_indices) and not _any(
            layer.dilation, 1
        )
    if type(layer) is nn.AvgPool2d:
        return not (_any(layer.padding) or layer.ceil_mode or layer.divisor_override)
    if type(layer) is nn.AdaptiveAvgPool2d:
        return _pair(layer.output_size) == (1, 1)
    if type(layer) is nn.Flatten:
        return (layer.start_dim, layer.end_dim) == (1, -1)
    return type(layer) in RULES


def _any(size: int | tuple[int, int], but: int = 0) -> bool:
    return any(part != but for part in _pair(size))


def mixes_samples(model: nn.Module) -> bool:
    """Whether a sample's output depends on the other samples: statistics of the batch."""
    return any(getattr(layer, "running_mean", 0) is None for layer in model.modules())


class Stack:
    """A plain model in evaluation mode, to be run at many weights.

    Args:
        model: of layers that are all known (`plain`); its own weights play no part.
    """

    def __init__(self, model: nn.Module):
        self.names = {id(parameter): name for name, parameter in model.named_parameters()}
        layers = list(_straight(model))
        weighted = next(i for i, layer in enumerate(layers) if any(True for _ in layer.parameters()))
        # A residual block is not affine in its weights: nothing is shared beyond its input.
        self.shares = type(layers[weighted]) is not Residual
        cut = weighted + self.shares
        self.before, self.after = layers[:cut], layers[cut:]

    def lead(self, three: dict[str, Tensor], inputs: Tensor) -> Tensor:
        """What all points share: the first layer of samples (N, ...) at θ₀, d₁ and d₂, (3, ..., N); where
        nothing can be shared, the input itself, (1, ..., N)."""
        x = inputs.movedim(0, -1)[None].contiguous()
        if not self.shares:
            return self._run(self.before, {}, x)
        x = self._run(self.before[:-1], {}, x)
        return self._run(self.before[-1:], three, x.expand(3, *x.shape[1:]))

    def outputs(self, weights: dict[str, Tensor], mix: Tensor, lead: Tensor) -> Tensor:
        """Outputs (K, ..., N) at K points: weights (K, ...) by name, mix (K, 3) with rows (1, a, b)."""
        if self.shares:
            first, second = (column.view(-1, *[1] * (lead.ndim - 1)) for column in mix[:, 1:].unbind(1))
            x = torch.addcmul(torch.addcmul(lead[0], first, lead[1]), second, lead[2])
        else:
            x = lead.expand(len(mix), *lead.shape[1:])
        return self._run(self.after, weights, x, fresh=self.shares)

    def _run(
        self, layers: list[nn.Module], weights: dict[str, Tensor], x: Tensor, fresh: bool = False
    ) -> Tensor:
        for layer in layers:
            kind = type(layer)
            if kind is Residual:
                body = self._run(list(_straight(layer.body)), weights, x)
                x = torch.relu(body + x if layer.skip else body)
            elif fresh and kind in OVERWRITING and not x.requires_grad:
                x = OVERWRITING[kind](x)
            else:
                own = {part: weights[self.names[id(p)]] for part, p in layer.named_parameters(recurse=False)}
                x = RULES[kind](layer, own, x)
            fresh = kind in FRESH
        return x


def _straight(model: nn.Module) -> Iterator[nn.Module]:
    """The layers of nested sequences, one after the other."""
    if type(model) is nn.Sequential:
        for layer in model:
            yield from _straight(layer)
    else:
        yield model
