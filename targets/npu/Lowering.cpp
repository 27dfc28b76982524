//===- Lowering.cpp - a region as a program of the NPU --------------------===//
//
// Plans, gives tensors their places in memory, lists the commands group by
// group, orders the units and predicts the time.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Lowering.h"

#include "targets/npu/Cascade.h"
#include "targets/npu/Moves.h"
#include "targets/npu/Synchronize.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::npu;

/// Tensors of the scratch memory begin on its lines.
static constexpr int64_t scratchAlignment = 64;

/// The groups that write a tensor and read it last.
static std::pair<int, int> lifeOf(const Tensor &tensor, ArrayRef<int> groupOf) {
  int begin = groupOf[tensor.producer], end = begin;
  for (int consumer : tensor.consumers)
    end = std::max(end, groupOf[consumer]);
  return {begin, end};
}

/// Gives places in the scratch memory to the tensors that one group hands to
/// another, each the lowest that is free in its time; the memory's size.
static int64_t placeScratch(Graph &graph, ArrayRef<int> groupOf) {
  std::vector<Tensor *> placed;
  int64_t size = 0;
  for (Tensor &tensor : graph.tensors) {
    if (tensor.producer < 0)
      continue;
    auto [begin, end] = lifeOf(tensor, groupOf);
    if (begin == end)
      continue;
    std::vector<Area> taken;
    for (const Tensor *other : placed) {
      auto [otherBegin, otherEnd] = lifeOf(*other, groupOf);
      if (begin <= otherEnd && otherBegin <= end)
        taken.push_back(
            {other->offset,
             other->offset + roundUp(other->bytes, scratchAlignment)});
    }
    llvm::sort(taken,
               [](const Area &a, const Area &b) { return a.first < b.first; });
    int64_t at = 0;
    for (const Area &area : taken) {
      if (at + tensor.bytes <= area.first)
        break;
      at = std::max(at, area.last);
    }
    tensor.buffer = 1;
    tensor.offset = at;
    size = std::max(size, at + roundUp(tensor.bytes, scratchAlignment));
    placed.push_back(&tensor);
  }
  return size;
}

/// Outputs that no layer makes: inputs, constants, or their reshapes.
static void copyToOutputs(Emitter &emitter, const Graph &graph,
                          const NpuMachine &machine) {
  for (auto [index, tensor] : llvm::enumerate(graph.tensors)) {
    if (tensor.producer >= 0 || tensor.outputs.empty())
      continue;
    int64_t rowBytes = std::min(tensor.bytes, machine.sramBytes / 2);
    View view = {1, 1, rowBytes, Element::u8};
    for (int64_t offset = 0; offset < tensor.bytes; offset += rowBytes) {
      // Rows of the bytes, the last one shorter.
      View all = {1, tensor.bytes, 1, Element::u8};
      Patch patch = rowsPatch(view, 0, 1);
      patch.x = offset;
      patch.width = std::min(rowBytes, tensor.bytes - offset);
      patch.channels = 1;
      patch.pixelStride = 1;
      emitter.load(int(index), 0, all, patch, 0, 1);
      emitter.store(int(index), 0, all, patch, 0, 1);
    }
  }
}

FailureOr<Lowered> edgec::npu::lowerGraph(Graph &graph,
                                          const NpuMachine &machine,
                                          const PlanOptions &options,
                                          bool predictOnly) {
  FailureOr<std::vector<Group>> groups = planGroups(graph, machine, options);
  if (failed(groups))
    return failure();
  std::vector<int> groupOf(graph.layers.size());
  for (auto [index, group] : llvm::enumerate(*groups)) {
    for (int layer = group.first; layer <= group.last; ++layer)
      groupOf[layer] = int(index);
  }
  Lowered lowered;
  lowered.scratchBytes = placeScratch(graph, groupOf);
  Constants constants(machine, predictOnly);
  for (Tensor &tensor : graph.tensors) {
    if (!tensor.constant)
      continue;
    tensor.buffer = 0;
    tensor.offset = constants.append(*tensor.constant);
  }

  Emitter emitter(graph, machine);
  Areas areas;
  for (const Group &group : *groups) {
    emitter.current = group.first;
    if (group.stripes > 0) {
      Cascade cascade(graph, machine, group.first, group.last, group.stripes);
      areas = cascade.emit(emitter, constants, areas);
    } else if (graph.layers[group.first].kind == Layer::Kind::move) {
      emitMove(emitter, graph, group.first, machine);
      areas = {{0, machine.sramBytes}, {}};
    } else {
      emitTiles(emitter, graph, group.first, group.tiling, machine, constants);
      areas = {{0, machine.sramBytes}, {}};
    }
  }
  copyToOutputs(emitter, graph, machine);
  for (const Layer &layer : graph.layers)
    lowered.macs += layer.macs();
  lowered.commands =
      orderDispatch(synchronize(std::move(emitter.commands), machine), machine);
  lowered.predicted = estimate(lowered.commands, machine);
  lowered.constants = constants.take();
  lowered.groups = std::move(*groups);
  return std::move(lowered);
}
