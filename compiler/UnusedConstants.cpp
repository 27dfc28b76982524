//===- UnusedConstants.cpp - giving memory back ---------------------------===//
//
// A constant's handle stays valid: its blob becomes empty. Nobody can come by
// it again, for attributes are reached through operations only.
//
//===----------------------------------------------------------------------===//
#include "compiler/UnusedConstants.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringSet.h"

using namespace edgec;
using namespace mlir;

void edgec::releaseUnusedConstants(ArrayRef<ModuleOp> modules) {
  llvm::StringSet<> used;
  for (ModuleOp module : modules) {
    module.walk([&](Operation *op) {
      op->getAttrDictionary().walk([&](DenseResourceElementsAttr resource) {
        used.insert(resource.getRawHandle().getKey());
      });
    });
  }
  DialectResourceBlobManager &manager =
      DenseResourceElementsHandle::getManagerInterface(
          modules.front()->getContext())
          .getBlobManager();
  std::vector<std::string> unused;
  manager.getBlobMap(
      [&](const llvm::StringMap<DialectResourceBlobManager::BlobEntry> &blobs) {
        for (const auto &entry : blobs)
          if (entry.second.getBlob() && !used.contains(entry.first()))
            unused.push_back(entry.first().str());
      });
  for (const std::string &key : unused)
    manager.update(key, AsmResourceBlob());
}
