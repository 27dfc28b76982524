//===- EmbeddedMachines.cpp - the machine files within the compiler -------===//
//
// The build turns every JSON file of this folder into one row of this table
// (EmbedMachines.cmake), sorted by name.
//
//===----------------------------------------------------------------------===//
#include "targets/machines/Machine.h"

using namespace edgec;

static constexpr EmbeddedMachine table[] = {
#include "targets/machines/Machines.inc"
};

llvm::ArrayRef<EmbeddedMachine> edgec::embeddedMachines() { return table; }

const EmbeddedMachine *edgec::findEmbeddedMachine(llvm::StringRef name) {
  for (const EmbeddedMachine &machine : table)
    if (machine.name == name)
      return &machine;
  return nullptr;
}
