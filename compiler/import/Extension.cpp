//===- Extension.cpp - operators that others bring to the doors -----------===//
//
// See Extension.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Extension.h"
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/tflite/Operators.h"
#include "dialects/edge/Custom.h"
#include "llvm/Support/DynamicLibrary.h"

using namespace edgec;
using llvm::StringRef;

void ImportExtensions::addOnnx(StringRef domain,
                               llvm::ArrayRef<onnx::Operator> rows) {
  for (const onnx::Operator &row : rows)
    onnx[{domain.str(), row.name.str()}] = &row;
}

void ImportExtensions::addTflite(llvm::ArrayRef<tflite::CustomOperator> rows) {
  for (const tflite::CustomOperator &row : rows)
    tflite[row.name] = &row;
}

void ImportExtensions::addFunction(StringRef operatorName, StringRef symbol) {
  functions[operatorName] = symbol.str();
}

const onnx::Operator *ImportExtensions::findOnnx(StringRef domain,
                                                 StringRef name) const {
  auto found = onnx.find({domain.str(), name.str()});
  return found == onnx.end() ? nullptr : found->second;
}

const tflite::CustomOperator *
ImportExtensions::findTflite(StringRef name) const {
  return tflite.lookup(name);
}

StringRef ImportExtensions::findFunction(StringRef operatorName) const {
  auto found = functions.find(operatorName);
  return found == functions.end() ? StringRef() : found->getValue();
}

llvm::Error edgec::addFunction(ImportExtensions &extensions, StringRef text) {
  auto [name, symbol] = text.rsplit('=');
  if (name.empty() || !edge::isCIdentifier(symbol)) {
    return llvm::createStringError("-custom-operator=" + text +
                                   ": write -custom-operator=OPERATOR=SYMBOL, "
                                   "SYMBOL being the name of a C function");
  }
  extensions.addFunction(name, symbol);
  return llvm::Error::success();
}

llvm::Error edgec::loadExtension(ImportExtensions &extensions, StringRef path) {
  auto failure = [&](const llvm::Twine &reason) {
    return llvm::createStringError("-load-extension=" + path + ": " + reason);
  };
  std::string fault;
  // A name without a slash would be looked for in the system's folders.
  std::string file = path.contains('/') ? path.str() : ("./" + path).str();
  auto library =
      llvm::sys::DynamicLibrary::getPermanentLibrary(file.c_str(), &fault);
  if (!library.isValid())
    return failure(fault);
  using Register = const char *(*)(ImportExtensions &);
  auto *function = reinterpret_cast<Register>(
      library.getAddressOfSymbol("edgec_register_extension"));
  if (!function)
    return failure("it exports no edgec_register_extension; see "
                   "compiler/import/Extension.h");
  StringRef version = function(extensions);
  if (version != EDGEC_EXTENSION_VERSION)
    return failure("it was built for " + version + ", this is " +
                   EDGEC_EXTENSION_VERSION + "; build it again");
  return llvm::Error::success();
}
