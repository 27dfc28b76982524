//===- HostTensor.h - a tensor's value on this computer --------*- C++ -*-===//
//
// The evaluator computes with doubles where the model has floats of any width
// and with 64-bit integers where it has integers, so that its own rounding
// stays far below what it judges. A HostTensor holds such values and converts
// them from and to the model's element type at the borders: constants, inputs,
// outputs.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_EVALUATOR_HOSTTENSOR_H
#define EDGEC_TARGETS_EVALUATOR_HOSTTENSOR_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Location.h"
#include <vector>

namespace edgec::evaluator {

/// Elements in row-major order: in `reals` when the element type is a float, in
/// `integers` when it is an integer or quantized (then the stored values). An
/// unsigned 64-bit element above 2^63 has its bits read as a signed number.
struct HostTensor {
  mlir::RankedTensorType type;
  std::vector<double> reals;
  std::vector<int64_t> integers;

  HostTensor() = default;
  /// All zeros.
  explicit HostTensor(mlir::RankedTensorType type);

  llvm::ArrayRef<int64_t> shape() const { return type.getShape(); }
  mlir::Type elementType() const { return type.getElementType(); }
  int64_t size() const { return type.getNumElements(); }
  bool isFloat() const { return llvm::isa<mlir::FloatType>(elementType()); }

  /// The elements as T, double or int64_t; the other kind is empty.
  template <typename T> const std::vector<T> &values() const;
  template <typename T> std::vector<T> &values();
};

template <> inline const std::vector<double> &HostTensor::values() const {
  return reals;
}
template <> inline const std::vector<int64_t> &HostTensor::values() const {
  return integers;
}
template <> inline std::vector<double> &HostTensor::values() { return reals; }
template <> inline std::vector<int64_t> &HostTensor::values() {
  return integers;
}

/// The numbers that an integer type holds; of a quantized type, those of its
/// storage.
struct IntegerRange {
  int64_t low, high;
};
IntegerRange integerRange(mlir::Type element);

/// `value` modulo the width of `element`, as two's complement hardware
/// computes.
int64_t wrapTo(mlir::Type element, int64_t value);

/// `value` rounded to the nearest number that `type` has, ties to even.
double roundTo(mlir::FloatType type, double value);

/// Bytes per element in an external buffer: sub-byte integers take a whole one.
int64_t elementBytes(mlir::Type element);

/// Reads elements as they lie in a buffer of a compiled model or an .npy file:
/// little-endian, `elementBytes` each. `bytes` has exactly the tensor's size.
HostTensor fromBytes(mlir::RankedTensorType type, llvm::ArrayRef<char> bytes);

/// The reverse: floats are rounded to the element type.
std::vector<char> toBytes(const HostTensor &tensor);

/// The value of a constant; an error at `loc` for a kind of attribute whose
/// elements cannot be read.
mlir::FailureOr<HostTensor> fromElements(mlir::ElementsAttr elements,
                                         mlir::Location loc);

} // namespace edgec::evaluator

#endif // EDGEC_TARGETS_EVALUATOR_HOSTTENSOR_H
