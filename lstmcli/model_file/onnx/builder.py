"""ONNX nodes written as arithmetic, so that a graph reads as its formulas do in NumPy."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

FLOAT32, FLOAT64, INT64, BOOL = map(np.dtype, (np.float32, np.float64, np.int64, np.bool_))


Operand: TypeAlias = "Tensor | float | NDArray[Any]"


class Builder:
    """Collects the inputs, constants and nodes of a graph, in the order in which they are made."""

    def __init__(self) -> None:
        self.inputs: list[ValueInfoProto] = []
        self.nodes: list[NodeProto] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], TensorProto] = {}
        self._stage = ""

    @property
    def constants(self) -> list[TensorProto]:
        return list(self._constants.values())

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Nodes made inside are called `name/...`, as shown by viewers of graphs."""
        outer, self._stage = self._stage, f"{self._stage}{name}/"
        yield
        self._stage = outer

    def input(self, name: str, dtype: DTypeLike, shape: Sequence[str | int]) -> "Tensor":
        """An input of the graph; a dimension that is a name may have any length."""
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return Tensor(self, name, np.dtype(dtype))

    def constant(self, array: NDArray[Any]) -> "Tensor":
        """Equal arrays are stored once."""
        key = array.dtype.str, array.shape, array.tobytes()
        if key not in self._constants:
            name = f"constant_{len(self._constants)}"
            self._constants[key] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return Tensor(self, self._constants[key].name, array.dtype)

    def node(
        self, kind: str, *inputs: "Tensor | None", dtype: DTypeLike, output: int = 0, **attributes: Any
    ) -> "Tensor":
        """One operator of ONNX; output: which of its results is wanted. None is an input left out."""
        name = f"{self._stage}{kind}_{len(self.nodes)}"
        names = [tensor.name if tensor else "" for tensor in inputs]
        self.nodes.append(helper.make_node(kind, names, [*[""] * output, name], name, **attributes))
        return Tensor(self, name, np.dtype(dtype))


@dataclass(frozen=True)
class Tensor:
    """A value of the graph, with the type of its elements. Reductions keep their axis, at length 1."""

    builder: Builder
    name: str
    dtype: np.dtype[Any]

    def _of(self, other: "Operand") -> "Tensor":
        """An operand: numbers and arrays become constants of this type."""
        if isinstance(other, Tensor):
            assert other.dtype == self.dtype, (self.name, other.name)
            return other
        return self.builder.constant(np.asarray(other, self.dtype))

    def _make(self, kind: str, *others: "Operand", **attributes: Any) -> "Tensor":
        return self.builder.node(kind, self, *map(self._of, others), dtype=self.dtype, **attributes)

    def _axis(self, *numbers: int) -> "Tensor":
        return self.builder.constant(np.array(numbers, np.int64))

    def __add__(self, other: "Operand") -> "Tensor":
        return self._make("Add", other)

    def __sub__(self, other: "Operand") -> "Tensor":
        return self._make("Sub", other)

    def __mul__(self, other: "Operand") -> "Tensor":
        return self._make("Mul", other)

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: "Operand") -> "Tensor":
        return self._make("Div", other)

    def __pow__(self, power: float) -> "Tensor":
        return self._make("Pow", power)

    def __matmul__(self, matrix: NDArray[Any]) -> "Tensor":
        return self._make("MatMul", np.ascontiguousarray(matrix))

    def __invert__(self) -> "Tensor":
        return self._make("Not")

    def __and__(self, other: "Tensor") -> "Tensor":
        return self._make("And", other)

    def greater(self, other: "Operand") -> "Tensor":
        return self.builder.node("Greater", self, self._of(other), dtype=BOOL)

    def abs(self) -> "Tensor":
        return self._make("Abs")

    def exp(self) -> "Tensor":
        return self._make("Exp")

    def log(self) -> "Tensor":
        return self._make("Log")

    def sqrt(self) -> "Tensor":
        return self._make("Sqrt")

    def softplus(self) -> "Tensor":
        """log(1 + exp(x))"""
        return self._make("Softplus")

    def at_least(self, other: "Operand") -> "Tensor":
        return self._make("Max", other)

    def at_most(self, other: "Operand") -> "Tensor":
        return self._make("Min", other)

    def clipped(self, low: float, high: float) -> "Tensor":
        return self._make("Clip", low, high)

    def cast(self, dtype: DTypeLike) -> "Tensor":
        if np.dtype(dtype) == self.dtype:
            return self
        to = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return self.builder.node("Cast", self, dtype=dtype, to=to)

    def sum(self, *axes: int) -> "Tensor":
        return self.builder.node("ReduceSum", self, self._axis(*axes), dtype=self.dtype)

    def max(self, axis: int) -> "Tensor":
        return self._make("ReduceMax", axes=[axis])

    def min(self, axis: int) -> "Tensor":
        return self._make("ReduceMin", axes=[axis])

    def any(self, axis: int) -> "Tensor":
        return self.cast(INT64).max(axis).cast(BOOL)

    def cumulative(self, axis: int, reverse: bool = False) -> "Tensor":
        place = self.builder.constant(np.array(axis))
        return self.builder.node("CumSum", self, place, dtype=self.dtype, reverse=int(reverse))

    def part(self, first: int, last: int | None, axis: int) -> "Tensor":
        """Elements from `first` up to `last` along an axis; None is its end."""
        end = np.iinfo(np.int64).max if last is None else last
        places = (self._axis(first), self._axis(end), self._axis(axis))
        return self.builder.node("Slice", self, *places, dtype=self.dtype)

    def take(self, places: "NDArray[np.int64] | list[int]", axis: int) -> "Tensor":
        """The same places of every row along an axis."""
        return self.builder.node("Gather", self, self._axis(*places), dtype=self.dtype, axis=axis)

    def pick(self, places: "Tensor") -> "Tensor":
        """From each row (batch, columns) its own place (batch, 1)."""
        return self.builder.node("GatherElements", self, places, dtype=self.dtype, axis=1)

    def rows(self, places: "Tensor") -> "Tensor":
        """From each series (batch, rows, columns) its own rows (batch, n): (batch, n, columns)."""
        index = places.expanded(2)
        return self.builder.node("GatherND", self, index, dtype=self.dtype, batch_dims=1)

    def reshape(self, *shape: int) -> "Tensor":
        return self.builder.node("Reshape", self, self._axis(*shape), dtype=self.dtype)

    def transpose(self, *order: int) -> "Tensor":
        return self._make("Transpose", perm=list(order))

    def expanded(self, axis: int) -> "Tensor":
        """With a new axis of length 1."""
        return self.builder.node("Unsqueeze", self, self._axis(axis), dtype=self.dtype)

    def squeezed(self, axis: int) -> "Tensor":
        return self.builder.node("Squeeze", self, self._axis(axis), dtype=self.dtype)

    def padded(self, before: int, fill: float, rank: int = 2) -> "Tensor":
        """With so many columns (axis 1) of `fill` put before."""
        amounts = self._axis(0, before, *[0] * (2 * rank - 2))
        return self.builder.node("Pad", self, amounts, self._of(fill), dtype=self.dtype)

    def named(self, name: str) -> "Tensor":
        """As an output of the graph is called."""
        self.builder.nodes.append(helper.make_node("Identity", [self.name], [name], name))
        return Tensor(self.builder, name, self.dtype)


def where(chosen: Tensor, values: Tensor, other: "Tensor | float") -> Tensor:
    return chosen.builder.node("Where", chosen, values, values._of(other), dtype=values.dtype)


def concat(tensors: Sequence[Tensor], axis: int) -> Tensor:
    if len(tensors) == 1:
        return tensors[0]
    return tensors[0].builder.node("Concat", *tensors, dtype=tensors[0].dtype, axis=axis)


def total(tensors: Sequence[Tensor]) -> Tensor:
    """The sum of several tensors of one shape."""
    made = tensors[0]
    for tensor in tensors[1:]:
        made = made + tensor
    return made
