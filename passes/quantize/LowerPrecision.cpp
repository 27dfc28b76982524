//===- LowerPrecision.cpp - a model of f32 on 16-bit floats ---------------===//
//
// Layers, what moves their data and the operators that their kernels compute
// along become f16 or bf16, weights included. The interface stays f32, and so
// does what loses its meaning in few digits or a small range: sums of squares,
// exponentials, normalizations, softmax, constants that f16 cannot hold.
//
//   %y = edge.conv2d %x, %f, %b                       all f32
// becomes
//   %n = edge.cast %x : f32 -> f16
//   %s = edge.conv2d %n, (edge.cast %f), (edge.cast %b)
//   %y = edge.cast %s : f16 -> f32
//
// Casts of constants are folded later; the others end kernels or are computed
// where they are read.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Indexing.h"
#include "dialects/edge/NodeName.h"
#include "dialects/edge/Spatial.h"
#include "mlir/IR/Remarks.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/QuantizedValue.h"
#include "passes/quantize/Passes.h"
#include "passes/quantize/Precision.h"
#include <cmath>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_LOWERPRECISION
#include "passes/quantize/Passes.h.inc"
} // namespace edgec

using namespace edgec;

//===-- what operators are -----------------------------------------------===//

static bool isConstant(Value value) {
  return isa_and_nonnull<edge::ConstantOp>(value.getDefiningOp());
}

static bool isLayer(Operation *op) {
  return isa<edge::Conv2DOp, edge::FullyConnectedOp, edge::MatMulOp>(op);
}

/// Elements come out as they went in.
static bool isMove(Operation *op) {
  return isa<edge::ReshapeOp, edge::TransposeOp, edge::ConcatOp, edge::SliceOp,
             edge::PadOp, edge::BroadcastOp, edge::MaxPool2DOp, edge::GatherOp,
             edge::ReduceMaxOp, edge::ReduceMinOp>(op);
}

/// Means, whose kernels have f32 in registers whatever they read and write.
static bool isMean(Operation *op) {
  return isa<edge::ReduceMeanOp, edge::AvgPool2DOp, edge::ResampleOp>(op);
}

/// Elementwise operators whose results are hardly larger than what they read,
/// and no function of its last digits.
static bool isMild(Operation *op) {
  if (auto quotient = dyn_cast<edge::DivOp>(op))
    return isConstant(quotient.getRhs());
  return isa<edge::AddOp, edge::SubOp, edge::MulOp, edge::MaxOp, edge::MinOp,
             edge::AbsOp, edge::NegOp, edge::SignOp, edge::ReluOp,
             edge::ClampOp, edge::LeakyReluOp, edge::EluOp, edge::HardSwishOp,
             edge::HardSigmoidOp, edge::SigmoidOp, edge::TanhOp, edge::ErfOp,
             edge::SiluOp, edge::GeluOp, edge::SelectOp, edge::CopyOp>(op);
}

/// Whether `op` only feeds operators of which `isOf` holds.
static bool feedsOnly(Operation *op,
                      llvm::function_ref<bool(Operation *)> isOf) {
  return !op->use_empty() && llvm::all_of(op->getUsers(), isOf);
}

//===-- the pass ---------------------------------------------------------===//

namespace {
/// One function's values become `narrow`.
class Lowering {
public:
  Lowering(func::FuncOp function, FloatType narrow)
      : function(function), narrow(narrow) {}

  /// How many operators were changed.
  unsigned run();

private:
  bool isFloat32(Value value) const { return elementOf(value).isF32(); }
  /// f32 or what it becomes.
  bool isFloat(Value value) const {
    return isFloat32(value) || elementOf(value) == narrow;
  }
  /// What a cast has made f32 again counts as what it was.
  bool isNarrow(Value value) const {
    auto cast = value.getDefiningOp<edge::CastOp>();
    return elementOf(value) == narrow || lowered.contains(value) ||
           (cast && isFloat32(value) && isNarrow(cast.getX()));
  }

  /// Whether the constant's numbers stay what they are but for rounding.
  bool holds(Value constant) const;
  bool holdsConstants(Operation *op) const {
    return llvm::all_of(op->getOperands(), [&](Value operand) {
      return !isConstant(operand) || !isFloat32(operand) || holds(operand);
    });
  }

  /// Why a layer stays f32; null: it does not.
  const char *whyWide(Operation *layer) const;
  bool isSettled(Value value) const;
  bool leaves(Operation *op) const;
  bool isLoweredMild(Operation *op) const;
  bool isLowered(Operation *op) const;

  Value asNarrow(Value value);
  Value asWide(Value value, Operation *user);
  void rewrite(Operation *op);
  void widenUses(Operation *op);

  func::FuncOp function;
  FloatType narrow;
  /// Results that were f32 and are to be narrow, and their operators in order.
  DenseSet<Value> lowered;
  SmallVector<Operation *> operators;
  DenseMap<Value, Value> narrowed;
};
} // namespace

/// The rounded number must be finite, and not all may vanish or lose digits to
/// the small exponent.
bool Lowering::holds(Value constant) const {
  std::optional<ConstantData> data = ConstantData::get(constant);
  if (!data || !data->isFloat32())
    return false;
  const llvm::fltSemantics &semantics = narrow.getFloatSemantics();
  float largest = llvm::APFloat::getLargest(semantics).convertToFloat(),
        smallest =
            llvm::APFloat::getSmallestNormalized(semantics).convertToFloat();
  int64_t count = data->isSplat() ? 1 : data->getNumElements();
  bool hasNumbers = false, hasNormal = false;
  for (int64_t i = 0; i < count; ++i) {
    float magnitude = std::abs(data->getFloat(i));
    if (magnitude > largest && std::isfinite(magnitude))
      return false;
    hasNumbers |= magnitude > 0;
    hasNormal |= magnitude >= smallest;
  }
  return hasNormal || !hasNumbers;
}

const char *Lowering::whyWide(Operation *layer) const {
  if (!llvm::all_of(layer->getOperands(),
                    [&](Value operand) { return isFloat(operand); }))
    return "its operands are not of one type";
  if (!holdsConstants(layer))
    return "its weights are beyond what the type can hold";
  return nullptr;
}

/// Whether the value is read by a layer, for which it is rounded anyway.
bool Lowering::isSettled(Value value) const {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    return isLayer(user) ? !whyWide(user)
                         : isMove(user) && user->getNumResults() == 1 &&
                               isFloat32(user->getResult(0)) &&
                               isSettled(user->getResult(0));
  });
}

/// Whether data go nowhere but to the function's results: f32 then needs no
/// kernel of its own.
bool Lowering::leaves(Operation *op) const {
  return feedsOnly(op, [&](Operation *user) {
    return isa<func::ReturnOp>(user) || (isMove(user) && leaves(user));
  });
}

bool Lowering::isLoweredMild(Operation *op) const {
  if (!holdsConstants(op))
    return false;
  bool isSquare =
      isa<edge::MulOp>(op) && op->getOperand(0) == op->getOperand(1);
  auto isReduction = [](Operation *user) {
    return isa<edge::ReduceSumOp, edge::ReduceMeanOp>(user);
  };
  if (isSquare && feedsOnly(op, isReduction))
    return false;
  // Differences between scores decide.
  if (feedsOnly(op, [](Operation *user) { return isa<edge::SoftmaxOp>(user); }))
    return false;
  bool hasNarrow = false;
  for (Value operand : op->getOperands()) {
    if (isConstant(operand) || !isFloat(operand))
      continue;
    bool isSmall = isNarrow(operand) || isSettled(operand);
    // What is computed along with a normalization stays as that is.
    if (!isSmall)
      return false;
    hasNarrow = true;
  }
  return hasNarrow;
}

/// Asked for in the order of the operators: what they read is known.
bool Lowering::isLowered(Operation *op) const {
  if (op->getNumResults() != 1 || !isFloat32(op->getResult(0)))
    return false;
  if (isLayer(op))
    return !whyWide(op);
  if (isMild(op))
    return isLoweredMild(op);
  auto isData = [&](Value operand) { return isFloat(operand); };
  if (isMove(op)) {
    return !leaves(op) && holdsConstants(op) &&
           llvm::any_of(op->getOperands(), [&](Value operand) {
             // A table whose rows are gathered.
             bool isTable = isa<edge::GatherOp>(op) && isConstant(operand);
             return isData(operand) &&
                    (isTable || isNarrow(operand) ||
                     (!isConstant(operand) && isSettled(operand)));
           });
  }
  return isMean(op) && isNarrow(op->getOperand(0)) && holdsConstants(op);
}

/// The value rounded, once for all its readers.
Value Lowering::asNarrow(Value value) {
  if (elementOf(value) == narrow)
    return value;
  Value &known = narrowed[value];
  if (known)
    return known;
  auto cast = value.getDefiningOp<edge::CastOp>();
  if (cast && elementOf(cast.getX()) == narrow)
    return known = cast.getX();
  OpBuilder builder(function.getContext());
  builder.setInsertionPointAfterValue(value);
  return known = edge::CastOp::create(
             builder, value.getLoc(),
             mlir::cast<RankedTensorType>(value.getType()).clone(narrow),
             value);
}

/// The value as f32, for one reader: it is computed there.
Value Lowering::asWide(Value value, Operation *user) {
  OpBuilder builder(user);
  return edge::CastOp::create(builder, user->getLoc(),
                              cast<RankedTensorType>(value.getType())
                                  .clone(Float32Type::get(value.getContext())),
                              value);
}

void Lowering::rewrite(Operation *op) {
  for (OpOperand &operand : op->getOpOperands()) {
    // Sums of bf16 are of f32 and begin with the bias.
    bool isBias = isLayer(op) && operand.getOperandNumber() == 2;
    if (isFloat32(operand.get()) && !(isBias && narrow.isBF16()))
      operand.set(asNarrow(operand.get()));
  }
  Value result = op->getResult(0);
  result.setType(cast<RankedTensorType>(result.getType()).clone(narrow));
}

/// Those who still want f32 get it.
void Lowering::widenUses(Operation *op) {
  Value result = op->getResult(0);
  for (OpOperand &use : llvm::make_early_inc_range(result.getUses())) {
    Operation *user = use.getOwner();
    if (user->getNumResults() == 1 && lowered.contains(user->getResult(0)))
      continue;
    auto cast = dyn_cast<edge::CastOp>(user);
    if (!cast) {
      use.set(asWide(result, user));
      continue;
    }
    // A model of both types has casts of its own.
    if (elementOf(cast) == narrow) {
      cast->replaceAllUsesWith(ValueRange(result));
      cast->erase();
    }
  }
}

unsigned Lowering::run() {
  function.walk([&](Operation *op) {
    if (op->getParentOp() != function)
      return;
    if (isLowered(op)) {
      lowered.insert(op->getResult(0));
      operators.push_back(op);
    } else if (isLayer(op) && isFloat32(op->getResult(0))) {
      remark::missed(
          op->getLoc(),
          remark::RemarkOpts::name("float32-layer").category("precision"))
          << edge::nodeName(op) << " stays f32: " << StringRef(whyWide(op));
    }
  });
  for (Operation *op : operators)
    rewrite(op);
  for (Operation *op : operators)
    widenUses(op);
  return operators.size();
}

namespace {
struct LowerPrecision : edgec::impl::LowerPrecisionBase<LowerPrecision> {
  using LowerPrecisionBase::LowerPrecisionBase;

  void runOnOperation() override {
    if (precision == Precision::float32 || getOperation().isExternal())
      return markAllAnalysesPreserved();
    MLIRContext *context = &getContext();
    FloatType narrow = precision == Precision::float16
                           ? FloatType(Float16Type::get(context))
                           : FloatType(BFloat16Type::get(context));
    numOperators += Lowering(getOperation(), narrow).run();
    getOperation()->setAttr(arithmeticAttrName, TypeAttr::get(narrow));
  }
};
} // namespace
