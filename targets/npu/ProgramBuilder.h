//===- ProgramBuilder.h - elementwise operators as micro-operations -*- C++
//-*-===//
//
// Translates the elementwise edge operators of a kernel into a program of the
// output pipeline. Numbers that are the same for all elements become constants
// of the program, numbers per channel parameters; other tensors are operands,
// which arrive in registers. The builder knows between which bounds every value
// lies, and leaves out what cannot change it (the wrap of a cast, a clamp).
//
//     edge.rescale double %sum, %m, %s     rescale_double r1, r0, p1, p2
//     edge.add %scaled, 3                  const r2, 3; add r1, r1, r2
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_PROGRAMBUILDER_H
#define EDGEC_TARGETS_NPU_PROGRAMBUILDER_H

#include "mlir/IR/Operation.h"
#include "passes/graph/ConstantData.h"
#include "targets/npu/Command.h"
#include "llvm/ADT/DenseMap.h"
#include <string>

namespace edgec::npu {

/// The numbers that a value can be.
struct Bounds {
  int64_t low = INT32_MIN, high = INT32_MAX;
};

/// The element of SRAM that holds a type's numbers; of f32, their bits as i32;
/// none for a type that the machine does not know.
Element elementOf(mlir::Type type);
Bounds boundsOf(mlir::Type type);

class ProgramBuilder {
public:
  /// `channels`: how long parameters are; that of the result's last dimension.
  explicit ProgramBuilder(int64_t channels) : channels(channels) {}

  /// Says that `value` arrives in register `index`.
  void bindInput(mlir::Value value, unsigned index, Bounds bounds);
  /// Says that `value` is a constant tensor, if it can be a constant or a
  /// parameter of the program.
  bool bindConstant(mlir::Value value, const ConstantData &data);
  /// Adds a number per channel to `value` (a convolution's bias).
  void addParameter(mlir::Value value, std::vector<int32_t> numbers,
                    Bounds result);

  /// Translates one operator; false, with the reason, if it cannot.
  bool translate(mlir::Operation &op, std::string &reason);
  /// The table of an edge.lookup.
  bool translateLookup(mlir::Value result, mlir::Value x,
                       const ConstantData &table, std::string &reason);

  bool knows(mlir::Value value) const { return values.contains(value); }

  /// The program whose result is `value`; null, with the reason, if it does not
  /// fit the registers.
  std::shared_ptr<MicroProgram> finish(mlir::Value value, std::string &reason);

private:
  enum class Kind : uint8_t { constant, parameter, input, node };
  /// A value before it has a register.
  struct Symbol {
    Kind kind = Kind::constant;
    /// constant: the number; otherwise an index.
    int64_t number = 0;
    Bounds bounds;
  };
  struct Node {
    MicroOp op;
    Symbol sources[3];
  };

  Symbol constant(int64_t number) const {
    return {Kind::constant, number, {number, number}};
  }
  Symbol emit(MicroOp op, llvm::ArrayRef<Symbol> sources, Bounds bounds = {});
  Symbol addParameter(std::vector<int32_t> numbers);
  Symbol add(Symbol a, Symbol b);
  Symbol subtract(Symbol a, Symbol b);
  Symbol multiply(Symbol a, Symbol b);
  Symbol minimum(Symbol a, Symbol b);
  Symbol maximum(Symbol a, Symbol b);
  Symbol wrap(Symbol value, mlir::Type type);
  /// 0 or 1.
  Symbol less(Symbol a, Symbol b);
  Symbol isNonzero(Symbol a);
  std::optional<Symbol> shift(Symbol a, Symbol count, bool left);
  std::optional<Symbol> divide(Symbol a, Symbol by);
  std::optional<Symbol> requantize(mlir::Operation &op, std::string &reason);
  std::optional<Symbol> convert(mlir::Operation &op, Symbol x);
  std::optional<Symbol> binary(mlir::Operation &op, Symbol a, Symbol b);
  std::optional<Symbol> unary(mlir::Operation &op, Symbol x);

  int64_t channels;
  llvm::DenseMap<mlir::Value, Symbol> values;
  std::vector<Node> nodes;
  std::vector<std::vector<int32_t>> parameters;
  std::vector<char> table;
  Element tableElement = Element::none;
  unsigned inputs = 0;
};

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_PROGRAMBUILDER_H
