//===- LowerRegions.cpp - regions to programs and submissions -------------===//
//
//   %r = place.region 0 (%x) {...}
//
// becomes a program of the device's backend and, in the function,
//
//   %s, %t = rt.submit @npu_0 constants(%c) (%x)
//   %r = rt.wait(%t) holding(%s, %x)
//
// See Passes.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/NodeName.h"
#include "passes/place/ByteWeights.h"
#include "passes/place/Passes.h"

#include "llvm/ADT/StringExtras.h"
#include <cmath>

namespace edgec {
#define GEN_PASS_DEF_LOWERREGIONS
#include "passes/place/Passes.h.inc"
} // namespace edgec

using namespace edgec;
using namespace mlir;

namespace {

class LowerRegions : public edgec::impl::LowerRegionsBase<LowerRegions> {
public:
  LowerRegions() = default;
  LowerRegions(place::Backends backends, place::ProgramListener listener)
      : backends(std::move(backends)), listener(std::move(listener)) {}

  void runOnOperation() override {
    count = 0;
    SmallVector<place::RegionOp> regions;
    getOperation().walk(
        [&](place::RegionOp region) { regions.push_back(region); });
    bool isWhole = true;
    for (place::RegionOp region : regions)
      isWhole &= succeeded(lower(region));
    if (!isWhole)
      signalPassFailure();
  }

private:
  place::Backends backends;
  place::ProgramListener listener;
  unsigned count = 0;

  LogicalResult lower(place::RegionOp region) {
    if (region.getDevice() >= backends.size()) {
      region.emitError("device ")
          << region.getDevice() << " has no backend in this compiler";
      return failure();
    }
    const place::Backend &backend = *backends[region.getDevice()];
    std::string symbol = backend.kind().str() + "_" + llvm::utostr(count++);
    FailureOr<place::DeviceProgram> program = backend.lower(region, symbol);
    if (failed(program))
      return failure();
    ++numPrograms;
    if (listener)
      listener(symbol, *program);
    replace(region, backend, symbol, *program);
    return success();
  }

  void replace(place::RegionOp region, const place::Backend &backend,
               llvm::StringRef symbol, const place::DeviceProgram &program) {
    OpBuilder b(region);
    Location loc = region.getLoc();
    Value constants;
    if (!program.constants.empty()) {
      constants =
          makeByteWeights(b, getOperation(), loc, (symbol + "_constants").str(),
                          program.constants);
    }
    SmallVector<Type> results = {
        RankedTensorType::get({program.scratchBytes}, b.getI8Type())};
    llvm::append_range(results, region.getResultTypes());
    auto rounded = [&](double value) {
      return b.getI64IntegerAttr(std::llround(value));
    };
    double nanoseconds =
        program.predicted.nanoseconds + backend.figures().launchNanoseconds;
    auto submit = rt::SubmitOp::create(
        b, loc, results, /*commands=*/Value(), constants, region.getInputs(),
        FlatSymbolRefAttr::get(&getContext(), symbol), region.getDeviceAttr(),
        b.getStringAttr(symbol), b.getStringAttr(layersOf(region)),
        rounded(nanoseconds), rounded(program.predicted.nanojoules),
        b.getI64IntegerAttr(program.macs));
    SmallVector<Value> held = {submit.getScratch()};
    llvm::append_range(held, region.getInputs());
    auto wait = rt::WaitOp::create(b, loc, region.getResultTypes(),
                                   submit.getOutputs(), held);
    region.replaceAllUsesWith(wait.getOutputs());
    region.erase();
  }

  static std::string layersOf(place::RegionOp region) {
    llvm::SmallVector<llvm::StringRef> names;
    for (Operation &op : region.getBody().front()) {
      if (!isa<schedule::KernelOp>(op))
        continue;
      for (llvm::StringRef name : edge::nodeNames(op.getLoc())) {
        if (!llvm::is_contained(names, name))
          names.push_back(name);
      }
    }
    return llvm::join(names, ";");
  }
};

} // namespace

std::unique_ptr<Pass>
edgec::createLowerRegions(place::Backends backends,
                          place::ProgramListener listener) {
  return std::make_unique<LowerRegions>(std::move(backends),
                                        std::move(listener));
}
