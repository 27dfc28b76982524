//===- Disassemble.h - command streams as text -----------------*- C++ -*-===//
//
// Prints a stream with one line per command, all fields by the names of the
// data sheet, and one line per micro-operation. A damaged stream is printed as
// far as it can be read. It needs the numbers of the specification only.
//
//       4  0x00ac  mac depthwise inputAddress=0x0 inputHeight=4 ...
//                    0  add r0 = r0, p1
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_DISASSEMBLE_H
#define EDGEC_TARGETS_NPU_DISASSEMBLE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdint>
#include <vector>

namespace edgec::npu {

/// A stream within a file.
struct StreamPlace {
  size_t offset, bytes;
};

/// The streams in an artifact, found by their headers and checksums at any
/// multiple of four bytes.
std::vector<StreamPlace> findStreams(llvm::ArrayRef<uint8_t> file);

/// Prints `stream`. The error says at which byte it cannot be read any further.
llvm::Error disassemble(llvm::ArrayRef<uint8_t> stream, llvm::raw_ostream &os);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_DISASSEMBLE_H
