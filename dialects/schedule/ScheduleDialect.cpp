//===- ScheduleDialect.cpp - registration and verifiers ------------------===//
//
// Registers the schedule dialect and checks kernels and layouts.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec::schedule;

#include "dialects/schedule/ScheduleDialect.cpp.inc"
#include "dialects/schedule/ScheduleEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/schedule/ScheduleAttributes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/schedule/Schedule.cpp.inc"

void ScheduleDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/schedule/ScheduleAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/schedule/Schedule.cpp.inc"
      >();
}

MachineAttr edgec::schedule::getMachine(Operation *op) {
  auto module = dyn_cast<ModuleOp>(op);
  if (!module)
    module = op->getParentOfType<ModuleOp>();
  return module ? module->getAttrOfType<MachineAttr>(machineAttrName) : nullptr;
}

int64_t MemoryAttr::getBufferElements() const {
  return getAllocated() ? getAllocated()
                        : ShapedType::getNumElements(getShape());
}

LogicalResult MemoryAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> shape,
                                 ArrayRef<int64_t> offsets,
                                 ArrayRef<int64_t> before,
                                 ArrayRef<int64_t> behind, int64_t base,
                                 int64_t allocated, int64_t) {
  if (shape.size() != offsets.size())
    return emitError() << "C1: shape and offsets differ in length";
  if (before.size() != behind.size() ||
      (!before.empty() && before.size() != shape.size()))
    return emitError() << "C1: shape and halo differ in length";
  for (auto [size, offset] : llvm::zip_equal(shape, offsets)) {
    if (size < 1 || offset < 0 || offset >= size)
      return emitError() << "C2: offset " << offset
                         << " lies outside a dimension of size " << size;
  }
  for (size_t d = 0; d < before.size(); ++d) {
    if (before[d] < 0 || behind[d] < 0 || before[d] > offsets[d] ||
        behind[d] >= shape[d] - offsets[d])
      return emitError() << "C3: a halo of " << before[d] << " + " << behind[d]
                         << " lies outside a dimension of size " << shape[d];
  }
  if (base < 0 || (base > 0 && allocated == 0) ||
      (allocated != 0 && base + ShapedType::getNumElements(shape) > allocated))
    return emitError() << "C4: the array lies outside a buffer of " << allocated
                       << " elements";
  return success();
}

void MemoryAttr::print(AsmPrinter &printer) const {
  auto list = [&](ArrayRef<int64_t> numbers) {
    printer << "[";
    llvm::interleaveComma(numbers, printer);
    printer << "]";
  };
  printer << "<shape = ";
  list(getShape());
  printer << ", offsets = ";
  list(getOffsets());
  if (!getHaloBefore().empty()) {
    printer << ", halo = ";
    list(getHaloBefore());
    printer << " + ";
    list(getHaloBehind());
  }
  if (getBase())
    printer << ", base = " << getBase();
  if (getAllocated())
    printer << ", allocated = " << getAllocated();
  if (getFill())
    printer << ", fill = " << getFill();
  printer << ">";
}

Attribute MemoryAttr::parse(AsmParser &parser, Type) {
  SmallVector<int64_t> shape, offsets, before, behind;
  int64_t base = 0, allocated = 0, fill = 0;
  auto list = [&](SmallVector<int64_t> &numbers) {
    return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
      return parser.parseInteger(numbers.emplace_back());
    });
  };
  if (parser.parseLess() || parser.parseKeyword("shape") ||
      parser.parseEqual() || list(shape) || parser.parseComma() ||
      parser.parseKeyword("offsets") || parser.parseEqual() || list(offsets))
    return {};
  while (succeeded(parser.parseOptionalComma())) {
    StringRef keyword;
    if (failed(parser.parseOptionalKeyword(
            &keyword, {"halo", "base", "allocated", "fill"}))) {
      parser.emitError(parser.getCurrentLocation(),
                       "expected halo, base, allocated or fill");
      return {};
    }
    if (parser.parseEqual())
      return {};
    if (keyword == "halo") {
      if (list(before) || parser.parsePlus() || list(behind))
        return {};
      continue;
    }
    int64_t &number = keyword == "base"        ? base
                      : keyword == "allocated" ? allocated
                                               : fill;
    if (parser.parseInteger(number))
      return {};
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<MemoryAttr>(parser.getContext(), shape, offsets,
                                       before, behind, base, allocated, fill);
}

Operation *KernelOp::getAnchor() {
  for (Operation &op : getBody().front().without_terminator())
    if (!op.hasTrait<edge::ElementwiseTrait>() && !isa<edge::ConstantOp>(op))
      return &op;
  return nullptr;
}

MemoryAttr KernelOp::getLayout(unsigned result) {
  return getLayouts() ? cast<MemoryAttr>((*getLayouts())[result]) : nullptr;
}

LogicalResult KernelOp::verify() {
  if (getInputs().getTypes() != getBody().front().getArgumentTypes())
    return emitOpError("C1: block arguments must match the operands");
  auto yield = cast<YieldOp>(getBody().front().getTerminator());
  if (yield.getValues().getTypes() != getOutputs().getTypes())
    return emitOpError("C2: yielded values must match the results");
  if (!getLayouts())
    return success();
  if (getLayouts()->size() != getNumResults())
    return emitOpError("C3: needs one layout per result");
  for (auto [index, result] : llvm::enumerate(getOutputs())) {
    MemoryAttr layout = getLayout(index);
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(result.getType()).getShape();
    bool fits = layout.getShape().size() == shape.size();
    for (size_t d = 0; fits && d < shape.size(); ++d) {
      fits = layout.getOffsets()[d] + shape[d] +
                 (layout.isPart() ? layout.getBehind(d, shape[d]) : 0) <=
             layout.getShape()[d];
    }
    if (!fits)
      return emitOpError("C3: layout ")
             << layout << " cannot hold " << result.getType();
  }
  return success();
}
