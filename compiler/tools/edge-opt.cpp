//===- edge-opt.cpp - runs single passes on a module ----------------------===//
//
// mlir-opt with the dialects and passes of EdgeC: what the tests of the passes
// use, and whoever wants to see what one pass does.
//
//===----------------------------------------------------------------------===//
#include "compiler/Pipeline.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  edgec::registerAllDialects(registry);
  edgec::registerAllPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "EdgeC's pass driver\n", registry));
}
