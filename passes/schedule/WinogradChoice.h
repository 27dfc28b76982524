//===- WinogradChoice.h - where Winograd's method is used ------*- C++ -*-===//
#ifndef EDGEC_PASSES_SCHEDULE_WINOGRADCHOICE_H
#define EDGEC_PASSES_SCHEDULE_WINOGRADCHOICE_H

namespace edgec::schedule {

/// Where 3x3 convolutions are computed by Winograd's method, in tiles of 2x2 or
/// 4x4 outputs: where the cost model says so, nowhere, or wherever they suit.
enum class WinogradChoice { automatic, off, tile2, tile4 };

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_WINOGRADCHOICE_H
