//===- ChannelChain.cpp - panels of channels from a product to depthwise --===//
//
//   for each panel of channels:
//     between = activation(x * weights[panel])       as far as rows are needed
//     result[.., panel] = depthwise(between)
//
// A depthwise convolution keeps channels apart, so that a panel of those which
// a product computes is a chain by itself: its rows are a few KB, which stay in
// the first-level cache, where rows of all channels take a hundred. The kernels
// of one panel are the program's with the last dimension cut to it; weights are
// packed panel by panel, and addresses are shifted to the panel in play.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "dialects/edge/Integer.h"
#include "dialects/schedule/Views.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/RowChain.h"
#include "passes/schedule/TilingDraft.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

/// Cuts kernels to a panel of their channels.
class PanelCutter {
public:
  PanelCutter(int64_t channels, int64_t width)
      : channels(channels), width(width) {}

  int64_t count() const { return channels / width; }
  /// The kernel of one panel in front of `place`; it reads `link`, a panel
  /// already, as operand `linked`, or nothing but the whole (null). Nothing if
  /// it cannot be cut.
  std::optional<RowStage> cut(schedule::KernelOp original, Operation *place,
                              Value link, unsigned linked) const;
  /// How the operands of a stage are stored so that a panel's lie side by side;
  /// sets the steps from panel to panel.
  SmallVector<std::optional<Packing>> pack(RowStage &stage) const;

private:
  /// A filter's first dimension, the last one of others.
  size_t dimension(RankedTensorType type, bool isFilter) const {
    return isFilter ? 0 : type.getRank() - 1;
  }
  bool hasChannels(RankedTensorType type, bool isFilter) const {
    return type.getRank() &&
           type.getDimSize(dimension(type, isFilter)) == channels;
  }
  RankedTensorType cut(RankedTensorType type, bool isFilter) const;
  Packing inPanels(const Packing &packing, int64_t sourceBytes) const;

  int64_t channels, width;
};

} // namespace

RankedTensorType PanelCutter::cut(RankedTensorType type, bool isFilter) const {
  if (!hasChannels(type, isFilter))
    return type;
  SmallVector<int64_t> shape(type.getShape());
  shape[dimension(type, isFilter)] = width;
  return RankedTensorType::get(shape, type.getElementType());
}

/// The layout of the link, cut: pixels of one panel.
static ArrayAttr cutLayouts(schedule::KernelOp original, int64_t width) {
  schedule::MemoryAttr memory = original.getLayout(0);
  if (!memory)
    return nullptr;
  SmallVector<int64_t> shape(memory.getShape());
  shape.back() = width;
  return ArrayAttr::get(original.getContext(),
                        schedule::MemoryAttr::get(original.getContext(), shape,
                                                  memory.getOffsets(),
                                                  memory.getFill()));
}

/// The layout of a panel in the whole result.
static ArrayAttr wholeLayouts(schedule::KernelOp original) {
  schedule::MemoryAttr memory = original.getLayout(0);
  return ArrayAttr::get(original.getContext(),
                        memory ? memory
                               : schedule::denseMemory(original.getResult(0)));
}

std::optional<RowStage> PanelCutter::cut(schedule::KernelOp original,
                                         Operation *place, Value link,
                                         unsigned linked) const {
  edge::Convolution conv = *edge::getConvolution(original.getAnchor());
  auto isFilter = [&](Value value) { return value == conv.filter; };
  auto isInput = [&](Value value) { return value == conv.input; };
  Block &body = original.getBody().front();
  for (Operation &op : body.without_terminator()) {
    bool isAnchor = &op == original.getAnchor();
    // A constant inside has no panels of its own.
    bool isWhole =
        !isa<edge::ConstantOp>(op) ||
        !hasChannels(cast<RankedTensorType>(op.getResult(0).getType()),
                     /*isFilter=*/false);
    if (op.getNumRegions() || !isWhole ||
        (!isAnchor && !isa<edge::ConstantOp>(op) &&
         !op.hasTrait<edge::ElementwiseTrait>()))
      return std::nullopt;
  }
  auto cutType = [&](Value value) -> Type {
    auto type = cast<RankedTensorType>(value.getType());
    // A product reads all of its input's channels.
    return isInput(value) && !link ? type : cut(type, isFilter(value));
  };
  OpBuilder builder(place);
  SmallVector<Value> operands;
  for (auto [number, operand] : llvm::enumerate(original.getInputs())) {
    BlockArgument argument = body.getArgument(number);
    Type type = cutType(argument);
    if (link && number == linked) {
      operands.push_back(link);
    } else if (type == operand.getType()) {
      operands.push_back(operand);
    } else {
      // Others (residuals) lie in memory as a whole.
      bool isVector =
          cast<RankedTensorType>(operand.getType()).getNumElements() ==
          channels;
      if (!getConstantOperand(original, number) ||
          (!isVector && !isFilter(argument))) {
        for (Value made : operands)
          if (auto slice = made.getDefiningOp<UnrealizedConversionCastOp>())
            slice->erase();
        return std::nullopt;
      }
      operands.push_back(UnrealizedConversionCastOp::create(
                             builder, original.getLoc(), type, operand)
                             .getResult(0));
    }
  }
  RowStage stage{nullptr, findKernelEmitter(original), original};
  stage.kernel = cloneSlice(
      original, place, operands,
      link ? wholeLayouts(original) : cutLayouts(original, width), cutType);
  Operation *anchor = schedule::KernelOp(stage.kernel).getAnchor();
  if (conv.isDepthwise)
    anchor->setAttr("groups", builder.getI64IntegerAttr(width));
  return stage;
}

/// Each panel as `packing` has it, one behind the other.
Packing PanelCutter::inPanels(const Packing &packing,
                              int64_t sourceBytes) const {
  int64_t panels = count(), elements = packing.type.getNumElements();
  int64_t bytes = elements * packing.type.getElementTypeBitWidth() / 8;
  auto write = [=, one = packing.write](ArrayRef<char> source,
                                        MutableArrayRef<char> packed) {
    for (int64_t panel = 0; panel < panels; ++panel) {
      one(source.slice(panel * sourceBytes, sourceBytes),
          packed.slice(panel * bytes, bytes));
    }
  };
  auto type =
      RankedTensorType::get({panels * elements}, packing.type.getElementType());
  std::string key = (Twine(panels) + " panels, " + packing.key).str();
  return {type, key, write};
}

SmallVector<std::optional<Packing>> PanelCutter::pack(RowStage &stage) const {
  schedule::KernelOp kernel = stage.kernel, original = stage.original;
  SmallVector<std::optional<Packing>> packings;
  for (auto [number, operand] : llvm::enumerate(kernel.getInputs())) {
    packings.emplace_back();
    int64_t step = 0;
    auto type = cast<RankedTensorType>(operand.getType());
    if (getConstantOperand(kernel, number)) {
      std::optional<Packing> packing =
          stage.emitter->packing(kernel, kernel.getTilingAttr(), number);
      bool isCut = operand != original.getInputs()[number];
      step = isCut ? type.getNumElements() : 0;
      if (packing && isCut) {
        int64_t bits = type.getElementTypeBitWidth();
        packings.back() = inPanels(*packing, type.getNumElements() * bits / 8);
        step = packing->type.getNumElements();
      } else {
        packings.back() = packing;
      }
    }
    stage.operandSteps.push_back({step});
  }
  stage.resultSteps = {width};
  return packings;
}

//===-- the pattern -------------------------------------------------------===//

/// The product before `last`, if both keep a panel's channels apart.
static schedule::KernelOp findProduct(schedule::KernelOp last) {
  std::optional<edge::Convolution> depthwise =
      edge::getConvolution(last.getAnchor());
  if (!depthwise || !depthwise->isDepthwise || !last.getTilingAttr() ||
      findKernelEmitter(last) != &depthwiseEmitter())
    return nullptr;
  schedule::KernelOp first = findWriter(last, depthwise->input);
  if (!first || !first.getTilingAttr() ||
      findKernelEmitter(first) != &contractionEmitter())
    return nullptr;
  std::optional<edge::Convolution> conv =
      edge::getConvolution(first.getAnchor());
  if (!conv || conv->groups != 1 ||
      !elementOf(conv->filter.getType()).isF32() ||
      !elementOf(depthwise->filter.getType()).isF32())
    return nullptr;
  schedule::MemoryAttr memory = first.getLayout(0);
  return memory && memory.isPart() ? schedule::KernelOp() : first;
}

/// The product's tiling for one panel of it.
static schedule::TilingAttr panelTiling(schedule::TilingAttr whole,
                                        int64_t panels) {
  schedule::TilingDraft draft(whole);
  draft.split = schedule::Split::rows;
  draft.panelsInside = false;
  draft.cycles = whole.getCycles() / panels;
  return draft.get(whole.getContext());
}

/// Whether rows are whole register tiles.
static bool fillsTiles(const RowLink &link, schedule::KernelOp product) {
  schedule::TilingAttr tiling = product.getTilingAttr();
  int64_t width =
      cast<RankedTensorType>(product.getResult(0).getType()).getDimSize(2);
  return link.rows % link.written == 0 && width % tiling.getColumns() == 0;
}

/// Whole images of one panel need not be moved.
static void widenWindow(RowLink &link, schedule::MachineAttr machine) {
  int64_t bytes = link.element.getIntOrFloatBitWidth() / 8;
  int64_t all = link.top + link.rows + link.bottom;
  if (bytes * all * link.row <= machine.getL2Bytes() / 4)
    link.window = all;
}

std::optional<ChannelChain>
kernel::findChannelChain(schedule::KernelOp last, schedule::MachineAttr machine,
                         int64_t leastBytes) {
  schedule::KernelOp first = findProduct(last);
  if (!first)
    return std::nullopt;
  auto between = cast<RankedTensorType>(first.getResult(0).getType());
  schedule::TilingAttr whole = first.getTilingAttr();
  int64_t channels = between.getShape().back();
  int64_t width = whole.getVectors() * whole.getLanes();
  if (channels % width || channels < 2 * width ||
      between.getNumElements() * between.getElementTypeBitWidth() / 8 <
          leastBytes)
    return std::nullopt;
  PanelCutter cutter(channels, width);
  auto input =
      cast<BlockArgument>(edge::getConvolution(last.getAnchor())->input);

  ChannelChain found;
  found.chain.batch = {cutter.count()};
  auto giveUp = [&] {
    eraseSlices(found.chain);
    return std::nullopt;
  };
  std::optional<RowStage> product = cutter.cut(first, last, nullptr, 0);
  if (!product)
    return std::nullopt;
  found.chain.stages.push_back(*product);
  schedule::KernelOp panel = product->kernel;
  panel.setTilingAttr(panelTiling(whole, cutter.count()));
  std::optional<RowStage> depthwise =
      cutter.cut(last, last, panel.getResult(0), input.getArgNumber());
  if (!depthwise)
    return giveUp();
  schedule::KernelOp reader = depthwise->kernel;
  reader.setTilingAttr(depthwise->emitter->schedule(reader, machine));
  std::optional<RowLink> link =
      findRowLink(reader, machine, /*leastBytes=*/0,
                  /*mostBytes=*/std::numeric_limits<int64_t>::max());
  std::optional<RowChain> joined;
  // Who asks for all gets those that are not faster as well.
  if (link && (leastBytes == 0 || fillsTiles(*link, panel))) {
    widenWindow(*link, machine);
    joined = joinRows(found.chain, *link, *depthwise, machine);
  }
  if (!joined) {
    found.chain.stages.push_back(*depthwise);
    return giveUp();
  }
  found.chain = std::move(*joined);
  for (RowStage &stage : found.chain.stages)
    found.packings.push_back(cutter.pack(stage));
  found.chain.fetchesResults = true;
  return found;
}
