//===- Import.cpp - which door a file goes through ------------------------===//
//
// Formats are told by content: FlatBuffers carry "TFL3" in bytes 4 to 7, MLIR
// bytecode begins with its magic, text holds no control characters, and what
// remains is read as protobuf, which has no magic.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Import.h"
#include "compiler/import/MappedFile.h"
#include "compiler/import/ShapeRanges.h"
#include "compiler/import/Variants.h"
#include "compiler/import/mlir/MlirImport.h"
#include "compiler/import/onnx/OnnxImport.h"
#include "compiler/import/tflite/TfliteImport.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Path.h"

using namespace edgec;
using llvm::StringRef;
using mlir::failure;

static bool readSize(StringRef text, int64_t &size) {
  return !text.getAsInteger(10, size) && size >= 1 && size <= INT32_MAX;
}

llvm::Expected<InputShape> edgec::parseInputShape(StringRef text) {
  auto error = [&](const llvm::Twine &reason) {
    return llvm::createStringError("-shape=" + text + ": " + reason +
                                   "; write -shape=INPUT=1x3x224x224, or "
                                   "1..8x3x224x224 for a range of sizes");
  };
  // Input names may hold '=', sizes cannot.
  auto [name, sizes] = text.rsplit('=');
  if (name.empty() || name.size() == text.size())
    return error("no input is named");
  InputShape result;
  result.input = name.str();
  llvm::SmallVector<StringRef> parts;
  sizes.split(parts, 'x');
  for (StringRef part : parts) {
    auto [low, high] = part.split("..");
    bool isRange = part.contains("..");
    int64_t least, most;
    if (!readSize(low, least) || !readSize(isRange ? high : low, most))
      return error("'" + part + "' is not a positive size" +
                   (isRange ? " or range of such" : ""));
    if (most < least)
      return error("the range '" + part + "' is empty");
    result.least.push_back(least);
    result.dimensions.push_back(most);
  }
  if (result.least == result.dimensions)
    result.least.clear();
  return result;
}

std::string edgec::makeIdentifier(StringRef name) {
  std::string result;
  for (char c : name)
    result += llvm::isAlnum(c) ? c : '_';
  if (result.empty() || llvm::isDigit(result.front()))
    result = "model_" + result;
  return result;
}

static std::string nameFor(StringRef path, const ImportOptions &options) {
  if (!options.modelName.empty())
    return makeIdentifier(options.modelName);
  return path == "-" ? "model" : makeIdentifier(llvm::sys::path::stem(path));
}

/// Text has no control characters but white space; the start tells enough.
static bool isText(StringRef bytes) {
  return llvm::none_of(bytes.take_front(4096), [](char c) {
    auto code = static_cast<unsigned char>(c);
    return (code < 32 && !llvm::isSpace(c)) || code == 127;
  });
}

/// Imports a model whose shapes are all fixed.
static mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
importFixed(const MappedFile &file, StringRef path,
            const ImportOptions &options, mlir::MLIRContext &context) {
  StringRef bytes = file.bytes();
  if (bytes.size() >= 8 && bytes.substr(4, 4) == "TFL3")
    return tflite::importTflite(file, path, options, context);
  if (mlir::isBytecode(file.ref()) || isText(bytes))
    return importMlir(file, path, options, context);
  return onnx::importOnnx(file, path, options, context);
}

mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
edgec::importModel(StringRef path, const ImportOptions &options,
                   mlir::MLIRContext &context) {
  auto error = [&] {
    return mlir::emitError(mlir::FileLineColLoc::get(&context, path, 0, 0));
  };
  llvm::ErrorOr<MappedFile> file = MappedFile::open(path);
  if (!file)
    return error() << "cannot read the model: " << file.getError().message();
  StringRef bytes = file->bytes();
  if (bytes.empty())
    return error() << "the model is an empty file";
  if (bytes.starts_with("version https://git-lfs.github.com"))
    return error() << "this is a Git LFS pointer, not the model itself; fetch "
                      "it with 'git lfs pull'";
  auto shapes = expandRanges(options.shapes);
  if (!shapes)
    return error() << llvm::toString(shapes.takeError());
  ImportOptions named = options;
  named.modelName = nameFor(path, options);
  named.shapes = shapes->front();
  auto model = importFixed(*file, path, named, context);
  if (failed(model))
    return model;
  // The graph stage folds weights for each variant before it shares them.
  constexpr int64_t mostBytes = int64_t(4) << 30;
  if (shapes->size() > 1 &&
      constantBytes(**model) > mostBytes / int64_t(shapes->size())) {
    return error() << "the constants of " << shapes->size()
                   << " combinations of sizes would take more than "
                   << (mostBytes >> 20)
                   << " MB while the model is compiled; narrow the ranges of "
                      "-shape";
  }
  // The operators have been told once.
  named.onOperator = nullptr;
  for (auto [index, sizes] : llvm::enumerate(llvm::drop_begin(*shapes))) {
    named.shapes = sizes;
    QuietWarnings quiet(context);
    auto variant = importFixed(*file, path, named, context);
    if (failed(variant)) {
      return error() << "the model cannot be compiled with "
                     << describeShapes(sizes)
                     << "; leave these sizes out of the ranges";
    }
    if (failed(addVariant(**model, **variant, index + 1, sizes)))
      return failure();
  }
  return model;
}
