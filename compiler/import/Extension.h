//===- Extension.h - operators that others bring to the doors --*- C++ -*-===//
//
// Two ways to teach a front door an operator without touching our files:
//
//   a C function    edgec -custom-operator=com.example.Median3=median3
//                   -link=median3.o (edge_custom_function in edge/model.h)
//   a library       edgec -load-extension=./libexample.so, which exports
//
//     extern "C" const char *edgec_register_extension(
//         edgec::ImportExtensions &extensions) {
//       extensions.addOnnx("com.example", rows);
//       extensions.addTflite(customRows);
//       return EDGEC_EXTENSION_VERSION;
//     }
//
//                   The rows are as those of our own tables; importers build
//                   edge operators.
//
// Programs that embed the compiler fill an ImportExtensions themselves.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_EXTENSION_H
#define EDGEC_COMPILER_IMPORT_EXTENSION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <map>
#include <string>

namespace edgec {

namespace onnx {
struct Operator;
} // namespace onnx
namespace tflite {
struct CustomOperator;
} // namespace tflite

/// Changes whenever a library built before must be built again.
#define EDGEC_EXTENSION_VERSION "edgec-extension-2"

class ImportExtensions {
public:
  /// Operators of an ONNX domain. The rows must live as long as this; their
  /// versions count in the domain's own operator set. They come after the rows
  /// of our tables: what we support stays as it is.
  void addOnnx(llvm::StringRef domain, llvm::ArrayRef<onnx::Operator> rows);

  /// Custom operators of TFLite, told by their name; likewise.
  void addTflite(llvm::ArrayRef<tflite::CustomOperator> rows);

  /// Lets the C function `symbol` compute an operator: "com.example.Median3" of
  /// ONNX, "Median3" of a TFLite custom operator. It comes before all tables.
  void addFunction(llvm::StringRef operatorName, llvm::StringRef symbol);

  const onnx::Operator *findOnnx(llvm::StringRef domain,
                                 llvm::StringRef name) const;
  const tflite::CustomOperator *findTflite(llvm::StringRef name) const;
  /// The C function for an operator; empty if there is none.
  llvm::StringRef findFunction(llvm::StringRef operatorName) const;

private:
  std::map<std::pair<std::string, std::string>, const onnx::Operator *> onnx;
  llvm::StringMap<const tflite::CustomOperator *> tflite;
  llvm::StringMap<std::string> functions;
};

/// Reads "NAME=SYMBOL", as -custom-operator gives it.
llvm::Error addFunction(ImportExtensions &extensions, llvm::StringRef text);

/// Loads a library and lets it register its operators. It stays loaded.
llvm::Error loadExtension(ImportExtensions &extensions, llvm::StringRef path);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_EXTENSION_H
