//===- TilingGuide.cpp - what there is to choose from ---------------------===//
#include "passes/schedule/TilingGuide.h"
#include "dialects/edge/Edge.h"
#include "dialects/schedule/Views.h"
#include "passes/schedule/TilingDraft.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::schedule;

std::string edgec::schedule::describeKernel(KernelOp kernel,
                                            MachineAttr machine) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << machine << "\n";
  llvm::DenseMap<Value, size_t> numbers;
  for (auto [operand, argument] :
       llvm::zip_equal(kernel.getInputs(), kernel.getBody().getArguments())) {
    numbers[argument] = numbers.size();
    stream << operand.getType();
    if (operand.getDefiningOp<edge::ConstantOp>())
      stream << " constant";
    if (MemoryAttr layout = getMemory(operand))
      stream << " " << layout;
    stream << "\n";
  }
  for (Operation &op : kernel.getBody().front()) {
    stream << op.getName();
    for (Value operand : op.getOperands())
      stream << " " << numbers.lookup(operand);
    for (NamedAttribute attribute : op.getAttrs()) {
      stream << " " << attribute.getName().getValue() << "=";
      // Large constants are told by their types.
      if (auto elements = dyn_cast<ElementsAttr>(attribute.getValue());
          elements && elements.getNumElements() > 64)
        stream << elements.getType();
      else
        stream << attribute.getValue();
    }
    for (Value result : op.getResults()) {
      numbers[result] = numbers.size();
      stream << " " << result.getType();
    }
    stream << "\n";
  }
  for (Value result : kernel.getResults())
    if (MemoryAttr layout = getMemory(result))
      stream << layout << "\n";
  if (TilingAttr tiling = kernel.getTilingAttr()) {
    stream << "winograd " << tiling.getWinograd() << "\n";
    if (tiling.getStrassen())
      stream << "strassen " << tiling.getStrassen() << "\n";
    if (tiling.getFiltersInRun())
      stream << "filters in run\n";
  }
  return text;
}

std::string edgec::schedule::describeTiling(TilingAttr tiling) {
  TilingDraft draft(tiling);
  draft.cycles = 0;
  std::string text;
  llvm::raw_string_ostream(text) << draft.get(tiling.getContext());
  return text;
}

/// The same register tile, looped and prefetched otherwise.
static void addVariations(TilingAttr tiling,
                          llvm::SmallSetVector<TilingAttr, 32> &result) {
  MLIRContext *context = tiling.getContext();
  for (int64_t unroll : {1, 2, 4}) {
    TilingDraft draft(tiling);
    draft.unroll = unroll;
    result.insert(draft.get(context));
  }
  if (tiling.getPrefetch()) {
    for (int64_t rows : {0, 8, 32}) {
      TilingDraft draft(tiling);
      draft.prefetch = rows;
      result.insert(draft.get(context));
    }
  }
  if (tiling.getPrefetchNext()) {
    TilingDraft draft(tiling);
    draft.prefetchNext = false;
    result.insert(draft.get(context));
  }
}

llvm::SmallVector<TilingAttr>
edgec::schedule::promisingTilings(TilingAttr chosen,
                                  llvm::ArrayRef<TilingAttr> tilings) {
  constexpr size_t most = 24;
  // Of equals the first: their order is the emitter's.
  llvm::SmallVector<std::pair<int64_t, size_t>> sorted;
  for (auto [i, tiling] : llvm::enumerate(tilings))
    sorted.emplace_back(tiling.getCycles(), i);
  llvm::sort(sorted);
  llvm::SmallSetVector<TilingAttr, 32> result;
  result.insert(chosen);
  for (auto [cycles, i] : sorted) {
    if (result.size() == most || 3 * cycles > 4 * chosen.getCycles())
      break;
    result.insert(tilings[i]);
  }
  // Register tiles of one vector and output have no loop worth varying.
  if (chosen.getVectors() * chosen.getRows() * chosen.getColumns() > 1 &&
      tilings.size() > 1)
    addVariations(chosen, result);
  return result.takeVector();
}
