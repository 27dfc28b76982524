//===- FormViews.cpp - concatenations and slices that move nothing -------===//
//
// Kernels write their results beside each other into one buffer, and read parts
// of others': what would join or cut tensors then has nothing to do, and leaves
// its kernel.
//
//   %a = kernel "conv" ...                  %a = kernel "conv" ...
//   %b = kernel "conv" ...           ->     %b = kernel "conv" ...
//   %c = kernel "concat"(%a, %b)            %c = edge.concat %a, %b
//
// Where a part cannot lie there (it has a place already, or others see its
// buffer), it alone is copied. See Passes.td for the contract.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "dialects/schedule/Views.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelEmitter.h"
#include "passes/schedule/CopyKernel.h"
#include "passes/schedule/Passes.h"
#include "passes/schedule/SharedBuffers.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_FORMVIEWS
#include "passes/schedule/Passes.h.inc"

/// A second copy instead of one kernel that joins must save as many bytes.
static constexpr int64_t bytesPerCopy = 16 << 10;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static int64_t bytesOf(Type element) {
  return kernel::storedType(element).getIntOrFloatBitWidth() / 8;
}

/// The operator that is all of the kernel, if its operands are the kernel's.
template <typename Op> static Op onlyOperator(schedule::KernelOp kernel) {
  Block &body = kernel.getBody().front();
  auto op = dyn_cast<Op>(body.front());
  bool isAlone = op && op->getNextNode() == body.getTerminator() &&
                 llvm::all_of(op->getOperands(), llvm::IsaPred<BlockArgument>);
  return isAlone ? op : Op();
}

/// The kernel's operand that the region's value stands for.
static Value outside(schedule::KernelOp kernel, Value argument) {
  return kernel.getInputs()[cast<BlockArgument>(argument).getArgNumber()];
}

namespace {
/// One concatenation: its operands, and where each lies in the result.
struct Parts {
  Value whole;
  SmallVector<Value> values;
  SmallVector<SmallVector<int64_t>> offsets;
  /// Those that lie in the result's buffer; the others are copied there.
  SmallVector<bool> inPlace;
};

class FormViews : public impl::FormViewsBase<FormViews> {
  void runOnOperation() override;

  void formSlice(schedule::KernelOp kernel);
  void formConcat(schedule::KernelOp kernel);
  void place(Parts &parts, schedule::SharedBuffers &trial);
  bool fits(const Parts &parts, const schedule::SharedBuffers &trial);
  SmallVector<Value> copyOthers(edge::ConcatOp view, const Parts &parts);
  bool takesParts(schedule::KernelOp kernel);

  schedule::SharedBuffers buffers;
  DenseMap<Operation *, bool> takes;
};
} // namespace

bool FormViews::takesParts(schedule::KernelOp kernel) {
  auto [found, isNew] = takes.try_emplace(kernel, false);
  if (isNew)
    found->second = kernel::takesParts(kernel);
  return found->second;
}

//===-- slices -----------------------------------------------------------===//

void FormViews::formSlice(schedule::KernelOp kernel) {
  auto slice = onlyOperator<edge::SliceOp>(kernel);
  if (!slice || !schedule::isView(slice))
    return;
  Value whole = outside(kernel, slice.getX()), part = kernel.getResult(0);
  // Kernels look for their constants among their operands.
  if (whole.getDefiningOp<edge::ConstantOp>())
    return;
  auto reads = [&](Operation *user) {
    auto reader = dyn_cast<schedule::KernelOp>(user);
    return reader && takesParts(reader);
  };
  if (part.use_empty() || !llvm::all_of(part.getUsers(), reads))
    return;
  OpBuilder builder(kernel);
  auto view = cast<edge::SliceOp>(builder.clone(*slice));
  view->setOperand(0, whole);
  part.replaceAllUsesWith(view);
  schedule::SharedBuffers trial = buffers;
  auto allowed = [&](schedule::KernelOp user) { return takesParts(user); };
  bool fits = schedule::isDecided(whole)
                  ? trial.join(whole, view.getResult(), slice.getOffsets()) &&
                        schedule::canBe(*trial.find(whole), allowed)
                  // Nobody writes zeros around it.
                  : schedule::readHalo(Value(view.getResult())).isEmpty();
  if (!fits) {
    view.getResult().replaceAllUsesWith(part);
    view->erase();
    return;
  }
  buffers = std::move(trial);
  takes.erase(kernel);
  kernel->erase();
  ++numSlices;
}

//===-- concatenations ---------------------------------------------------===//

static Parts partsOf(edge::ConcatOp view) {
  Parts parts;
  parts.whole = view.getResult();
  SmallVector<int64_t> offset(shapeOf(parts.whole).size(), 0);
  for (Value input : view.getInputs()) {
    parts.values.push_back(input);
    parts.offsets.push_back(offset);
    offset[view.getAxis()] += shapeOf(input)[view.getAxis()];
  }
  parts.inPlace.assign(parts.values.size(), false);
  return parts;
}

/// Where a part lies in `whole`.
static schedule::Box regionOf(const Parts &parts, size_t part,
                              const schedule::Box &whole) {
  schedule::Box region{parts.values[part], whole.low, whole.low};
  for (size_t d = 0; d < region.low.size(); ++d) {
    region.low[d] += parts.offsets[part][d];
    region.high[d] = region.low[d] + shapeOf(region.value)[d];
  }
  return region;
}

/// Whether the part lies where it should in `whole`.
static bool isInPlace(const Parts &parts, size_t part,
                      const schedule::SharedBuffers &buffers) {
  Value value = parts.values[part];
  const schedule::SharedArray *array = buffers.find(parts.whole);
  return array && array == buffers.find(value) &&
         buffers.findBox(value)->isAt(
             regionOf(parts, part, *buffers.findBox(parts.whole)));
}

/// Whether nothing lies in another part's place, and the array can be.
bool FormViews::fits(const Parts &parts, const schedule::SharedBuffers &trial) {
  const schedule::SharedArray &array = *trial.find(parts.whole);
  const schedule::Box &whole = *trial.findBox(parts.whole);
  for (size_t i = 0; i < parts.values.size(); ++i) {
    if (isInPlace(parts, i, trial))
      continue;
    schedule::Box region = regionOf(parts, i, whole);
    bool isFree = llvm::all_of(array.boxes, [&](const schedule::Box &box) {
      return box.value == parts.whole || !box.overlaps(region);
    });
    if (!isFree)
      return false;
  }
  return schedule::canBe(
      array, [&](schedule::KernelOp user) { return takesParts(user); });
}

void FormViews::place(Parts &parts, schedule::SharedBuffers &trial) {
  for (size_t i = 0; i < parts.values.size(); ++i) {
    Value part = parts.values[i];
    if (part.getType() == parts.whole.getType() || !part.getDefiningOp())
      continue;
    // It came with an earlier part.
    if (isInPlace(parts, i, trial)) {
      parts.inPlace[i] = true;
      continue;
    }
    schedule::SharedBuffers next = trial;
    if (!next.join(parts.whole, part, parts.offsets[i]) || !fits(parts, next))
      continue;
    trial = std::move(next);
    parts.inPlace[i] = true;
  }
}

/// One kernel per run of neighbours that do not lie in place.
SmallVector<Value> FormViews::copyOthers(edge::ConcatOp view,
                                         const Parts &parts) {
  OpBuilder builder(view);
  Location loc = view.getLoc();
  SmallVector<Value> values;
  for (size_t i = 0; i < parts.values.size();) {
    if (parts.inPlace[i]) {
      values.push_back(parts.values[i++]);
      continue;
    }
    SmallVector<Value> run;
    for (; i < parts.values.size() && !parts.inPlace[i]; ++i)
      run.push_back(parts.values[i]);
    values.push_back(
        run.size() == 1
            ? schedule::makeCopyKernel(builder, loc, run.front())
            : schedule::makeConcatKernel(builder, loc, run, view.getAxis()));
    ++numCopies;
  }
  return values;
}

/// Whether what lies in place is worth the copies of the rest.
static bool pays(const Parts &parts) {
  int64_t copies = 0, saved = 0;
  for (size_t i = 0; i < parts.values.size(); ++i) {
    auto type = cast<RankedTensorType>(parts.values[i].getType());
    if (parts.inPlace[i])
      saved += type.getNumElements() * bytesOf(type.getElementType());
    else
      copies += i == 0 || parts.inPlace[i - 1];
  }
  return saved > 0 && saved >= (copies - 1) * bytesPerCopy;
}

void FormViews::formConcat(schedule::KernelOp kernel) {
  auto concat = onlyOperator<edge::ConcatOp>(kernel);
  if (!concat)
    return;
  SmallVector<Value> inputs;
  for (Value input : concat.getInputs())
    inputs.push_back(outside(kernel, input));
  OpBuilder builder(kernel);
  Value joined = kernel.getResult(0);
  auto view = edge::ConcatOp::create(builder, concat.getLoc(), joined.getType(),
                                     inputs, concat.getAxisAttr());
  joined.replaceAllUsesWith(view);
  Parts parts = partsOf(view);
  schedule::SharedBuffers trial = buffers;
  place(parts, trial);
  if (!pays(parts)) {
    view.getResult().replaceAllUsesWith(joined);
    view->erase();
    return;
  }
  view.getInputsMutable().assign(copyOthers(view, parts));
  takes.erase(kernel);
  kernel->erase();
  // With the copies.
  buffers = schedule::SharedBuffers::get(getOperation());
  ++numConcats;
}

void FormViews::runOnOperation() {
  if (!getOperation().getBody().hasOneBlock())
    return;
  buffers = schedule::SharedBuffers::get(getOperation());
  takes.clear();
  Block &body = getOperation().getBody().front();
  for (auto kernel :
       llvm::make_early_inc_range(body.getOps<schedule::KernelOp>()))
    formSlice(kernel);
  for (auto kernel :
       llvm::make_early_inc_range(body.getOps<schedule::KernelOp>()))
    formConcat(kernel);
}

} // namespace edgec
