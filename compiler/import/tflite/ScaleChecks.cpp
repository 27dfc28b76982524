//===- ScaleChecks.cpp - scales and zero points that mean nothing ---------===//
//
// Looks at every tensor that an operator works on before any op is made, so
// that one run tells all that are wrong. Behind it a quantized tensor has
// positive scales, one or as many as a dimension is long, and zero points that
// its integers can hold.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Elements.h"
#include "compiler/import/tflite/GraphImport.h"
#include "targets/evaluator/HostTensor.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::LogicalResult;

/// One of several scales must be there for each element of the dimension.
static std::string dimensionFault(const schema::Tensor &tensor) {
  ArrayRef<int32_t> shape = list(tensor.shape());
  size_t scales = count(tensor.quantization()->scale());
  int32_t dimension = quantizedDimension(tensor);
  if (scales == 1 || (dimension >= 0 && size_t(dimension) < shape.size() &&
                      size_t(shape[dimension]) == scales))
    return "";
  llvm::SmallVector<int64_t> sizes(shape.begin(), shape.end());
  return std::to_string(scales) + " scales along dimension " +
         std::to_string(dimension) + ", which do not fit the shape " +
         shapeText(sizes);
}

/// What is wrong with the numbers; nothing: an empty text.
static std::string numberFault(const schema::Tensor &tensor,
                               evaluator::IntegerRange range) {
  ArrayRef<float> scales = list(tensor.quantization()->scale());
  ArrayRef<int64_t> points = list(tensor.quantization()->zero_point());
  if (points.size() > 1 && points.size() != scales.size())
    return std::to_string(points.size()) + " zero points for " +
           std::to_string(scales.size()) + " scales";
  for (size_t i = 0; i < scales.size(); ++i) {
    int64_t point = points.empty() ? 0 : points[points.size() == 1 ? 0 : i];
    if (std::isfinite(scales[i]) && scales[i] > 0 && point >= range.low &&
        point <= range.high)
      continue;
    std::string text;
    llvm::raw_string_ostream(text)
        << "the scale " << scales[i] << " and the zero point " << point
        << ", but should have a positive scale and a zero point in ["
        << range.low << ", " << range.high << "]";
    return text;
  }
  return "";
}

static std::string scaleFault(const schema::Tensor &tensor,
                              mlir::MLIRContext *context) {
  const schema::Quantization *quantization = tensor.quantization();
  if (quantization && quantization->details_type() != 0)
    return "a quantization of its own kind, but should have scales and zero "
           "points";
  if (!isQuantized(tensor))
    return "";
  std::string fault = dimensionFault(tensor);
  if (!fault.empty())
    return fault;
  mlir::Type element = elementType(tensor.type(), context);
  evaluator::IntegerRange range = evaluator::integerRange(element);
  // Biases: the specification of 8-bit quantization has no others of so many
  // bits.
  if (element.getIntOrFloatBitWidth() >= 32)
    range.low = range.high = 0;
  return numberFault(tensor, range);
}

/// The tensors of a graph that something computes with.
static std::vector<bool> usedTensors(const schema::SubGraph &graph) {
  std::vector<bool> used(count(graph.tensors()), false);
  auto use = [&](ArrayRef<int32_t> indices) {
    for (int32_t index : indices)
      if (index >= 0)
        used[index] = true;
  };
  use(list(graph.inputs()));
  use(list(graph.outputs()));
  for (unsigned i = 0; i < count(graph.operators()); ++i) {
    use(list(graph.operators()->Get(i)->inputs()));
    use(list(graph.operators()->Get(i)->outputs()));
  }
  return used;
}

LogicalResult GraphImport::checkScales() {
  bool ok = true;
  for (unsigned index : reachableGraphs(model, mainGraph)) {
    const schema::SubGraph &graph = model.subgraph(index);
    std::vector<bool> used = usedTensors(graph);
    for (unsigned i = 0; i < used.size(); ++i) {
      const schema::Tensor &tensor = *graph.tensors()->Get(i);
      std::string fault = used[i] ? scaleFault(tensor, &context) : "";
      if (fault.empty())
        continue;
      StringRef name = text(tensor.name());
      std::string known =
          name.empty() ? "tensor_" + std::to_string(i) : name.str();
      mlir::emitError(nameLocation(known))
          << "tensor '" << known << "' has " << fault
          << "; the model is damaged, convert or download it again";
      ok = false;
    }
  }
  return mlir::success(ok);
}
