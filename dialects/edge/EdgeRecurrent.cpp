//===- EdgeRecurrent.cpp - result types of recurrent operators -----------===//
//
// As EdgeInfer.cpp for the core operators: one function each, whose errors
// carry the documented labels. What the three operators share is checked in one
// place.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Recurrent.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace edgec::edge;

//===-- activations as text: [sigmoid, affine(0.5, 1.0)] -----------------===//

static ParseResult parseActivation(OpAsmParser &parser,
                                   SmallVectorImpl<int32_t> &activations,
                                   SmallVectorImpl<float> &alphas,
                                   SmallVectorImpl<float> &betas) {
  StringRef name;
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseKeyword(&name))
    return failure();
  std::optional<Activation> activation = symbolizeActivation(name);
  if (!activation)
    return parser.emitError(at, "unknown activation '") << name << "'";
  double parameters[2] = {0.0, 0.0};
  if (succeeded(parser.parseOptionalLParen())) {
    if (parser.parseFloat(parameters[0]) || parser.parseComma() ||
        parser.parseFloat(parameters[1]) || parser.parseRParen())
      return failure();
  }
  activations.push_back(static_cast<int32_t>(*activation));
  alphas.push_back(static_cast<float>(parameters[0]));
  betas.push_back(static_cast<float>(parameters[1]));
  return success();
}

static ParseResult parseActivations(OpAsmParser &parser,
                                    DenseI32ArrayAttr &activations,
                                    DenseF32ArrayAttr &alphas,
                                    DenseF32ArrayAttr &betas) {
  SmallVector<int32_t> kinds;
  SmallVector<float> a, b;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
        return parseActivation(parser, kinds, a, b);
      }))
    return failure();
  activations = parser.getBuilder().getDenseI32ArrayAttr(kinds);
  alphas = parser.getBuilder().getDenseF32ArrayAttr(a);
  betas = parser.getBuilder().getDenseF32ArrayAttr(b);
  return success();
}

static void printActivations(OpAsmPrinter &printer, Operation *,
                             DenseI32ArrayAttr activations,
                             DenseF32ArrayAttr alphas,
                             DenseF32ArrayAttr betas) {
  printer << '[';
  llvm::interleaveComma(llvm::seq(activations.size()), printer, [&](int64_t i) {
    printer << stringifyActivation(static_cast<Activation>(activations[i]));
    if (alphas[i] == 0.0F && betas[i] == 0.0F)
      return;
    printer << '(';
    printer.printFloat(llvm::APFloat(alphas[i]));
    printer << ", ";
    printer.printFloat(llvm::APFloat(betas[i]));
    printer << ')';
  });
  printer << ']';
}

#include "dialects/edge/EdgeRecurrentEnums.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/edge/EdgeRecurrent.cpp.inc"

//===-- result types -----------------------------------------------------===//

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

namespace {
/// The sizes that all operands and results speak of.
struct RecurrentSizes {
  int64_t steps, sequences, directions, units, state;
  Type element;
};
} // namespace

/// C7
static LogicalResult checkClip(std::optional<Location> loc, StringRef name,
                               const APFloat &clip) {
  if (clip.isNonZero() && (clip.isNegative() || clip.isNaN()))
    return emitOptionalError(loc, "C7: ", name, " must not be negative");
  return success();
}

/// An operand that must have this shape, or be absent.
static LogicalResult checkOperand(std::optional<Location> loc, StringRef label,
                                  StringRef name, Value operand,
                                  ArrayRef<int64_t> shape) {
  if (!operand || tensorType(operand).getShape() == shape)
    return success();
  return emitOptionalError(loc, label, ": ", name, " ", operand.getType(),
                           " must have the shape [", shape, "]");
}

/// C4: whole numbers of known activations, with parameters.
template <typename Adaptor>
static LogicalResult checkActivations(std::optional<Location> loc,
                                      Adaptor adaptor, int64_t count) {
  ArrayRef<int32_t> activations = adaptor.getActivations();
  bool fits = int64_t(activations.size()) == count &&
              adaptor.getAlphas().size() == activations.size() &&
              adaptor.getBetas().size() == activations.size();
  for (int32_t activation : activations)
    fits &= symbolizeActivation(static_cast<uint32_t>(activation)).has_value();
  if (fits)
    return success();
  return emitOptionalError(loc, "C4: ", count,
                           " activations with two parameters each are needed");
}

/// C1 to C7, but for the state's size.
template <typename Adaptor>
static FailureOr<RecurrentSizes> checkShared(std::optional<Location> loc,
                                             Adaptor adaptor, int64_t gateCount,
                                             int64_t activationCount) {
  RankedTensorType gates = tensorType(adaptor.getGates()),
                   recurrent = tensorType(adaptor.getRecurrent());
  int64_t directions =
      adaptor.getDirection() == Direction::bidirectional ? 2 : 1;
  if (recurrent.getRank() != 4 || recurrent.getDimSize(0) != directions ||
      recurrent.getDimSize(2) != gateCount) {
    return emitOptionalError(loc, "C2: recurrent ", recurrent, " must be [",
                             directions, ", state, ", gateCount, ", units]");
  }
  int64_t units = recurrent.getDimSize(3);
  if (gates.getRank() != 3 ||
      gates.getDimSize(2) != directions * gateCount * units) {
    return emitOptionalError(loc, "C1: gates ", gates,
                             " must be [steps, sequences, ",
                             directions * gateCount * units, "]");
  }
  RecurrentSizes sizes{
      gates.getDimSize(0),     gates.getDimSize(1),   directions, units,
      recurrent.getDimSize(1), gates.getElementType()};
  if (failed(checkOperand(loc, "C3", "hidden", adaptor.getHidden(),
                          {sizes.sequences, directions, sizes.state})) ||
      failed(checkActivations(loc, adaptor, directions * activationCount)) ||
      failed(checkOperand(loc, "C5", "lengths", adaptor.getLengths(),
                          {sizes.sequences})) ||
      failed(checkClip(loc, "clip", adaptor.getClip())))
    return failure();
  if (adaptor.getLengths() &&
      !isa<IntegerType>(tensorType(adaptor.getLengths()).getElementType())) {
    return emitOptionalError(loc, "C5: lengths must be integers, not ",
                             adaptor.getLengths().getType());
  }
  for (Value operand : adaptor.getOperands()) {
    if (operand != adaptor.getLengths() &&
        (!isa<FloatType>(sizes.element) ||
         tensorType(operand).getElementType() != sizes.element)) {
      return emitOptionalError(loc,
                               "C6: element types differ or are no "
                               "floats: ",
                               gates, " and ", operand.getType());
    }
  }
  return sizes;
}

/// `sequence` and `last`.
static LogicalResult inferStates(std::optional<Location> loc,
                                 const RecurrentSizes &sizes,
                                 SmallVectorImpl<Type> &results) {
  return success(
      succeeded(inferTensor(
          loc, {sizes.steps, sizes.sequences, sizes.directions, sizes.state},
          sizes.element, results)) &&
      succeeded(inferTensor(loc,
                            {sizes.sequences, sizes.directions, sizes.state},
                            sizes.element, results)));
}

/// Without a projection the state has one element per unit.
static LogicalResult checkState(std::optional<Location> loc, Value recurrent,
                                const RecurrentSizes &sizes) {
  if (sizes.state == sizes.units)
    return success();
  return emitOptionalError(loc, "C2: recurrent ", recurrent.getType(),
                           " must have as many rows as units, ", sizes.units);
}

LogicalResult RnnOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &results) {
  FailureOr<RecurrentSizes> sizes = checkShared(loc, adaptor, 1, 1);
  if (failed(sizes) || failed(checkState(loc, adaptor.getRecurrent(), *sizes)))
    return failure();
  return inferStates(loc, *sizes, results);
}

LogicalResult GruOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &results) {
  FailureOr<RecurrentSizes> sizes = checkShared(loc, adaptor, 3, 2);
  if (failed(sizes) ||
      failed(checkState(loc, adaptor.getRecurrent(), *sizes)) ||
      failed(checkOperand(loc, "C8", "new_bias", adaptor.getNewBias(),
                          {sizes->directions, sizes->units})))
    return failure();
  if (adaptor.getNewBias() && !adaptor.getLinearBeforeReset())
    return emitOptionalError(loc, "C8: new_bias needs linear_before_reset");
  return inferStates(loc, *sizes, results);
}

LogicalResult LstmOp::inferReturnTypes(MLIRContext *,
                                       std::optional<Location> loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &results) {
  int64_t gateCount = adaptor.getCoupling() == Coupling::none ? 4 : 3;
  FailureOr<RecurrentSizes> sizes = checkShared(loc, adaptor, gateCount, 3);
  if (failed(sizes) ||
      failed(
          checkOperand(loc, "C8", "cell", adaptor.getCell(),
                       {sizes->sequences, sizes->directions, sizes->units})) ||
      failed(checkOperand(loc, "C9", "peepholes", adaptor.getPeepholes(),
                          {sizes->directions, 3, sizes->units})) ||
      failed(checkOperand(loc, "C10", "projection", adaptor.getProjection(),
                          {sizes->directions, sizes->units, sizes->state})) ||
      failed(checkOperand(loc, "C11", "projection_bias",
                          adaptor.getProjectionBias(),
                          {sizes->directions, sizes->state})) ||
      failed(checkClip(loc, "cell_clip", adaptor.getCellClip())) ||
      failed(checkClip(loc, "projection_clip", adaptor.getProjectionClip())))
    return failure();
  if (!adaptor.getProjection()) {
    if (adaptor.getProjectionBias())
      return emitOptionalError(loc, "C11: projection_bias needs a projection");
    if (failed(checkState(loc, adaptor.getRecurrent(), *sizes)))
      return failure();
  }
  if (failed(inferStates(loc, *sizes, results)))
    return failure();
  return inferTensor(loc, {sizes->sequences, sizes->directions, sizes->units},
                     sizes->element, results);
}
