"""Trained constants of a TensorFlow Lite graph, in the order in which its operators use them.

The nets that use them are our own torch modules; this reads no structure but the order. Half
precision (stored behind DEQUANTIZE operators) comes out as float32.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray
from torch import Tensor, nn

from tutor_emotion.errors import Unavailable

_OPERATOR_NAMES = {
    code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)
}
_FLOATS = {schema.TensorType.FLOAT32: np.float32, schema.TensorType.FLOAT16: np.float16}


class Constants(NamedTuple):
    """One operator that has trained constants: its name, and them, float32, TFLite's layout."""

    operator: str
    arrays: tuple[NDArray[np.float32], ...]


def read_constants(blob: bytes) -> list[Constants]:
    """All operators with float constants, in the graph's own (execution) order.

    Raises:
        Unavailable: ``weights_corrupt``, where ``blob`` is not a whole TFLite file.
    """
    if blob[4:8] != b"TFL3":
        raise _corrupt("it has no TFLite mark")
    try:
        return list(_walk(schema.Model.GetRootAs(blob, 0)))
    except (struct.error, IndexError, ValueError, TypeError, AttributeError) as error:
        raise _corrupt(str(error)) from None


def _walk(model: Any) -> Iterator[Constants]:
    graph = model.Subgraphs(0)
    known: dict[int, NDArray[np.float32]] = {}
    for index in range(graph.TensorsLength()):
        array = _constant(model, graph.Tensors(index))
        if array is not None:
            known[index] = array
    for index in range(graph.OperatorsLength()):
        operator = graph.Operators(index)
        code = model.OperatorCodes(operator.OpcodeIndex())
        name = _OPERATOR_NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        arrays = tuple(known[i] for i in operator.InputsAsNumpy() if i in known)
        if name == "DEQUANTIZE" and arrays:
            known[int(operator.Outputs(0))] = arrays[0]
        elif arrays:
            yield Constants(name, arrays)


def _constant(model: Any, tensor: Any) -> NDArray[np.float32] | None:
    kind = _FLOATS.get(tensor.Type())
    buffer = model.Buffers(tensor.Buffer())
    if kind is None or buffer.DataLength() == 0:
        return None
    shape = tensor.ShapeAsNumpy() if tensor.ShapeLength() else ()
    return np.asarray(buffer.DataAsNumpy().view(kind).reshape(shape), dtype=np.float32)


def _corrupt(why: str) -> Unavailable:
    return Unavailable("weights_corrupt", f"The net's file cannot be read: {why}.", retry=False)


@dataclass
class ConstantReader:
    """Fills modules one after the other, and refuses anything that does not fit exactly.

    Each method raises Unavailable ``weights_corrupt`` where the next operator or a shape is not
    the expected one.
    """

    constants: list[Constants]
    position: int = 0

    def take(self, operator: str) -> list[Tensor]:
        """Constants of the next operator, which must be ``operator``."""
        if self.position >= len(self.constants):
            raise _corrupt(f"it ends where {operator} is expected")
        found, arrays = self.constants[self.position]
        if found != operator:
            raise _corrupt(f"{found} where {operator} is expected")
        self.position += 1
        return [torch.from_numpy(array.copy()) for array in arrays]

    def conv(self, module: nn.Conv2d) -> None:
        """CONV_2D (out, h, w, in) or DEPTHWISE_CONV_2D (1, h, w, channels) → (out, in, h, w)."""
        if module.groups == 1:
            weight, bias = self.take("CONV_2D")
            weight = weight.permute(0, 3, 1, 2)
        else:
            weight, bias = self.take("DEPTHWISE_CONV_2D")
            weight = weight.permute(3, 0, 1, 2)
        fill(module.weight, weight)
        if module.bias is not None:
            fill(module.bias, bias)

    def prelu(self, module: nn.PReLU) -> None:
        """PRELU (1, 1, channels) → (channels)."""
        (slope,) = self.take("PRELU")
        fill(module.weight, slope.flatten())

    def linear(self, module: nn.Linear) -> None:
        """CONV_2D with a 1x1 kernel (out, 1, 1, in) → (out, in)."""
        weight, bias = self.take("CONV_2D")
        fill(module.weight, weight.flatten(1))
        fill(module.bias, bias)

    def norm(self, module: nn.LayerNorm) -> None:
        """A layer norm without bias: ADD of its epsilon, then MUL by its weight."""
        (epsilon,) = self.take("ADD")
        # Half precision holds 1e-6 as 1.01e-6.
        if abs(float(epsilon) - module.eps) > 0.05 * module.eps:
            raise _corrupt(f"epsilon {float(epsilon):.2e} where {module.eps:.2e} is expected")
        (weight,) = self.take("MUL")
        fill(module.weight, weight.flatten())

    def end(self) -> None:
        """Everything must have been used."""
        if self.position != len(self.constants):
            raise _corrupt(f"{len(self.constants) - self.position} operators are left over")


def fill(parameter: Tensor, value: Tensor) -> None:
    """Copy ``value`` into ``parameter``; shapes must be equal."""
    if parameter.shape != value.shape:
        raise _corrupt(f"shape {tuple(value.shape)} where {tuple(parameter.shape)} is expected")
    with torch.no_grad():
        parameter.copy_(value)
