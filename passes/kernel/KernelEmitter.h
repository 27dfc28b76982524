//===- KernelEmitter.h - what turns a kernel's region into loops -*- C++
//-*-===//
//
// An emitter owns one family of kernels, known by its anchor. The kernel stage
// asks the table for the first emitter that matches; the schedule stage asks
// the same emitter for the tiling. To add a kernel, write an emitter and name
// it in KernelTable.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_KERNELEMITTER_H
#define EDGEC_PASSES_KERNEL_KERNELEMITTER_H

#include "dialects/schedule/Schedule.h"
#include "passes/kernel/KernelBuilder.h"
#include <functional>
#include <optional>
#include <string>

namespace edgec::kernel {

/// How a kernel wants one of its constant operands: another order of the
/// elements, written at compile time.
struct Packing {
  /// Shape of the packed constant (rank 1 will do).
  mlir::RankedTensorType type;
  /// Equal keys on equal constants give equal results, which are shared.
  std::string key;
  /// Fills `packed` (all zero before) from the constant's elements, both as
  /// bytes that are aligned for their elements; see onElements.
  std::function<void(llvm::ArrayRef<char> source,
                     llvm::MutableArrayRef<char> packed)>
      write;
};

/// A function on the elements of source and packed constant as one on their
/// bytes.
template <typename T, typename Function> auto onElements(Function write) {
  return
      [write](llvm::ArrayRef<char> source, llvm::MutableArrayRef<char> packed) {
        write(llvm::ArrayRef<T>(reinterpret_cast<const T *>(source.data()),
                                source.size() / sizeof(T)),
              llvm::MutableArrayRef<T>(reinterpret_cast<T *>(packed.data()),
                                       packed.size() / sizeof(T)));
      };
}

/// A tensor is `rows` equal parts in the order of its elements: rows of an
/// image, positions of one, rows of a matrix. Iteration i of a kernel's range
/// writes rows [i * perIteration, (i + 1) * perIteration), as far as there are.
struct RowTiles {
  int64_t rows, perIteration;
};

/// Row r of a result needs rows [r * step - before, r * step - before + span)
/// of an operand that has `rows` of them, as far as they exist.
struct RowReads {
  int64_t rows, step = 1, span = 1, before = 0;
};

class KernelEmitter {
public:
  virtual ~KernelEmitter() = default;
  /// One word for reports and diagnostics.
  virtual llvm::StringRef name() const = 0;
  /// Whether this emitter can write the kernel's anchor, element types
  /// included; the operators after it are findKernelEmitter's affair.
  virtual bool matches(schedule::KernelOp kernel) const = 0;
  /// The best tiling by the cost model.
  virtual schedule::TilingAttr schedule(schedule::KernelOp kernel,
                                        schedule::MachineAttr machine) const;
  /// The best tiling whose panels are as wide as those of `model`, the tiling
  /// of a kernel that reads the same weights: packing() is then the same.
  virtual schedule::TilingAttr
  scheduleLike(schedule::TilingAttr model, schedule::KernelOp kernel,
               schedule::MachineAttr machine) const {
    return schedule(kernel, machine);
  }
  /// The tilings that tuning may try, with their cycles, schedule()'s among
  /// them.
  virtual llvm::SmallVector<schedule::TilingAttr>
  candidates(schedule::KernelOp kernel, schedule::MachineAttr machine) const {
    return {schedule(kernel, machine)};
  }
  /// Length of the loop that the range [begin, end) splits.
  virtual int64_t extent(schedule::KernelOp kernel,
                         schedule::TilingAttr tiling) const = 0;
  /// If the range goes over rows of the first result from the first to the
  /// last: how. Nothing otherwise.
  virtual std::optional<RowTiles> rowTiles(schedule::KernelOp kernel,
                                           schedule::TilingAttr tiling) const {
    return std::nullopt;
  }
  /// Which rows of an operand a row of the first result needs, rows being those
  /// of rowTiles(). Nothing if the operand is read in another order, or by more
  /// than the anchor.
  virtual std::optional<RowReads> rowReads(schedule::KernelOp kernel,
                                           unsigned operand) const {
    return std::nullopt;
  }
  /// Writes the function's body. Halos of the results are written already.
  virtual mlir::LogicalResult emit(KernelBuilder &builder) const = 0;
  /// How a constant operand is stored; nothing: as it is.
  virtual std::optional<Packing> packing(schedule::KernelOp kernel,
                                         schedule::TilingAttr tiling,
                                         unsigned operand) const {
    return std::nullopt;
  }
  /// Memory that the kernel needs while it runs: an uninitialised buffer of
  /// this (rank 1) type, one for all parts of its range; null: none.
  virtual mlir::RankedTensorType scratch(schedule::KernelOp kernel,
                                         schedule::TilingAttr tiling) const {
    return nullptr;
  }
  /// Operands whose buffer may be the first result's as well: the kernel reads
  /// each of their elements before it writes the same one, and reads it only
  /// there.
  virtual llvm::SmallVector<int64_t>
  inPlaceOperands(schedule::KernelOp kernel) const {
    return {};
  }
  /// Whether operands and results may be parts of larger buffers, with other
  /// tensors' elements between their own rows or pixels: every load and store
  /// goes by the layout's strides, and no store touches what lies between.
  /// False: they are dense.
  virtual bool takesParts(schedule::KernelOp kernel) const { return false; }
  /// Multiplications and additions of the whole kernel.
  virtual int64_t flops(schedule::KernelOp kernel) const;
};

/// All emitters, in the order in which they are asked.
llvm::ArrayRef<const KernelEmitter *> kernelEmitters();
/// The kernel's emitter or null.
const KernelEmitter *findKernelEmitter(schedule::KernelOp kernel);

/// Whether some emitter will write the kernel with operands and results that
/// are parts of larger buffers; known before it has layouts.
bool takesParts(schedule::KernelOp kernel);

/// The constant behind an operand of the kernel, or null.
mlir::ElementsAttr getConstantOperand(schedule::KernelOp kernel,
                                      unsigned operand);

/// Whether the kernel's convolution finds the pads that it reads around its
/// input: at the end only what the last window reaches.
bool hasConvolutionHalo(schedule::KernelOp kernel);

/// The rows of its input that a row of a convolution's result needs.
RowReads convolutionRowReads(schedule::KernelOp kernel);

/// Elementwise operators after the anchor; a requantization is several.
int64_t countEpilogueOperators(schedule::KernelOp kernel);

/// Applies the operators after the anchor to one vector of `lanes` results at
/// `position` (one Index per dimension of the kernel's first result, the last
/// one the vector's first lane) and returns what must be stored there.
///
/// A position may run past a dimension's size into the next one (w over W
/// into the rows below) when collapsible() says so.
mlir::Value emitEpilogue(KernelBuilder &builder, mlir::Value anchorVector,
                         llvm::ArrayRef<Index> position, int64_t lanes);

/// Whether the dimensions [first, last] of the kernel's result can be walked
/// by the last one alone: everywhere (result and epilogue operands) the
/// strides continue from one dimension into the next.
bool collapsible(schedule::KernelOp kernel, unsigned first, unsigned last);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_KERNELEMITTER_H
