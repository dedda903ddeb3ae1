"""Vector instructions of sixteen numbers that Numba cannot express, as LLVM intrinsics, for the engine `fast`.

Arrays are flat and come with offsets: a view of a part would be counted as a reference by every thread, which costs more than the work.
"""

import inspect
from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16
HAS_AVX512 = bool(llvm.get_host_cpu_features().get("avx512f"))
"""Whether this processor can run `gather_sixteen`."""
FLOATS, INTEGERS, CODES = (ir.VectorType(kind, LANES) for kind in (ir.FloatType(), ir.IntType(32), ir.IntType(16)))
FAST = ("fast",)


declare: Any = cgutils.get_or_insert_function


def instruction(function: Callable[..., Any]) -> Any:
    """Decorator: an intrinsic for compiled code, from a function that emits its instructions."""
    return intrinsic(inspect.unwrap(function))


class Vectors:
    """Emitter of the loads and stores of an intrinsic's arguments."""

    def __init__(self, context: Any, builder: Any, signature: Any, values: Any) -> None:
        self.context, self.builder, self.kinds, self.values = context, builder, signature.args, values

    def pointer(self, number: int, index: Any, kind: ir.Type) -> Any:
        """A pointer to sixteen elements of an array argument."""
        array = self.context.make_array(self.kinds[number])(self.context, self.builder, self.values[number])
        return self.builder.bitcast(self.builder.gep(array.data, [index]), kind.as_pointer())

    def load(self, number: int, index: Any, kind: ir.Type, align: int = 4) -> Any:
        """Sixteen elements of an array argument."""
        read = self.builder.load(self.pointer(number, index, kind))
        read.align = align
        return read

    def store(self, vector: Any, number: int, index: Any) -> Any:
        """Write a vector into an array argument."""
        self.builder.store(vector, self.pointer(number, index, vector.type)).align = 4
        return self.context.get_dummy_value()

    def fill(self, number: int) -> Any:
        """A scalar argument sixteen times."""
        return self.splat(self.values[number])

    def splat(self, one: Any) -> Any:
        """A number sixteen times."""
        blank = ir.Constant(ir.VectorType(one.type, LANES), ir.Undefined)
        first = self.builder.insert_element(blank, one, ir.Constant(ir.IntType(32), 0))
        return self.builder.shuffle_vector(first, blank, ir.Constant(INTEGERS, [0] * LANES))

    def mix(self, one: Any, weight: Any, two: Any, other: Any) -> Any:
        """`one * weight + two * other`."""
        return self.builder.fadd(self.builder.fmul(one, weight, FAST), self.builder.fmul(two, other, FAST), FAST)

    def call(self, name: str, result: ir.Type, *arguments: Any) -> Any:
        """The result of an LLVM intrinsic."""
        return self.builder.call(declare(self.builder.module, ir.FunctionType(result, [one.type for one in arguments]), name), arguments)


@instruction
def gather_sixteen(typing: Any, total: Any, at: Any, line: Any, base: Any, steps: Any, first: Any, weights: Any) -> Any:
    """`total[at + n] += line` read linearly at `base + steps[first + n] + weights[first + n]`, n = 0..15; steps from 0 to 30."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        vectors, (_, at, _, base, _, first, _) = Vectors(context, builder, signature, values), values
        left, right = vectors.load(2, base, FLOATS), vectors.load(2, builder.add(base, ir.Constant(base.type, LANES)), FLOATS)
        steps, weights = vectors.load(4, first, INTEGERS), vectors.load(6, first, FLOATS)
        kind = ir.FunctionType(FLOATS, [FLOATS, INTEGERS, FLOATS])
        permute = declare(builder.module, kind, "llvm.x86.avx512.vpermi2var.ps.512")
        here = builder.call(permute, [left, steps, right])
        beside = builder.call(permute, [left, builder.add(steps, ir.Constant(INTEGERS, [1] * LANES)), right])
        reading = builder.fadd(here, builder.fmul(builder.fsub(beside, here, FAST), weights, FAST), FAST)
        return vectors.store(builder.fadd(vectors.load(0, at, FLOATS), reading, FAST), 0, at)

    return types.void(total, types.uint64, line, types.uint64, steps, types.uint64, weights), generate


@instruction
def blend_sixteen(typing: Any, line: Any, at: Any, codes: Any, upper: Any, lower: Any, one: Any, two: Any, less: Any, soon: Any) -> Any:
    """`line[at + n] = one * codes[upper + n] + two * codes[lower + n] - less`, n = 0..15; `codes[soon]` is prefetched."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        vectors, integer = Vectors(context, builder, signature, values), ir.IntType(32)
        soon = vectors.pointer(2, values[8], ir.IntType(8))
        ask = ir.FunctionType(ir.VoidType(), [soon.type, integer, integer, integer])
        fetch = declare(builder.module, ask, "llvm.prefetch.p0")
        builder.call(fetch, [soon, *(ir.Constant(integer, number) for number in (0, 3, 1))])  # to read, into the nearest cache, data
        above, below = (builder.uitofp(builder.zext(vectors.load(2, values[number], CODES, 2), INTEGERS), FLOATS) for number in (3, 4))
        mixed = builder.fsub(builder.fmul(above, vectors.fill(5), FAST), vectors.fill(7), FAST)
        return vectors.store(builder.fadd(mixed, builder.fmul(below, vectors.fill(6), FAST), FAST), 0, values[1])

    return types.void(
        line, types.uint64, codes, types.uint64, types.uint64, types.float32, types.float32, types.float32, types.uint64
    ), generate


@instruction
def split_sixteen(typing: Any, steps: Any, weights: Any, at: Any, start: Any, stride: Any) -> Any:
    """Split `start + n * stride` into whole `steps[at + n]` and the rest `weights[at + n]`, n = 0..15; none is negative."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        vectors, ramp = Vectors(context, builder, signature, values), ir.Constant(FLOATS, [float(n) for n in range(LANES)])
        where = builder.fadd(vectors.fill(3), builder.fmul(ramp, vectors.fill(4), FAST), FAST)
        whole = builder.fptosi(where, INTEGERS)
        vectors.store(whole, 0, values[2])
        return vectors.store(builder.fsub(where, builder.sitofp(whole, FLOATS), FAST), 1, values[2])

    return types.void(steps, weights, types.uint64, types.float32, types.float32), generate
