//===- Operators.cpp - the table of ONNX operators ------------------------===//
//
// Joins the families' rows, and says what to do about operators without a row:
// the reason we know, else the nearest name, else the general advice.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include "llvm/ADT/StringSwitch.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::StringRef;

static const std::vector<Operator> &allOperators() {
  static const std::vector<Operator> table = [] {
    std::vector<Operator> rows;
    for (auto family :
         {convolutionOperators(), elementwiseOperators(), activationOperators(),
          matmulOperators(), reductionOperators(), shapeOperators(),
          constantOperators()})
      rows.insert(rows.end(), family.begin(), family.end());
    llvm::sort(rows, [](const Operator &a, const Operator &b) {
      return a.name < b.name;
    });
    return rows;
  }();
  return table;
}

const Operator *onnx::findOperator(StringRef name) {
  const auto &table = allOperators();
  auto row = llvm::lower_bound(
      table, name, [](const Operator &a, StringRef b) { return a.name < b; });
  return row != table.end() && row->name == name ? &*row : nullptr;
}

static StringRef knownRemedy(StringRef opType) {
  using llvm::StringSwitch;
  return StringSwitch<StringRef>(opType)
      .Cases({"If", "Loop", "Scan"},
             "control flow is not supported yet; export with fixed shapes and "
             "constant folding, which often removes it")
      .Cases({"QuantizeLinear", "DequantizeLinear", "QLinearConv",
              "QLinearMatMul", "ConvInteger", "MatMulInteger",
              "DynamicQuantizeLinear"},
             "quantized models are not supported yet; compile the float model")
      .Cases({"NonMaxSuppression", "TopK", "NonZero", "Unique", "Compress"},
             "its result has no fixed size; cut the model before its "
             "post-processing (onnx.utils.extract_model)")
      .Cases({"LSTM", "GRU", "RNN"},
             "recurrent operators are not supported yet")
      .Cases({"RandomNormal", "RandomUniform", "RandomNormalLike",
              "RandomUniformLike", "Multinomial", "Bernoulli"},
             "random values belong to training; export in inference mode")
      .Cases({"SequenceAt", "SequenceConstruct", "SequenceEmpty",
              "SequenceInsert", "SplitToSequence", "ConcatFromSequence",
              "Optional", "OptionalGetElement", "OptionalHasElement"},
             "sequences are not supported; export with fixed shapes and "
             "constant folding, which often removes them")
      .Default("");
}

std::string onnx::suggestRemedy(StringRef opType, StringRef domain) {
  if (const Operator *row = findOperator(opType); row && row->since > minOpset)
    return "it exists since opset " + std::to_string(row->since) +
           "; export the model with that opset or a later one";
  if (StringRef known = knownRemedy(opType); !known.empty())
    return known.str();
  const Operator *nearest = nullptr;
  // A third of the letters wrong is still a misspelling of the same name.
  unsigned best = opType.size() / 3 + 1;
  for (const Operator &row : allOperators()) {
    unsigned distance = opType.edit_distance_insensitive(row.name, true, best);
    if (distance < best) {
      best = distance;
      nearest = &row;
    }
  }
  std::string advice;
  if (nearest)
    advice =
        "the nearest supported operator is '" + nearest->name.str() + "'; ";
  if (!domain.empty())
    return advice + "export the model with standard ONNX operators only, " +
           "without the optimizations of another runtime";
  return advice + "export with constant folding, or write it with supported "
                  "operators in the model";
}
