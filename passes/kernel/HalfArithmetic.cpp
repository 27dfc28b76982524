//===- HalfArithmetic.cpp - kernels that compute on f16 -------------------===//
//
// See HalfArithmetic.h.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/HalfArithmetic.h"
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/quantize/Precision.h"
#include "passes/schedule/Arithmetic.h"
#include "passes/schedule/MachineFeatures.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

//===-- which kernels ----------------------------------------------------===//

/// Elementwise operators that lose nothing by it but the digits that f16 has
/// not got.
static bool isNative(Operation *op) {
  return isa<edge::AddOp, edge::SubOp, edge::MulOp, edge::DivOp, edge::MaxOp,
             edge::MinOp, edge::AbsOp, edge::NegOp, edge::CopyOp, edge::ReluOp,
             edge::ClampOp, edge::LeakyReluOp, edge::HardSwishOp,
             edge::HardSigmoidOp, edge::SelectOp, edge::EqualOp, edge::LessOp,
             edge::LessEqualOp>(op);
}

/// Whether the function asks for it, and wider elements do not decide the
/// lanes.
static bool computesElementsAsHalves(schedule::KernelOp kernel) {
  auto function = kernel->getParentOfType<func::FuncOp>();
  auto wanted = function ? function->getAttrOfType<TypeAttr>(arithmeticAttrName)
                         : TypeAttr();
  if (!wanted || !wanted.getValue().isF16())
    return false;
  bool isSmall = true, hasNative = false;
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    auto check = [&](Type type) {
      Type element = elementOf(type);
      isSmall &=
          element.isF16() || element.isF32() || element.isInteger(/*width=*/1);
      hasNative |= element.isF16() && isNative(&op);
    };
    llvm::for_each(op.getOperandTypes(), check);
    llvm::for_each(op.getResultTypes(), check);
  }
  return isSmall && hasNative;
}

bool kernel::computesHalves(schedule::KernelOp kernel,
                            schedule::MachineAttr machine) {
  if (!schedule::computesHalves(machine))
    return false;
  Operation *anchor = kernel.getAnchor();
  if (!anchor)
    return computesElementsAsHalves(kernel);
  auto isHalf = [](Type type) { return elementOf(type).isF16(); };
  return isa<edge::Conv2DOp, edge::MatMulOp, edge::FullyConnectedOp,
             edge::MaxPool2DOp>(anchor) &&
         llvm::all_of(anchor->getOperandTypes(), isHalf) &&
         llvm::all_of(anchor->getResultTypes(), isHalf);
}

Type kernel::computedType(const KernelBuilder &k, Type element) {
  return element.isF16() && computesHalves(k) ? element : computedType(element);
}

//===-- conversions ------------------------------------------------------===//

/// Whether the machine has instructions between f16 and f32. Every processor
/// with AVX2 has F16C.
static bool convertsHalves(schedule::MachineAttr machine) {
  llvm::Triple triple(machine.getTriple());
  return triple.isAArch64() ||
         (triple.isX86() && machine.getVectorBits() > 128) ||
         schedule::computesHalves(machine);
}

static bool isFloat(Value value, unsigned bits) {
  auto real = dyn_cast<FloatType>(getElementTypeOrSelf(value.getType()));
  return real && real.getWidth() == bits;
}

Value kernel::toFloat32(KernelBuilder &k, Value value) {
  if (!isFloat(value, 16))
    return value;
  Type type = withElement(value.getType(), k.b.getF32Type());
  return arith::ExtFOp::create(k.b, k.loc, type, value);
}

Value kernel::toFloat16(KernelBuilder &k, Value value) {
  if (!isFloat(value, 32))
    return value;
  Type type = withElement(value.getType(), k.b.getF16Type());
  return arith::TruncFOp::create(k.b, k.loc, type, value);
}

Value kernel::emitWiden(KernelBuilder &k, Value stored, Type element) {
  if (!element.isF16() || !convertsHalves(k.machine))
    return emitWiden(k.b, k.loc, stored, element);
  Value half = arith::BitcastOp::create(
      k.b, k.loc, withElement(stored.getType(), element), stored);
  return computesHalves(k) ? half : toFloat32(k, half);
}

/// Whether the machine has instructions from f32 to bf16; what is below the
/// least normal number becomes zero with those of x86.
static bool convertsBrainFloats(schedule::MachineAttr machine) {
  llvm::Triple triple(machine.getTriple());
  if (triple.isAArch64())
    return schedule::hasFeature(machine, "bf16");
  return triple.isX86() && machine.getVectorBits() == 512 &&
         schedule::hasFeature(machine, "avx512bf16");
}

Value kernel::emitNarrow(KernelBuilder &k, Value computed, Type element) {
  if (element.isBF16() && isFloat(computed, 32) &&
      convertsBrainFloats(k.machine)) {
    Value brain = arith::TruncFOp::create(
        k.b, k.loc, withElement(computed.getType(), element), computed);
    return arith::BitcastOp::create(
        k.b, k.loc, withElement(brain.getType(), storedType(element)), brain);
  }
  if (!element.isF16() || !convertsHalves(k.machine) ||
      !isa<FloatType>(getElementTypeOrSelf(computed.getType())))
    return emitNarrow(k.b, k.loc, computed, element);
  Value half = toFloat16(k, computed);
  return arith::BitcastOp::create(
      k.b, k.loc, withElement(half.getType(), storedType(element)), half);
}

//===-- operators --------------------------------------------------------===//

Value kernel::emitOperator(KernelBuilder &k, EmitVector *emit,
                           const VectorOperands &v) {
  auto isYield = [](Operation *user) { return isa<schedule::YieldOp>(user); };
  // Storing rounds.
  if (isa<edge::CastOp>(v.op) && isFloat(v.x[0], 32) &&
      computedType(v.resultElement()).isF32() &&
      llvm::all_of(v.op->getUsers(), isYield))
    return v.x[0];
  bool givesHalf = v.resultElement().isF16();
  bool rounds = isa<edge::CastOp>(v.op) && givesHalf && isFloat(v.x[0], 32);
  if (rounds && convertsHalves(k.machine)) {
    Value half = toFloat16(k, v.x[0]);
    return computesHalves(k) ? half : toFloat32(k, half);
  }
  if (!computesHalves(k) || isNative(v.op))
    return emit(v);
  SmallVector<Value, 3> wide;
  wide.reserve(v.x.size());
  for (Value operand : v.x)
    wide.push_back(toFloat32(k, operand));
  Value result = emit({v.b, v.loc, v.op, wide, v.target});
  return givesHalf ? toFloat16(k, result) : result;
}
