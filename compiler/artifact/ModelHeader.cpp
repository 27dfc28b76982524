//===- ModelHeader.cpp - a C header for one model -------------------------===//
//
// For a model "digits" with one input:
//
//   #define DIGITS_ARENA_BYTES 4096
//   #define DIGITS_INPUT_0_BYTES 256 /* "image", f32 1x8x8x1 */
//   const edge_model *edge_model_digits(void);
//
//===----------------------------------------------------------------------===//
#include "compiler/artifact/ModelHeader.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "llvm/ADT/StringExtras.h"

using namespace edgec;
using namespace mlir;

/// Lowers the least sizes of `tensors` to those of a variant.
static void addSizes(std::vector<InterfaceTensor> &tensors, ArrayAttr types) {
  for (auto [tensor, type] : llvm::zip_equal(tensors, types)) {
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(cast<TypeAttr>(type).getValue()).getShape();
    if (tensor.least.empty())
      tensor.least = tensor.type.getShape().vec();
    for (auto [least, size] : llvm::zip_equal(tensor.least, shape))
      least = std::min(least, size);
  }
}

ModelInterface ModelInterface::of(rt::ProgramOp program,
                                  ArrayRef<rt::ProgramOp> variants) {
  auto tensors = [](ArrayAttr names, ArrayAttr types) {
    std::vector<InterfaceTensor> result;
    for (auto [name, type] : llvm::zip_equal(names, types)) {
      result.push_back(
          {cast<StringAttr>(name).str(),
           cast<RankedTensorType>(cast<TypeAttr>(type).getValue())});
    }
    return result;
  };
  ModelInterface interface;
  interface.name = program.getSymName().str();
  interface.inputs = tensors(program.getInputNames(), program.getInputTypes());
  interface.outputs =
      tensors(program.getOutputNames(), program.getOutputTypes());
  interface.arenaBytes = program.getArenaBytes();
  interface.weightsBytes = program.getWeightsBytes();
  interface.variantCount = variants.size();
  for (rt::ProgramOp variant : variants) {
    addSizes(interface.inputs, variant.getInputTypes());
    addSizes(interface.outputs, variant.getOutputTypes());
  }
  return interface;
}

static int64_t sizeBytes(RankedTensorType type) {
  Type element = type.getElementType();
  if (auto quantized = dyn_cast<quant::QuantizedType>(element))
    element = quantized.getStorageType();
  int64_t bits = element.isInteger(1) ? 8 : element.getIntOrFloatBitWidth();
  return (type.getNumElements() * bits + 7) / 8;
}

/// The text as part of a C comment: what could end the comment is replaced.
static std::string forComment(llvm::StringRef text) {
  std::string result;
  for (char c : text)
    result.push_back(c == '*' || !llvm::isPrint(c) ? '_' : c);
  return result;
}

/// "1..8x128".
static std::string shapeText(const InterfaceTensor &tensor) {
  std::string text;
  for (auto [d, size] : llvm::enumerate(tensor.type.getShape())) {
    if (d != 0)
      text += "x";
    if (!tensor.least.empty() && tensor.least[d] != size)
      text += std::to_string(tensor.least[d]) + "..";
    text += std::to_string(size);
  }
  return text;
}

static void describe(llvm::raw_ostream &stream, llvm::StringRef macro,
                     llvm::ArrayRef<InterfaceTensor> tensors) {
  for (auto [index, tensor] : llvm::enumerate(tensors)) {
    stream << "#define " << macro << "_" << index << "_BYTES "
           << sizeBytes(tensor.type) << " /* \"" << forComment(tensor.name)
           << "\", ";
    std::string element;
    llvm::raw_string_ostream(element) << tensor.type.getElementType();
    stream << forComment(element) << " " << shapeText(tensor) << " */\n";
    stream << "#define " << macro << "_" << index << "_ELEMENTS "
           << tensor.type.getNumElements() << "\n";
  }
}

std::string edgec::modelHeader(const ModelInterface &interface) {
  std::string macro = llvm::StringRef(interface.name).upper();
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << "/* Model \"" << interface.name
         << "\", written by edgec together with its archive. */\n"
         << "#ifndef EDGE_MODEL_" << macro << "_H\n"
         << "#define EDGE_MODEL_" << macro << "_H\n\n"
         << "#include <edge/model.h>\n\n"
         << "/* Scratch memory for one run, aligned to " << macro
         << "_ARENA_ALIGNMENT bytes. */\n"
         << "#define " << macro << "_ARENA_BYTES " << interface.arenaBytes
         << "\n"
         << "#define " << macro << "_ARENA_ALIGNMENT 64\n"
         << "/* Constants in read-only data. */\n"
         << "#define " << macro << "_WEIGHTS_BYTES " << interface.weightsBytes
         << "\n\n"
         << "#define " << macro << "_INPUT_COUNT " << interface.inputs.size()
         << "\n";
  describe(stream, macro + "_INPUT", interface.inputs);
  stream << "#define " << macro << "_OUTPUT_COUNT " << interface.outputs.size()
         << "\n";
  describe(stream, macro + "_OUTPUT", interface.outputs);
  if (interface.variantCount > 0) {
    stream
        << "/* Sizes are chosen by taking one of edge_model::variants; memory "
           "for the largest\n   is enough for all. */\n#define "
        << macro << "_VARIANT_COUNT " << interface.variantCount << "\n";
  }
  stream << "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
         << "/* The model's descriptor, never NULL; see <edge/model.h>. */\n"
         << "const edge_model *edge_model_" << interface.name << "(void);\n\n"
         << "#ifdef __cplusplus\n}\n#endif\n\n"
         << "#endif /* EDGE_MODEL_" << macro << "_H */\n";
  return text;
}
