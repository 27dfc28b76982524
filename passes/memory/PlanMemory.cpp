//===- PlanMemory.cpp - launches to calls on static addresses -------------===//
//
// Applies a memory plan: func.func of rt.launch -> rt.program of rt.call. See
// Passes.td for an example.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Alternative.h"
#include "passes/memory/MemoryPlan.h"
#include "passes/memory/Passes.h"
#include "passes/memory/WriteProgram.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Support/xxhash.h"
#include <map>

namespace edgec {
#define GEN_PASS_DEF_PLANMEMORY
#include "passes/memory/Passes.h.inc"
} // namespace edgec

using namespace edgec;
using namespace mlir;

/// Bytes of a constant as it lies in the artifact.
static int64_t constantBytes(ElementsAttr value) {
  return llvm::divideCeil(value.getNumElements() *
                              value.getElementType().getIntOrFloatBitWidth(),
                          8);
}

namespace {

struct PlanMemory : edgec::impl::PlanMemoryBase<PlanMemory> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> models;
    std::vector<MemoryPlan> plans;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (!function.isPublic() || function.isExternal())
        continue;
      FailureOr<MemoryPlan> plan = planMemory(function);
      if (failed(plan))
        return signalPassFailure();
      models.push_back(function);
      plans.push_back(std::move(*plan));
    }
    if (models.empty())
      return;
    auto weights = layOutWeights(plans);
    if (failed(weights))
      return signalPassFailure();
    weightsBytes += *weights;
    // A model says what any of its variants and alternatives needs.
    llvm::StringMap<int64_t> arenas;
    for (auto [model, plan] : llvm::zip_equal(models, plans)) {
      FlatSymbolRefAttr of = edge::otherOf(model);
      int64_t &arena = arenas[of ? of.getValue() : model.getName()];
      arena = std::max(arena, plan.arenaBytes);
    }
    for (auto [model, plan] : llvm::zip_equal(models, plans)) {
      int64_t arena =
          edge::otherOf(model) ? plan.arenaBytes : arenas[model.getName()];
      arenaBytes += edge::otherOf(model) ? 0 : arena;
      if (failed(makeProgram(model, plan, arena, *weights)))
        return signalPassFailure();
    }
  }

private:
  LogicalResult makeProgram(func::FuncOp function, const MemoryPlan &plan,
                            int64_t arena, int64_t weights) {
    for (const Buffer &buffer : plan.buffers) {
      if (!buffer.isJoined)
        numInPlace += buffer.values.size() - 1;
    }
    OpBuilder b(function);
    auto program = rt::ProgramOp::create(
        b, function.getLoc(), function.getSymNameAttr(),
        b.getI64IntegerAttr(arena), b.getI64IntegerAttr(weights),
        names(function, function.getArgumentTypes(), "input",
              [&](unsigned i) {
                return function.getArgAttrOfType<StringAttr>(i, "edge.name");
              }),
        types(function.getArgumentTypes(),
              [&](unsigned i) {
                return function.getArgAttrOfType<TypeAttr>(i, "edge.type");
              }),
        names(function, function.getResultTypes(), "output",
              [&](unsigned i) {
                return function.getResultAttrOfType<StringAttr>(i, "edge.name");
              }),
        types(function.getResultTypes(),
              [&](unsigned i) {
                return function.getResultAttrOfType<TypeAttr>(i, "edge.type");
              }),
        b.getDenseI64ArrayAttr(outputSizes(function)),
        edge::variantOf(function), edge::alternativeOf(function),
        edge::alternativeName(function));
    b.createBlock(&program.getBody());
    if (failed(writeProgram(b, plan, weightsOffsets)))
      return failure();
    eraseWithCalled(function);
    return success();
  }

  /// Erases a function and those that its branches and loops run: their calls
  /// are in the program.
  static void eraseWithCalled(func::FuncOp function) {
    llvm::SetVector<func::FuncOp> erased;
    erased.insert(function);
    for (size_t i = 0; i < erased.size(); ++i) {
      func::FuncOp each = erased[i];
      for (Operation &op : each.getBody().front()) {
        if (edge::isControl(&op))
          for (func::FuncOp called : edge::calledFunctions(&op))
            erased.insert(called);
      }
    }
    for (func::FuncOp each : erased)
      each.erase();
  }

  /// The model's names, or input_0, input_1, ... where it has none.
  ArrayAttr names(func::FuncOp function, TypeRange types, StringRef otherwise,
                  llvm::function_ref<StringAttr(unsigned)> nameOf) {
    Builder b(function.getContext());
    SmallVector<Attribute> result;
    for (unsigned i = 0; i < types.size(); ++i) {
      StringAttr name = nameOf(i);
      result.push_back(name ? name
                            : b.getStringAttr(otherwise + "_" + Twine(i)));
    }
    return b.getArrayAttr(result);
  }

  /// Per result the one with its actual size and the dimension; nothing if
  /// every result is as large as its type says.
  static SmallVector<int64_t> outputSizes(func::FuncOp function) {
    SmallVector<int64_t> sizes;
    bool any = false;
    for (unsigned i = 0; i < function.getNumResults(); ++i) {
      for (StringRef name : {"edge.size_result", "edge.size_dimension"}) {
        auto number = function.getResultAttrOfType<IntegerAttr>(i, name);
        sizes.push_back(number ? number.getInt() : -1);
        any |= bool(number);
      }
    }
    if (!any)
      sizes.clear();
    return sizes;
  }

  /// The types of the model's interface: what its integers stand for, where
  /// that was noted.
  ArrayAttr types(TypeRange types,
                  llvm::function_ref<TypeAttr(unsigned)> typeOf) {
    SmallVector<Attribute> result;
    for (auto [index, type] : llvm::enumerate(types)) {
      TypeAttr noted = typeOf(index);
      result.push_back(noted ? noted : TypeAttr::get(type));
    }
    return ArrayAttr::get(&getContext(), result);
  }

  llvm::StringMap<int64_t> weightsOffsets;

  /// Adds what the steps of a plan read, and the steps of those that they run,
  /// in order.
  static void collectConstants(const MemoryPlan &plan,
                               llvm::SmallPtrSetImpl<const MemoryPlan *> &seen,
                               SmallVectorImpl<rt::GetWeightsOp> &constants) {
    if (!seen.insert(&plan).second)
      return;
    for (Operation *step : plan.order) {
      for (Value operand : step->getOperands())
        if (auto get = viewedValue(operand).getDefiningOp<rt::GetWeightsOp>())
          constants.push_back(get);
      auto called = plan.called.find(step);
      if (called != plan.called.end())
        for (const auto &inner : called->second)
          collectConstants(*inner, seen, constants);
    }
  }

  /// Where constants begin that others may be the beginning of, by the hash of
  /// their first bytes.
  std::map<uint64_t, SmallVector<std::pair<ArrayRef<char>, int64_t>>>
      beginnings;

  /// Where the bytes of `value` lie already: a table that a smaller variant
  /// reads less of. Else remembers that they will lie at `end`.
  int64_t placeOf(ElementsAttr value, int64_t end) {
    constexpr size_t least = 64;
    auto resource = dyn_cast<DenseResourceElementsAttr>(value);
    AsmResourceBlob *blob =
        resource ? resource.getRawHandle().getBlob() : nullptr;
    if (!blob || blob->getData().size() < least)
      return end;
    ArrayRef<char> bytes = blob->getData();
    uint64_t hash = llvm::xxh3_64bits(
        ArrayRef(reinterpret_cast<const uint8_t *>(bytes.data()), least));
    for (auto [other, offset] : beginnings[hash])
      if (other.take_front(bytes.size()) == bytes)
        return offset;
    beginnings[hash].push_back({bytes, end});
    return end;
  }

  /// Gives the constants offsets in the order in which the calls first read
  /// them, so that they stream from memory; drops those that none reads.
  FailureOr<int64_t> layOutWeights(ArrayRef<MemoryPlan> plans) {
    SymbolTable symbols(getOperation());
    llvm::DenseMap<Attribute, int64_t> offsetOf;
    SmallVector<rt::WeightsOp> used;
    int64_t end = 0;
    llvm::SmallPtrSet<const MemoryPlan *, 8> seen;
    SmallVector<rt::GetWeightsOp> constants;
    for (const MemoryPlan &plan : plans)
      collectConstants(plan, seen, constants);
    for (rt::GetWeightsOp get : constants) {
      if (weightsOffsets.count(get.getWeights()))
        continue;
      auto weights = symbols.lookup<rt::WeightsOp>(get.getWeights());
      if (!weights) {
        get.emitOpError("refers to no rt.weights: ") << get.getWeights();
        return failure();
      }
      int64_t size = constantBytes(weights.getValue());
      auto [entry, isNew] = offsetOf.try_emplace(weights.getValue(), end);
      if (isNew && plans.size() > 1)
        entry->second = placeOf(weights.getValue(), end);
      weightsOffsets[get.getWeights()] = entry->second;
      if (!isNew || entry->second != end)
        continue;
      weights.setOffset(end);
      used.push_back(weights);
      end = alignBuffer(end + size);
    }
    DenseSet<Operation *> keep(used.begin(), used.end());
    for (auto weights : llvm::to_vector(getOperation().getOps<rt::WeightsOp>()))
      if (!keep.contains(weights))
        weights.erase();
    for (rt::WeightsOp weights : used)
      weights->moveBefore(getOperation().getBody(),
                          getOperation().getBody()->end());
    return end;
  }
};

} // namespace
