//===- Import.cpp - which door a file goes through ------------------------===//
//
// Formats are told by content: FlatBuffers carry "TFL3" in bytes 4 to 7, MLIR
// bytecode begins with its magic, text holds no control characters, and what
// remains is read as protobuf, which has no magic.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Import.h"
#include "compiler/import/MappedFile.h"
#include "compiler/import/mlir/MlirImport.h"
#include "compiler/import/onnx/OnnxImport.h"
#include "compiler/import/tflite/TfliteImport.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Path.h"

using namespace edgec;
using llvm::StringRef;

llvm::Expected<InputShape> edgec::parseInputShape(StringRef text) {
  auto error = [&](const llvm::Twine &reason) {
    return llvm::createStringError("-shape=" + text + ": " + reason +
                                   "; write -shape=INPUT=1x3x224x224");
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
    int64_t size;
    if (part.getAsInteger(10, size) || size < 1 || size > INT32_MAX)
      return error("'" + part + "' is not a positive size");
    result.dimensions.push_back(size);
  }
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
  ImportOptions named = options;
  named.modelName = nameFor(path, options);
  if (bytes.size() >= 8 && bytes.substr(4, 4) == "TFL3")
    return tflite::importTflite(*file, path, named, context);
  if (bytes.starts_with("version https://git-lfs.github.com"))
    return error() << "this is a Git LFS pointer, not the model itself; fetch "
                      "it with 'git lfs pull'";
  if (mlir::isBytecode(file->ref()) || isText(bytes))
    return importMlir(*file, path, named, context);
  return onnx::importOnnx(*file, path, named, context);
}
