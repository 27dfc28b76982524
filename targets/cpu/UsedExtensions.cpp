//===- UsedExtensions.cpp - what the kernels themselves ask for -----------===//
#include "targets/cpu/UsedExtensions.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using llvm::StringRef;

namespace {
/// An extension and the beginning of its intrinsics' names.
struct ChosenExtension {
  StringRef name;
  StringRef intrinsic;
};
} // namespace

static constexpr ChosenExtension chosen[] = {
    {"amx-tile", "llvm.x86.ldtilecfg"},
    {"amx-int8", "llvm.x86.tdpbusd"},
    {"amx-int8", "llvm.x86.tdpbssd"},
    {"amx-bf16", "llvm.x86.tdpbf16ps"},
};

void edgec::removeUnusedExtensions(ModuleOp module,
                                   std::vector<std::string> &extensions) {
  llvm::StringSet<> used;
  module.walk([&](LLVM::CallIntrinsicOp call) {
    for (const ChosenExtension &extension : chosen)
      if (call.getIntrin() == extension.intrinsic)
        used.insert(extension.name);
  });
  llvm::erase_if(extensions, [&](const std::string &name) {
    return llvm::any_of(chosen,
                        [&](const ChosenExtension &extension) {
                          return extension.name == name;
                        }) &&
           !used.contains(name);
  });
}
