"""Reads the networks that dlib saved with `serialize(...) << net`.

dlib writes a network from the outside in: one version number for every layer that wraps
another, down to the input layer. Then, from the inside out, comes what each layer holds. A
layer names its own kind; only tags and skips leave nothing but their version number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_NESTED, _TAG_OR_SKIP, _INNERMOST = 2, 1, 3


class FormatError(Exception):
    """The file is not a network that this reader knows."""


@dataclass(frozen=True)
class Input:
    """What dlib does to 8-bit RGB before the first layer: (value - mean) / 256."""

    kind: str
    mean: tuple[float, float, float]


@dataclass(frozen=True)
class Window:
    """A filter or a pooling window that slides over its input; rows before columns.

    A window of 0 x 0 covers everything.
    """

    size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]


@dataclass(frozen=True)
class Convolution:
    window: Window
    weights: Floats
    """Shape: filters, channels, rows, columns."""
    bias: Floats


@dataclass(frozen=True)
class Affine:
    """Scale and shift per channel: what a batch normalisation is after training."""

    scale: Floats
    shift: Floats


@dataclass(frozen=True)
class Relu:
    pass


@dataclass(frozen=True)
class MaxPool:
    window: Window


@dataclass(frozen=True)
class AveragePool:
    window: Window


@dataclass(frozen=True)
class FullyConnected:
    weights: Floats
    """Shape: inputs, outputs. Without a bias."""


@dataclass(frozen=True)
class AddPrevious:
    """Adds the output of a tagged layer.

    Zeros fill the smaller of the two up, at the end of each dimension.
    """


@dataclass(frozen=True)
class TagOrSkip:
    """Marks an output for later (tag), or goes back to a marked one (skip)."""


Layer = (
    Convolution | Affine | Relu | MaxPool | AveragePool | FullyConnected | AddPrevious | TagOrSkip
)


@dataclass(frozen=True)
class Network:
    loss: str
    input: Input
    layers: tuple[Layer, ...] = field(repr=False)
    """From the input to the output."""


def read_network(path: Path) -> Network:
    """Reads a whole file.

    Raises:
        FormatError: when it holds anything else, or something is left over.
    """
    reader = _Reader(path)
    reader.expect("the loss layer", reader.integer(), 1)
    loss = _read_loss(reader)
    wrappers = []
    while (version := reader.integer()) != _INNERMOST:
        if version not in (_NESTED, _TAG_OR_SKIP):
            raise FormatError(f"{path}: unknown layer version {version}")
        wrappers.append(version)
    source = _read_input(reader)
    layers = [_read_layer(reader)]
    reader.integer()  # how many samples one input becomes
    for version in reversed(wrappers):
        layers.append(_read_layer(reader) if version == _NESTED else TagOrSkip())
    reader.expect_end()
    return Network(loss, source, tuple(layers))


class _Reader:
    """dlib's primitive types, one after the other."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._data = path.read_bytes()
        self._at = 0

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) != count:
            raise FormatError(f"{self.path}: the file is cut short")
        self._at += count
        return taken

    def integer(self) -> int:
        """A control byte, then the magnitude, little end first.

        The control byte has the sign in the highest bit and the length in the lowest four.
        """
        control = self._take(1)[0]
        magnitude = int.from_bytes(self._take(control & 0x0F), "little")
        return -magnitude if control & 0x80 else magnitude

    def real(self) -> float:
        """A mantissa and an exponent of two, both integers.

        Exponents from 32000 up stand for infinities and NaN, which no model has.
        """
        mantissa, exponent = self.integer(), self.integer()
        if exponent >= 32000:
            raise FormatError(f"{self.path}: a number is not finite")
        return float(np.ldexp(float(mantissa), exponent))

    def boolean(self) -> bool:
        return self._take(1) == b"1"

    def text(self) -> str:
        return self._take(self.integer()).decode("ascii")

    def shape(self, version: int) -> tuple[int, int, int, int]:
        self.expect("a tensor", self.integer(), version)
        samples, channels, rows, columns = (self.integer() for _ in range(4))
        return samples, channels, rows, columns

    def alias(self) -> tuple[int, int, int, int]:
        """The shape of a part of another tensor."""
        return self.shape(version=1)

    def tensor(self) -> Floats:
        shape = self.shape(version=2)
        return np.frombuffer(self._take(4 * int(np.prod(shape))), dtype="<f4").reshape(shape)

    def expect(self, what: str, found: object, *allowed: object) -> None:
        if found not in allowed:
            wanted = " or ".join(map(repr, allowed))
            raise FormatError(f"{self.path}: {what} has {found!r}, expected {wanted}")

    def expect_end(self) -> None:
        if self._at != len(self._data):
            raise FormatError(f"{self.path}: {len(self._data) - self._at} bytes are left over")


def _read_loss(reader: _Reader) -> str:
    kind = reader.text()
    reader.expect("the loss", kind, "loss_metric_2")
    reader.real(), reader.real()  # margin and distance threshold of the training
    return kind


def _read_input(reader: _Reader) -> Input:
    kind = reader.text()
    reader.expect("the input layer", kind, "input_rgb_image_sized")
    mean = (reader.real(), reader.real(), reader.real())
    reader.integer(), reader.integer()
    return Input(kind, mean)


def _read_layer(reader: _Reader) -> Layer:
    kind = reader.text()
    if kind not in _LAYERS:
        raise FormatError(f"{reader.path}: unknown layer {kind!r}")
    layer = _LAYERS[kind](reader)
    for _ in range(3):
        reader.boolean()  # state of the training
    for _ in range(3):
        reader.tensor()  # gradients and the last output, empty in a published model
    return layer


def _read_window(reader: _Reader) -> Window:
    size, stride, padding = ((reader.integer(), reader.integer()) for _ in range(3))
    return Window(size, stride, padding)


def _read_convolution(reader: _Reader) -> Convolution:
    parameters = reader.tensor().ravel()
    count = reader.integer()
    window = _read_window(reader)
    filters, biases = reader.alias(), reader.alias()
    _read_training_rates(reader)
    split = int(np.prod(filters))
    reader.expect("a convolution", filters[0], count)
    reader.expect("a convolution's bias", biases, (1, count, 1, 1))
    return Convolution(window, parameters[:split].reshape(filters), parameters[split:])


def _read_affine(reader: _Reader) -> Affine:
    parameters = reader.tensor().ravel()
    scale, shift = reader.alias(), reader.alias()
    reader.integer()  # convolutional or not: the shapes say it
    reader.expect("an affine layer", shift, scale)
    return Affine(*np.split(parameters, 2))


def _read_normalization(reader: _Reader) -> Affine:
    """A batch normalisation as training left it, into what dlib makes of it on loading."""
    gamma, beta = np.split(reader.tensor().ravel(), 2)
    reader.alias(), reader.alias()
    reader.tensor(), reader.tensor()  # statistics of the last batch
    means, variances = reader.tensor().ravel(), reader.tensor().ravel()
    reader.integer(), reader.integer()  # how the running statistics were kept
    _read_training_rates(reader)
    scale = (gamma / np.sqrt(variances.astype(np.float64) + reader.real())).astype(np.float32)
    return Affine(scale, beta - scale * means)


def _read_fully_connected(reader: _Reader) -> FullyConnected:
    outputs, inputs = reader.integer(), reader.integer()
    parameters = reader.tensor().ravel()
    reader.alias(), reader.alias()
    without_bias = 1
    reader.expect("the fully connected layer", reader.integer(), without_bias)
    reader.expect("the fully connected layer", parameters.size, inputs * outputs)
    _read_training_rates(reader)
    return FullyConnected(parameters.reshape(inputs, outputs))


def _read_training_rates(reader: _Reader) -> None:
    for _ in range(4):
        reader.real()


_LAYERS: dict[str, Callable[[_Reader], Layer]] = {
    "con_4": _read_convolution,
    "affine_": _read_affine,
    "bn_con2": _read_normalization,
    "relu_": lambda reader: Relu(),
    "max_pool_2": lambda reader: MaxPool(_read_window(reader)),
    "avg_pool_2": lambda reader: AveragePool(_read_window(reader)),
    "fc_2": _read_fully_connected,
    "add_prev_": lambda reader: AddPrevious(),
}
