//===- AssignLayouts.cpp - where each tensor lies in its buffer ----------===//
//
// A padded convolution reads zeros around its input. The kernel that produces
// the input writes it into a larger buffer at once (its halo), so that neither
// a padding copy nor border code is needed. See Passes.td for the contract.
//
//===----------------------------------------------------------------------===//
#include "passes/schedule/Passes.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_ASSIGNLAYOUTS
#include "passes/schedule/Passes.h.inc"

namespace {
struct AssignLayouts : impl::AssignLayoutsBase<AssignLayouts> {
  void runOnOperation() override {}
};
} // namespace
} // namespace edgec
