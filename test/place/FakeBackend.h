//===- FakeBackend.h - an accelerator that exists in tests -----*- C++ -*-===//
//
// Computes every kernel but those whose names begin with a given word. A region
// costs the sum of its kernels and what crosses its border.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_PLACE_FAKEBACKEND_H
#define EDGEC_TEST_PLACE_FAKEBACKEND_H

#include "passes/place/Backend.h"
#include "llvm/ADT/DenseSet.h"

namespace edgec::test {

struct FakeDevice {
  std::string name = "fake-1";
  /// Kernels that it cannot compute begin so.
  std::string refused = "softmax";
  double nanosecondsPerKernel = 10;
  double nanosecondsPerByte = 0;
  double launchNanoseconds = 0;
  double nanojoulesPerKernel = 1;
};

class FakeBackend : public place::Backend {
public:
  explicit FakeBackend(FakeDevice device = {}) : device(std::move(device)) {}

  llvm::StringRef kind() const override { return "fake"; }
  llvm::StringRef name() const override { return device.name; }
  place::DeviceFigures figures() const override {
    place::DeviceFigures figures;
    figures.clockHertz = 1e9;
    figures.launchNanoseconds = device.launchNanoseconds;
    return figures;
  }
  std::vector<uint64_t> parameters() const override { return {}; }
  uint32_t formatVersion() const override { return 1; }

  bool supports(schedule::KernelOp kernel, std::string &reason) const override {
    if (!kernel.getKernelName().starts_with(device.refused))
      return true;
    reason = "it cannot " + device.refused;
    return false;
  }

  place::Cost cost(llvm::ArrayRef<mlir::Operation *> region) const override {
    llvm::DenseSet<mlir::Operation *> inside(region.begin(), region.end());
    place::Cost cost;
    for (mlir::Operation *op : region) {
      if (!mlir::isa<schedule::KernelOp>(op))
        continue;
      cost.nanoseconds += device.nanosecondsPerKernel;
      cost.nanojoules += device.nanojoulesPerKernel;
      for (mlir::Value operand : op->getOperands())
        if (!inside.contains(operand.getDefiningOp()))
          cost.memoryBytes += bytes(operand);
      for (mlir::Value result : op->getResults()) {
        if (llvm::any_of(result.getUsers(), [&](mlir::Operation *user) {
              return !inside.contains(user);
            }))
          cost.memoryBytes += bytes(result);
      }
    }
    cost.nanoseconds += device.nanosecondsPerByte * cost.memoryBytes;
    return cost;
  }

  mlir::FailureOr<place::DeviceProgram>
  lower(place::RegionOp region, llvm::StringRef symbol) const override {
    return region.emitError("the fake device has no programs");
  }
  mlir::FailureOr<std::vector<char>>
  encode(mlir::Operation *program) const override {
    return mlir::failure();
  }

private:
  static double bytes(mlir::Value value) {
    auto type = mlir::cast<mlir::ShapedType>(value.getType());
    return double(type.getNumElements() * type.getElementTypeBitWidth() / 8);
  }

  FakeDevice device;
};

} // namespace edgec::test

#endif // EDGEC_TEST_PLACE_FAKEBACKEND_H
