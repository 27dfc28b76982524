//===- Backend.cpp - the registry of backends -----------------------------===//
//
// Finds a kind of accelerator by its name or by that of one of its devices.
//
//===----------------------------------------------------------------------===//
#include "passes/place/Backend.h"

#include "llvm/ADT/STLExtras.h"

using namespace edgec::place;

llvm::Error BackendRegistry::add(BackendKind kind) {
  if (find(kind.kind))
    return llvm::createStringError("there is a backend '" + kind.kind +
                                   "' already");
  for (const std::string &device : kind.devices) {
    if (find(device))
      return llvm::createStringError("there is a device '" + device +
                                     "' already");
  }
  all.push_back(std::move(kind));
  return llvm::Error::success();
}

const BackendKind *BackendRegistry::find(llvm::StringRef name) const {
  for (const BackendKind &kind : all) {
    if (kind.kind == name || llvm::is_contained(kind.devices, name))
      return &kind;
  }
  return nullptr;
}
