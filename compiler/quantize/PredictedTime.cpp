//===- PredictedTime.cpp - what layers cost on the target -----------------===//
//
// See PredictedTime.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/PredictedTime.h"

#include "dialects/edge/NodeName.h"
#include "dialects/rt/Rt.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace edgec;
using namespace mlir;

/// "edge.layer.3": layer 3; "edge.data.3.5": what layers 3 and 5 read.
static constexpr llvm::StringLiteral layerMarker("edge.layer"),
    dataMarker("edge.data");

static Location mark(Location location, StringRef marker,
                     ArrayRef<size_t> layers) {
  std::string name = marker.str();
  for (size_t layer : layers)
    name += "." + std::to_string(layer);
  return NameLoc::get(StringAttr::get(location->getContext(), name), location);
}

OwningOpRef<ModuleOp>
edgec::cloneWithMarkedLayers(ModuleOp module, ArrayRef<Operation *> layers) {
  IRMapping mapping;
  OwningOpRef<ModuleOp> copy(cast<ModuleOp>(module->clone(mapping)));
  llvm::SmallPtrSet<Operation *, 16> isLayer(layers.begin(), layers.end());
  llvm::MapVector<Value, SmallVector<size_t>> readers;
  for (auto [index, layer] : llvm::enumerate(layers)) {
    Operation *marked = mapping.lookup(layer);
    marked->setLoc(mark(marked->getLoc(), layerMarker, index));
    Value data = layer->getOperand(0);
    if (!data.getDefiningOp() || !isLayer.contains(data.getDefiningOp()))
      readers[data].push_back(index);
  }
  for (auto &[value, indices] : readers) {
    Value data = mapping.lookup(value);
    if (Operation *op = data.getDefiningOp())
      op->setLoc(mark(op->getLoc(), dataMarker, indices));
    else
      data.setLoc(mark(data.getLoc(), dataMarker, indices));
  }
  return copy;
}

/// The layers, below `count`, that names with this marker have.
static SmallVector<size_t> markedLayers(ArrayRef<StringRef> names,
                                        StringRef marker, size_t count) {
  SmallVector<size_t> marked;
  for (StringRef name : names) {
    name = name.trim();
    if (!name.consume_front(marker))
      continue;
    SmallVector<StringRef> numbers;
    name.split(numbers, '.', -1, /*KeepEmpty=*/false);
    for (StringRef number : numbers) {
      size_t index = 0;
      if (!number.getAsInteger(10, index) && index < count &&
          !llvm::is_contained(marked, index))
        marked.push_back(index);
    }
  }
  return marked;
}

void edgec::addShares(ArrayRef<StringRef> names, int64_t cycles,
                      std::vector<int64_t> &layerCycles) {
  size_t count = layerCycles.size();
  SmallVector<size_t> marked = markedLayers(names, layerMarker, count);
  if (marked.empty())
    marked = markedLayers(names, dataMarker, count);
  for (size_t index : marked)
    layerCycles[index] += cycles / int64_t(marked.size());
}

FailureOr<PredictedTime> edgec::predictTime(ModuleOp module,
                                            ArrayRef<Operation *> layers,
                                            const HostCompiler &compiler) {
  auto lowered = compiler.lower(cloneWithMarkedLayers(module, layers),
                                Stage::Graph, Stage::Schedule);
  if (failed(lowered))
    return failure();
  PredictedTime time;
  time.layers.resize(layers.size());
  (*lowered)->walk([&](schedule::KernelOp kernel) {
    if (!kernel.getTilingAttr())
      return;
    int64_t cycles = kernel.getTilingAttr().getCycles();
    time.cycles += cycles;
    SmallVector<StringRef> names;
    for (Operation &op : kernel.getBody().front().without_terminator())
      if (!isa<edge::ConstantOp>(op))
        llvm::append_range(names, edge::nodeNames(op.getLoc()));
    addShares(names, cycles, time.layers);
  });
  return time;
}
