#include "passes/fuse/Passes.h"
namespace edgec {
#define GEN_PASS_DEF_FORMKERNELS
#include "passes/fuse/Passes.h.inc"
namespace {
struct FormKernels : impl::FormKernelsBase<FormKernels> {
  void runOnOperation() override {}
};
} // namespace
} // namespace edgec
