//===- Remedies.cpp - what to do about an unsupported operator ------------===//
//
// A refusal says what helps: the reason we know for a whole class of operators,
// the right spelling for a name that is nearly one of ours, else where such
// operators come from.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include "llvm/ADT/StringSwitch.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::StringRef;

/// The operators of ONNX 1.20 that have no row in our table, in order. Without
/// them "SequenceAt" would be told as any misspelt name.
static bool isStandardName(StringRef opType) {
  static constexpr StringRef names[] = {
      "Bernoulli",          "ConcatFromSequence", "ImageDecoder",
      "MaxRoiPool",         "Multinomial",        "Optional",
      "OptionalGetElement", "OptionalHasElement", "RandomNormal",
      "RandomNormalLike",   "RandomUniform",      "RandomUniformLike",
      "RegexFullMatch",     "SequenceAt",         "SequenceConstruct",
      "SequenceEmpty",      "SequenceErase",      "SequenceInsert",
      "SequenceLength",     "SequenceMap",        "SplitToSequence",
      "StringConcat",       "StringNormalizer",   "StringSplit",
  };
  return llvm::binary_search(names, opType);
}

static StringRef knownRemedy(StringRef opType) {
  using llvm::StringSwitch;
  return StringSwitch<StringRef>(opType)
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
  if (const Operator *row = findOperator(opType, domain))
    return "it exists since opset " + std::to_string(row->versions.since) +
           "; export the model with that opset or a later one";
  if (StringRef known = knownRemedy(opType); !known.empty())
    return known.str();
  if (domain.empty() && isStandardName(opType)) {
    return "this standard operator has no importer yet; write it with "
           "supported "
           "operators in the model, or export with constant folding if its "
           "inputs are constant";
  }
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
