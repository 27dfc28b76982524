//===- KernelBuilder.h - the vocabulary of kernel emitters -----*- C++ -*-===//
//
// Kernels are functions on flat buffers: one memref<SxT> per operand and
// result, T the stored form of the tensor's element (see ElementTypes.h), and a
// range [begin, end) of the kernel's outer loop. Emitters write
// their loops, loads and multiply-adds with the few words below; addresses are
// explicit index arithmetic without overflow, which LLVM folds into the
// instructions. An emitter never names a vector type wider than the machine's.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_KERNELBUILDER_H
#define EDGEC_PASSES_KERNEL_KERNELBUILDER_H

#include "dialects/schedule/Schedule.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

namespace edgec::kernel {

/// Where a tensor's elements lie in its flat buffer, in elements: element
/// [i0, i1, ...] is at offset + i0 * strides[0] + i1 * strides[1] + ...
struct Layout {
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<int64_t> strides;
  int64_t offset = 0;
  /// size of the buffer
  int64_t allocated = 0;

  /// Row-major in a buffer of its own.
  static Layout dense(llvm::ArrayRef<int64_t> shape);
  /// As `memory` says; dense when that is null.
  static Layout get(mlir::RankedTensorType type, schedule::MemoryAttr memory);
  bool isDense() const;
  /// The same elements seen as the larger `shape` to which they broadcast:
  /// stride 0 in the dimensions that repeat.
  Layout broadcastTo(llvm::ArrayRef<int64_t> shape) const;
};

/// Layout of the tensor that enters a kernel from outside: that of the kernel
/// which writes it, dense for everything else.
Layout getOperandLayout(schedule::KernelOp kernel, unsigned operand);
Layout getResultLayout(schedule::KernelOp kernel, unsigned result);

/// A position: an SSA value (may be null) plus a constant. Adding constants
/// emits no code.
struct Index {
  mlir::Value dynamic;
  int64_t constant = 0;

  Index() = default;
  Index(int64_t constant) : constant(constant) {}
  Index(mlir::Value dynamic, int64_t constant = 0)
      : dynamic(dynamic), constant(constant) {}
  bool isConstant() const { return !dynamic; }
  Index operator+(int64_t addend) const {
    return Index(dynamic, constant + addend);
  }
};

/// How an element comes out of memory: converted to what is computed with, or
/// as it lies there, for kernels that only move it.
enum class Form { computed, stored };

/// Lanes of the vectors that a kernel's loops run in: the machine's of float,
/// half as many where the kernel is about 64-bit elements.
int64_t vectorLanes(schedule::KernelOp kernel, schedule::MachineAttr machine);

/// What a kernel works on: its buffers in a function's arguments, and the part
/// [begin, end) of its range.
struct KernelBuffers {
  llvm::SmallVector<mlir::Value> operands, results;
  mlir::Value scratch;
  mlir::Value begin, end;
};

/// Writes one kernel's function. The insertion point starts in the function's
/// body, after the framework's prologue, and stays wherever the emitter's
/// nesting of loops has put it.
class KernelBuilder {
public:
  KernelBuilder(schedule::KernelOp kernel, schedule::TilingAttr tiling,
                schedule::MachineAttr machine, mlir::func::FuncOp function,
                KernelBuffers buffers);

  schedule::KernelOp kernel;
  schedule::TilingAttr tiling;
  schedule::MachineAttr machine;
  mlir::OpBuilder b;
  mlir::Location loc;
  /// The range of the outer loop that this call computes.
  mlir::Value begin, end;

  //===-- buffers ---------------------------------------------------------===//

  /// The buffer behind an operand (by number or block argument), or behind a
  /// result, and where the tensor lies in it.
  mlir::Value operandBuffer(unsigned operand);
  mlir::Value bufferOf(mlir::Value blockArgument);
  mlir::Value resultBuffer(unsigned result = 0);
  /// The buffer that the emitter's scratch() asked for.
  mlir::Value scratchBuffer();
  Layout operandLayout(unsigned operand);
  Layout layoutOf(mlir::Value blockArgument);
  Layout resultLayout(unsigned result = 0);
  /// All addresses in `buffer` are `elements` further on: only a part of the
  /// tensor is there. May be negative.
  void shift(mlir::Value buffer, mlir::Value elements) {
    shifts[buffer] = elements;
  }
  /// The place in `buffer` of an address, with what it is shifted by: for those
  /// who load and store by themselves.
  mlir::Value place(mlir::Value buffer, Index address);
  /// The element of the tensor in a buffer, as the edge dialect has it.
  mlir::Type elementIn(mlir::Value buffer);

  //===-- index arithmetic ------------------------------------------------===//

  Index add(Index lhs, Index rhs);
  Index mul(Index lhs, int64_t factor);
  Index mul(Index lhs, Index rhs);
  /// Unsigned; no code when the result is known.
  Index div(Index lhs, int64_t divisor);
  Index rem(Index lhs, int64_t divisor);
  Index minimum(Index lhs, Index rhs);
  Index maximum(Index lhs, Index rhs);
  mlir::Value value(Index index);
  /// The element of `layout` at `position`, one Index per dimension.
  Index address(const Layout &layout, llvm::ArrayRef<Index> position);

  //===-- control flow ----------------------------------------------------===//

  /// for (iv = lo; iv < hi; iv += step). A loop known to run once or never
  /// leaves no loop.
  void loop(Index lo, Index hi, int64_t step,
            llvm::function_ref<void(Index)> body);
  /// The same with values carried through the iterations.
  llvm::SmallVector<mlir::Value>
  loop(Index lo, Index hi, int64_t step, mlir::ValueRange inits,
       llvm::function_ref<
           llvm::SmallVector<mlir::Value>(Index, llvm::ArrayRef<mlir::Value>)>
           body);
  /// Runs over [lo, hi) in steps: body(position, size) with `step` as size for
  /// the whole steps and what remains for the last one. Both bounds constant.
  void tiles(int64_t lo, int64_t hi, int64_t step,
             llvm::function_ref<void(Index, int64_t)> body);
  /// The same with a range that is known at run time only: whole steps, then
  /// single ones.
  void tiles(Index lo, Index hi, int64_t step,
             llvm::function_ref<void(Index, int64_t)> body);
  /// if (lhs == rhs) body()
  void ifEqual(Index lhs, Index rhs, llvm::function_ref<void()> body);
  /// if (lhs < rhs) body(), both taken as signed
  void ifLess(Index lhs, Index rhs, llvm::function_ref<void()> body);

  //===-- vectors ---------------------------------------------------------===//
  // `lanes` is how many elements count, at most the machine's. Where partial
  // vectors are masked, a value is wider than that; its other lanes hold
  // anything and are never stored.

  /// See vectorLanes().
  int64_t lanes() const { return kernelLanes; }
  mlir::VectorType vectorType(int64_t lanes, mlir::Type element = {});
  mlir::Value load(mlir::Value buffer, Index index, int64_t lanes,
                   Form form = Form::computed);
  /// Takes either form.
  void store(mlir::Value vector, mlir::Value buffer, Index index,
             int64_t lanes);
  /// One element of the buffer in every lane.
  mlir::Value loadSplat(mlir::Value buffer, Index index, int64_t lanes,
                        Form form = Form::computed);
  mlir::Value loadScalar(mlir::Value buffer, Index index,
                         Form form = Form::computed);
  void storeScalar(mlir::Value scalar, mlir::Value buffer, Index index);
  mlir::Value splat(float value, int64_t lanes);
  /// A number in every lane.
  mlir::Value splat(mlir::TypedAttr number, int64_t lanes);
  /// A scalar in every lane.
  mlir::Value splat(mlir::Value scalar, int64_t lanes);
  /// a * b + c, of floats or integers: fused where the machine can.
  mlir::Value fma(mlir::Value a, mlir::Value b, mlir::Value c);
  /// Fetches the line at `index`; locality 3 is L1, 2 is L2. The index may lie
  /// outside of the buffer.
  void prefetch(mlir::Value buffer, Index index, unsigned locality,
                bool forWriting = false);
  /// Writes `count` zeros, or the same integer as often.
  void fill(mlir::Value buffer, Index index, int64_t count, int64_t value = 0);

  mlir::Value constantIndex(int64_t value);

private:
  /// Elements of the register type that carries `lanes`.
  int64_t width(int64_t lanes) const;
  mlir::Value prefixMask(int64_t lanes);
  mlir::Value atEntry(llvm::function_ref<mlir::Value(mlir::OpBuilder &)> make);

  mlir::func::FuncOp function;
  KernelBuffers buffers;
  llvm::DenseMap<mlir::Value, mlir::Value> shifts;
  int64_t kernelLanes;
  llvm::DenseMap<int64_t, mlir::Value> indexConstants;
  llvm::DenseMap<std::pair<mlir::Attribute, int64_t>, mlir::Value> splats;
  llvm::DenseMap<int64_t, mlir::Value> masks;
};

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_KERNELBUILDER_H
