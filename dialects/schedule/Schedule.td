//===- Schedule.td - how the graph runs on a machine -----------*- tablegen -*-===//
//
// The facts that decide a schedule, as typed attributes, and the region that
// holds one fused kernel. Reasons: docs/rationale/schedule.md.
//
//===----------------------------------------------------------------------===//
#ifndef SCHEDULE_TD
#define SCHEDULE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Schedule_Dialect : Dialect {
  let name = "schedule";
  let cppNamespace = "::edgec::schedule";
  let summary = "machines, tiles, memory layouts and kernels";
  let description = [{
    Says how an edge graph is cut into kernels and how each kernel runs on one
    machine: `#schedule.machine` describes the hardware, `#schedule.tiling` the
    chosen loop structure, `#schedule.memory` where a tensor lies in its buffer,
    and `schedule.kernel` holds the edge operators of one kernel.
  }];
  let useDefaultAttributePrinterParser = 1;
}

class Schedule_Attr<string name, string mnemonic_> : AttrDef<Schedule_Dialect, name> {
  let mnemonic = mnemonic_;
}

def Schedule_MachineAttr : Schedule_Attr<"Machine", "machine"> {
  let summary = "the hardware that a module is compiled for";
  let description = [{
    Built from `targets/machines/*.json` (or `-machine=FILE.json`); attached to the module as `schedule.machine`.

    | parameter | unit | meaning |
    |---|---|---|
    | `name` | | the description's name |
    | `triple`, `cpu`, `features` | | as LLVM spells them; features as "+a,-b" |
    | `vectorBits` | bit | width of the vectors that kernels use; 0: no vector unit |
    | `vectorRegisters` | | architectural vector registers (with `vectorBits` wide groups) |
    | `hasFma` | | fused multiply-add exists |
    | `hasMaskedLanes` | | loads and stores of a vector's first lanes cost as much as whole ones |
    | `hasScalarOperand` | | multiply-add can take one factor from a lane or scalar register (NEON by-element, RVV .vf, AVX-512 memory broadcast) |
    | `fmaPerCycle` | vectors of `vectorBits` / cycle, times 100 | peak multiply-add rate |
    | `loadsPerCycle` | vectors / cycle, times 100 | L1 load rate |
    | `fmaLatency` | cycles | of a dependent multiply-add |
    | `inOrder` | | the core issues in program order |
    | `l1Bytes`, `l2Bytes`, `l3Bytes` | byte | data caches reachable by one core; 0: absent |
    | `l2BytesPerCycle`, `memoryBytesPerCycle` | byte / cycle, times 100 | sustained read bandwidth of one core |
    | `cores` | | |
    | `clockMHz` | MHz | nominal; 0: unknown |
    | `l3BytesPerCycle` | byte / cycle, times 100 | sustained read bandwidth of one core; 0: unknown, or there is no level 3 |
  }];
  let parameters = (ins StringRefParameter<>:$name, StringRefParameter<>:$triple, StringRefParameter<>:$cpu, StringRefParameter<>:$features,
    "int64_t":$vectorBits, "int64_t":$vectorRegisters, "bool":$hasFma, "bool":$hasMaskedLanes, "bool":$hasScalarOperand,
    "int64_t":$fmaPerCycle, "int64_t":$loadsPerCycle, "int64_t":$fmaLatency, "bool":$inOrder,
    "int64_t":$l1Bytes, "int64_t":$l2Bytes, "int64_t":$l3Bytes,
    "int64_t":$l2BytesPerCycle, "int64_t":$memoryBytesPerCycle, "int64_t":$cores, "int64_t":$clockMHz,
    DefaultValuedParameter<"int64_t", "0">:$l3BytesPerCycle);
  let assemblyFormat = "`<` struct(params) `>`";
  let extraClassDeclaration = [{
    /// float elements in one vector; 1 without a vector unit
    int64_t getFloatLanes() const { return getVectorBits() < 32 ? 1 : getVectorBits() / 32; }
  }];
}

def Schedule_SplitAttr : I32EnumAttr<"Split", "which loop of a kernel its range [begin, end) covers", [
    I32EnumAttrCase<"rows", 0>, I32EnumAttrCase<"columns", 1>]> {
  let cppNamespace = "::edgec::schedule";
}

def Schedule_TilingAttr : Schedule_Attr<"Tiling", "tiling"> {
  let summary = "the loop structure of one kernel";
  let description = [{
    | parameter | meaning |
    |---|---|
    | `lanes` | elements per vector |
    | `rows` | register tile: output rows (image height) |
    | `columns` | register tile: output columns (image width or matrix rows) |
    | `vectors` | register tile: vectors of output channels |
    | `unroll` | reduction steps per loop iteration |
    | `prefetch` | weight rows fetched ahead into L1; 0: none |
    | `prefetchNext` | the next weight panel is fetched into L2 meanwhile |
    | `split` | what the kernel's range counts: output rows, or channel panels (columns) |
    | `cycles` | the cost model's prediction for the whole kernel |
    | `winograd` | outputs per side of a Winograd tile (2 or 4), of whose products the other parameters speak; 0: none |
    | `strassen` | levels of Strassen's method (1), of whose products the other parameters speak; 0: none |
    | `filtersInRun` | Winograd's filters are stored as the model has them and transformed in each run |
    | `panelsInside` | each register tile computes all channel panels before the next one begins: the result is written from front to back |
  }];
  let parameters = (ins "int64_t":$lanes, "int64_t":$rows, "int64_t":$columns, "int64_t":$vectors, "int64_t":$unroll,
    "int64_t":$prefetch, "bool":$prefetchNext, EnumParameter<Schedule_SplitAttr>:$split, "int64_t":$cycles,
    DefaultValuedParameter<"int64_t", "0">:$winograd, DefaultValuedParameter<"int64_t", "0">:$strassen,
    DefaultValuedParameter<"bool", "false">:$filtersInRun, DefaultValuedParameter<"bool", "false">:$panelsInside);
  let builders = [AttrBuilder<(ins "int64_t":$lanes, "int64_t":$rows, "int64_t":$columns, "int64_t":$vectors, "int64_t":$unroll,
      "int64_t":$prefetch, "bool":$prefetchNext, "Split":$split, "int64_t":$cycles), [{
    return $_get($_ctxt, lanes, rows, columns, vectors, unroll, prefetch, prefetchNext, split, cycles, /*winograd=*/0, /*strassen=*/0, /*filtersInRun=*/false,
      /*panelsInside=*/false);
  }]>];
  let assemblyFormat = "`<` struct(params) `>`";
}

def Schedule_MemoryAttr : Schedule_Attr<"Memory", "memory"> {
  let summary = "where a tensor lies in its buffer";
  let description = [{
    The buffer is a dense row-major array of `shape`; the tensor starts at `offsets` in it. What surrounds the
    tensor is its halo: zeros, or `fill` in a tensor of integers, written by the kernel that writes the tensor.

    Several tensors may lie beside each other in one buffer (the operands of a concatenation). Then `halo` says what
    around the tensor is its own: the numbers of elements before and behind it in each dimension. And the array may be
    a part of a flat buffer: it begins at element `base` of `allocated`.

    Errors: C1 `shape`, `offsets` and `halo` differ in length; C2 an offset lies outside its dimension; C3 the halo lies
    outside the array; C4 the array lies outside the buffer.

    Example: `#schedule.memory<shape = [1, 58, 58, 64], offsets = [0, 1, 1, 0]>`,
    `#schedule.memory<shape = [1, 58, 58, 64], offsets = [0, 1, 1, 0], fill = -128>`,
    `#schedule.memory<shape = [1, 58, 58, 64], offsets = [0, 1, 1, 32], halo = [0, 1, 1, 0] + [0, 1, 1, 0]>`,
    `#schedule.memory<shape = [1, 20, 91], offsets = [0, 0, 0], base = 910, allocated = 2730>`
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, ArrayRefParameter<"int64_t">:$offsets,
    OptionalArrayRefParameter<"int64_t">:$haloBefore, OptionalArrayRefParameter<"int64_t">:$haloBehind,
    "int64_t":$base, "int64_t":$allocated, "int64_t":$fill);
  let builders = [AttrBuilder<(ins "::llvm::ArrayRef<int64_t>":$shape, "::llvm::ArrayRef<int64_t>":$offsets, "int64_t":$fill), [{
    return $_get($_ctxt, shape, offsets, ::llvm::ArrayRef<int64_t>(), ::llvm::ArrayRef<int64_t>(), /*base=*/0, /*allocated=*/0, fill);
  }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Whether other tensors may lie in the same buffer.
    bool isPart() const { return !getHaloBefore().empty() || getAllocated() != 0; }
    /// Elements of the halo before and behind a tensor of `size` in dimension `d`.
    int64_t getBefore(size_t d) const { return getHaloBefore().empty() ? getOffsets()[d] : getHaloBefore()[d]; }
    int64_t getBehind(size_t d, int64_t size) const {
      return getHaloBehind().empty() ? getShape()[d] - getOffsets()[d] - size : getHaloBehind()[d];
    }
    /// Elements of the whole buffer.
    int64_t getBufferElements() const;
  }];
}

class Schedule_Op<string mnemonic, list<Trait> traits = []> : Op<Schedule_Dialect, mnemonic, traits>;

def Schedule_KernelOp : Schedule_Op<"kernel", [Pure, IsolatedFromAbove, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "edge operators that run as one kernel";
  let description = [{
    The region's block arguments stand for the operands. The anchor (a convolution, a matrix product, a pooling, ...)
    is followed by an elementwise epilogue; a kernel without anchor is elementwise altogether.

    | attribute | set by | meaning |
    |---|---|---|
    | `kernel_name` | fuse | short name for reports |
    | `tiling` | schedule | loop structure |
    | `layouts` | schedule | one `#schedule.memory` per result; absent: dense |

    Errors: C1 block arguments and operands differ in number or type; C2 yielded values and results differ in number or type;
    C3 there is not one layout per result, or it cannot hold the result.

    Example:
    ```mlir
    %r = schedule.kernel "relu" (%x) : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: tensor<4xf32>):
      %0 = edge.relu %a : (tensor<4xf32>) -> tensor<4xf32>
      schedule.yield %0 : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, StrAttr:$kernel_name,
    OptionalAttr<Schedule_TilingAttr>:$tiling, OptionalAttr<TypedArrayAttrBase<Schedule_MemoryAttr, "one layout per result">>:$layouts);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$kernel_name `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs) $body";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The operator that decides the loop structure: the only one that is not elementwise, or null.
    ::mlir::Operation *getAnchor();
    /// Layout of a result; null when dense.
    MemoryAttr getLayout(unsigned result);
  }];
}

def Schedule_YieldOp : Schedule_Op<"yield", [Pure, Terminator, ParentOneOf<["KernelOp"]>]> {
  let summary = "the results of a kernel's region";
  let arguments = (ins Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}
#endif
