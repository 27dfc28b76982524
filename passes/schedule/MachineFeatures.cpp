//===- MachineFeatures.cpp - what a machine's features say ----------------===//
#include "passes/schedule/MachineFeatures.h"

using namespace edgec;

bool schedule::hasFeature(MachineAttr machine, llvm::StringRef name) {
  llvm::SmallVector<llvm::StringRef> features;
  machine.getFeatures().split(features, ',', -1, /*KeepEmpty=*/false);
  bool found = false;
  for (llvm::StringRef feature : features)
    if (feature.drop_front() == name)
      found = feature.front() == '+';
  return found;
}
