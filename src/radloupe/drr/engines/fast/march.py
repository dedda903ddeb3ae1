"""Sixteen rays at a time through a packed volume: the inner loop of the ray-driven renderer, as LLVM instructions.

Each ray reads a slice bilinearly. The two voxels of a row lie side by side and are gathered as one number of 32 bits. Weights are those
of a tent, max(0, 1 - |distance|), so samples beyond the outermost voxels are zero without a test.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from radloupe.drr.engines.fast.simd import FAST, FLOATS, HAS_AVX512, INTEGERS, LANES, Vectors, instruction

INTEGER, LONG, FLOAT = ir.IntType(32), ir.IntType(64), ir.FloatType()
once: Any = cgutils.alloca_once_value
MASK = ir.VectorType(ir.IntType(1), LANES)


@instruction
def march_sixteen(
    typing: Any,
    sums: Any,
    codes: Any,
    first: Any,
    steps: Any,
    count: Any,
    rays: Any,
    last_row: Any,
    last_column: Any,
    zero: Any,
    row_step: Any,
) -> Any:
    """Set `sums[n]` to the sum of ray n over `count` slices, n = 0..15: bilinear samples of `codes - zero`.

    Slice s begins at `codes[first + s * steps]`, its rows are `row_step` apart. Ray n crosses slice s at the row
    `rays[n] + s * rays[16 + n]` and the column `rays[32 + n] + s * rays[48 + n]`. `last_row` and `last_column` are numbers just below
    those of the last row and the last column.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        vectors, (_, _, first, steps, count, _, *limits, zero, row_step) = Vectors(context, builder, signature, values), values
        row, fall, column, drift = (vectors.load(5, ir.Constant(LONG, LANES * n), FLOATS) for n in range(4))
        zeros, pitch, (last_row, last_column) = vectors.splat(zero), vectors.splat(row_step), map(vectors.splat, limits)
        total = once(builder, ir.Constant(FLOATS, [0.0] * LANES))
        with cgutils.for_range(builder, count) as loop:
            number = vectors.splat(builder.sitofp(loop.index, FLOAT))
            down, above, below = tent(vectors, builder.fadd(row, builder.fmul(number, fall, FAST), FAST), last_row)
            along, left, right = tent(vectors, builder.fadd(column, builder.fmul(number, drift, FAST), FAST), last_column)
            base = vectors.pointer(1, builder.add(first, builder.mul(loop.index, steps)), ir.IntType(16))
            corner = builder.add(builder.mul(down, pitch), along)
            upper, lower = (pairs(vectors, base, where, zeros) for where in (corner, builder.add(corner, pitch)))
            one, two = (vectors.mix(near, left, far, right) for near, far in (upper, lower))
            builder.store(builder.fadd(builder.load(total), vectors.mix(one, above, two, below), FAST), total)
        return vectors.store(builder.load(total), 0, ir.Constant(LONG, 0))

    integer, number = types.intp, types.float32
    return types.void(sums, codes, integer, integer, integer, rays, number, number, types.int32, types.int32), generate


def tent(vectors: Vectors, position: Any, limit: Any) -> tuple[Any, Any, Any]:
    """The voxel at or before a position, kept inside the volume, and the weights of it and of its neighbour."""
    builder, one, none = vectors.builder, ir.Constant(FLOATS, [1.0] * LANES), ir.Constant(FLOATS, [0.0] * LANES)
    inside = vectors.call("llvm.minnum.v16f32", FLOATS, vectors.call("llvm.maxnum.v16f32", FLOATS, position, none), limit)
    voxel = builder.fptosi(inside, INTEGERS)
    rest = builder.fsub(position, builder.sitofp(voxel, FLOATS), FAST)
    distances = (vectors.call("llvm.fabs.v16f32", FLOATS, far) for far in (rest, builder.fsub(rest, one, FAST)))
    near, far = (vectors.call("llvm.maxnum.v16f32", FLOATS, builder.fsub(one, distance, FAST), none) for distance in distances)
    return voxel, near, far


def pairs(vectors: Vectors, base: Any, where: Any, zeros: Any) -> list[Any]:
    """Codes at sixteen positions and at their right neighbours, minus the code for zero, as floats."""
    builder = vectors.builder
    both = gather(vectors, base, where)
    near = builder.and_(both, ir.Constant(INTEGERS, [0xFFFF] * LANES))
    far = builder.lshr(both, ir.Constant(INTEGERS, [16] * LANES))
    return [builder.sitofp(builder.sub(code, zeros), FLOATS) for code in (near, far)]


def gather(vectors: Vectors, base: Any, where: Any) -> Any:
    """Gather sixteen 32-bit numbers at offsets in 16-bit steps from a pointer, by the processor's instruction where it has one."""
    builder, blank = vectors.builder, ir.Constant(INTEGERS, ir.Undefined)
    if HAS_AVX512:
        every, scale = ir.Constant(MASK, [1] * LANES), ir.Constant(INTEGER, 2)
        base = builder.bitcast(base, ir.IntType(8).as_pointer())
        return vectors.call("llvm.x86.avx512.mask.gather.dpi.512", INTEGERS, blank, base, where, every, scale)
    for lane in (ir.Constant(INTEGER, n) for n in range(LANES)):
        pointer = builder.gep(base, [builder.sext(builder.extract_element(where, lane), LONG)])
        one = builder.load(builder.bitcast(pointer, INTEGER.as_pointer()))
        one.align = 2
        blank = builder.insert_element(blank, one, lane)
    return blank
