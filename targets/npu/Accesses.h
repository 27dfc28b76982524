//===- Accesses.h - what memory a command touches --------------*- C++ -*-===//
//
// The SRAM and buffer bytes of one command as spans, as exact as rows: two
// commands whose spans share no line may run in any order.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_ACCESSES_H
#define EDGEC_TARGETS_NPU_ACCESSES_H

#include "targets/npu/Command.h"

namespace edgec::npu {

/// Bytes [first, last) of SRAM (buffer -1) or of a buffer.
struct Span {
  int64_t buffer = -1, first = 0, last = 0;
  bool isWrite = false;
};

void findAccesses(const Command &command, llvm::SmallVectorImpl<Span> &spans);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_ACCESSES_H
