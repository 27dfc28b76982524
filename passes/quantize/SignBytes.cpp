//===- SignBytes.cpp - unsigned bytes between layers become signed --------===//
//
// An instruction that adds up products of bytes wants them of one sign (Arm's
// sdot: signed). Kernels would move bytes of the other by 128 each time they
// read them; values that only layers of this model see are moved once, by the
// zero points of what writes and reads them, at no cost:
//
//   %q = edge.requantize %s, %m {low = 0, high = 255, zero_point = 3} : ui8
//   %r = edge.integer_conv2d %q, %f {input_zero_point = 3, pad_value = 3}
//     =>
//   %q = edge.requantize %s, %m {low = -128, high = 127, zero_point = -125} :
//   i8 %r = edge.integer_conv2d %q, %f {input_zero_point = -125, pad_value =
//   -125}
//
// Values that move their bytes (concat, max_pool2d, ...) change with what they
// read and write. What the model's interface or any other operator sees stays.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "dialects/place/Place.h"
#include "dialects/schedule/Schedule.h"
#include "passes/graph/ConstantData.h"
#include "passes/kernel/DotProduct.h"
#include "passes/quantize/Passes.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_SIGNBYTES
#include "passes/quantize/Passes.h.inc"

/// What an unsigned byte is moved by.
static constexpr int64_t move = 128;

static bool isUnsignedBytes(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isUnsignedInteger(8);
}

/// Whether the module's machine multiplies signed bytes as they are, and
/// unsigned ones not. What accelerators read is theirs to judge.
static bool wantsSignedBytes(ModuleOp module) {
  auto machine =
      module->getAttrOfType<schedule::MachineAttr>(schedule::machineAttrName);
  if (!machine || module->hasAttr(place::devicesAttrName))
    return false;
  auto movedBy = [&](IntegerType::SignednessSemantics sign) {
    auto element = IntegerType::get(module.getContext(), 8, sign);
    auto unit = kernel::findDotUnit(machine, {element, {-127, 127}});
    return unit ? unit->movedBy() : 0;
  };
  return movedBy(IntegerType::Unsigned) != 0 &&
         movedBy(IntegerType::Signless) == 0;
}

/// Whether the operator has the same meaning for bytes that are all moved by
/// one number: it copies them, or takes the largest.
static bool movesBytes(Operation *op) {
  return op->getNumResults() == 1 &&
         isa<edge::ReshapeOp, edge::TransposeOp, edge::ConcatOp, edge::SliceOp,
             edge::MaxPool2DOp>(op);
}

namespace {
/// The unsigned values of a function, those that only change together in one
/// class.
class Classes {
public:
  explicit Classes(func::FuncOp function) {
    function.walk([&](Operation *op) {
      for (Value result : op->getResults())
        if (isUnsignedBytes(result))
          add(result);
      for (Region &region : op->getRegions()) {
        for (Value argument : region.getArguments())
          if (isUnsignedBytes(argument))
            add(argument);
      }
    });
  }

  /// All values of the classes that can change and that some layer reads.
  SmallVector<Value> changing() const {
    llvm::SmallPtrSet<const void *, 16> blocked, useful;
    auto leader = [&](Value value) {
      return classes.getLeaderValue(value.getAsOpaquePointer());
    };
    for (Value value : values) {
      if (!canWrite(value) || !llvm::all_of(value.getUses(), canRead))
        blocked.insert(leader(value));
      if (llvm::any_of(value.getUsers(), llvm::IsaPred<edge::IntegerConv2DOp>))
        useful.insert(leader(value));
    }
    return llvm::to_vector(llvm::make_filter_range(values, [&](Value value) {
      return useful.contains(leader(value)) && !blocked.contains(leader(value));
    }));
  }

private:
  void add(Value value) {
    values.push_back(value);
    classes.insert(value.getAsOpaquePointer());
    Operation *op = value.getDefiningOp();
    if (!op || !movesBytes(op))
      return;
    for (Value operand : op->getOperands()) {
      if (isUnsignedBytes(operand)) {
        classes.unionSets(value.getAsOpaquePointer(),
                          operand.getAsOpaquePointer());
      }
    }
  }

  static bool canWrite(Value value) {
    Operation *op = value.getDefiningOp();
    if (!op)
      return false;
    if (auto lookup = dyn_cast<edge::LookupOp>(op))
      return ConstantData::get(lookup.getTable()).has_value();
    return isa<edge::RequantizeOp>(op) || movesBytes(op);
  }

  static bool canRead(OpOperand &use) {
    Operation *op = use.getOwner();
    if (isa<edge::IntegerConv2DOp, edge::LookupOp>(op))
      return use.getOperandNumber() == 0;
    if (auto conversion = dyn_cast<edge::CastOp>(op)) {
      Type element = cast<RankedTensorType>(conversion.getResult().getType())
                         .getElementType();
      return element.isF32() || element.isSignlessInteger(32);
    }
    return movesBytes(op);
  }

  /// In the order of the function.
  SmallVector<Value> values;
  llvm::EquivalenceClasses<void *> classes;
};
} // namespace

//===-- changing ---------------------------------------------------------===//

/// A table's bytes, moved.
static Value movedTable(OpBuilder &b, edge::LookupOp lookup) {
  std::optional<ConstantData> data = ConstantData::get(lookup.getTable());
  auto type = RankedTensorType::get(data->getType().getShape(), b.getI8Type());
  auto elements = makeConstant(type, [&](MutableArrayRef<char> out) {
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = char(data->getBytes()[data->isSplat() ? 0 : i] ^ 0x80);
  });
  return edge::ConstantOp::create(b, lookup.getLoc(), type, elements);
}

static void moveWriter(Operation *op) {
  OpBuilder b(op);
  if (auto requantize = dyn_cast<edge::RequantizeOp>(op)) {
    requantize.setLow(int64_t(requantize.getLow()) - move);
    requantize.setHigh(int64_t(requantize.getHigh()) - move);
    requantize.setZeroPoint(int64_t(requantize.getZeroPoint()) - move);
  } else if (auto lookup = dyn_cast<edge::LookupOp>(op)) {
    lookup.getTableMutable().assign(movedTable(b, lookup));
  }
}

/// The whole number that a cast byte is taken less of, of which 128 can be
/// taken without rounding.
static std::optional<int64_t> offsetOf(edge::SubOp sub, Value cast) {
  if (sub.getLhs() != cast || sub.getRhs() == cast)
    return std::nullopt;
  auto constant = sub.getRhs().getDefiningOp<edge::ConstantOp>();
  auto dense = constant ? dyn_cast<DenseElementsAttr>(constant.getValue())
                        : DenseElementsAttr();
  if (!dense || !dense.isSplat())
    return std::nullopt;
  constexpr double most = 1 << 16;
  if (dense.getElementType().isSignlessInteger(32)) {
    auto number = dense.getSplatValue<int32_t>();
    return std::abs(double(number)) <= most ? std::optional<int64_t>(number)
                                            : std::nullopt;
  }
  if (!dense.getElementType().isF32())
    return std::nullopt;
  auto number = dense.getSplatValue<float>();
  bool isWhole = std::abs(number) <= most && std::nearbyint(number) == number;
  return isWhole ? std::optional<int64_t>(int64_t(number)) : std::nullopt;
}

/// `number` in every element of `type`, of f32 or i32.
static Value splat(OpBuilder &b, Location loc, RankedTensorType type,
                   int64_t number) {
  Type element = type.getElementType();
  Attribute value = element.isF32()
                        ? Attribute(b.getF32FloatAttr(float(number)))
                        : b.getI32IntegerAttr(int32_t(number));
  return edge::ConstantOp::create(b, loc, type,
                                  SplatElementsAttr::get(type, value));
}

/// A cast byte gets back what it was moved by; where a zero point is taken from
/// it, that is less instead.
static void moveReader(edge::CastOp cast) {
  Value result = cast.getResult();
  auto type = mlir::cast<RankedTensorType>(result.getType());
  SmallVector<OpOperand *> others;
  for (OpOperand &use : llvm::make_early_inc_range(result.getUses())) {
    auto sub = dyn_cast<edge::SubOp>(use.getOwner());
    std::optional<int64_t> offset =
        sub ? offsetOf(sub, result) : std::optional<int64_t>();
    if (!offset) {
      others.push_back(&use);
      continue;
    }
    OpBuilder b(sub);
    auto like = mlir::cast<RankedTensorType>(sub.getRhs().getType());
    sub.getRhsMutable().assign(splat(b, sub.getLoc(), like, *offset - move));
  }
  if (others.empty())
    return;
  OpBuilder b(cast->getContext());
  b.setInsertionPointAfter(cast);
  auto scalar = RankedTensorType::get({}, type.getElementType());
  Value whole = edge::AddOp::create(b, cast.getLoc(), type, result,
                                    splat(b, cast.getLoc(), scalar, move));
  for (OpOperand *use : others)
    use->set(whole);
}

namespace {
struct SignBytes : impl::SignBytesBase<SignBytes> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    auto module = function->getParentOfType<ModuleOp>();
    if (!module || !wantsSignedBytes(module))
      return;
    Type element = IntegerType::get(&getContext(), 8);
    SmallVector<Value> values = Classes(function).changing();
    for (Value value : values) {
      moveWriter(value.getDefiningOp());
      auto type = cast<RankedTensorType>(value.getType());
      value.setType(type.clone(element));
      for (Operation *user : llvm::to_vector(value.getUsers())) {
        if (auto conv = dyn_cast<edge::IntegerConv2DOp>(user)) {
          conv.setInputZeroPoint(int64_t(conv.getInputZeroPoint()) - move);
          conv.setPadValue(int64_t(conv.getPadValue()) - move);
        } else if (auto cast = dyn_cast<edge::CastOp>(user)) {
          moveReader(cast);
        }
      }
      ++numMoved;
    }
  }
};
} // namespace
} // namespace edgec
