//===- CacheSets.h - lines that share a set of the near cache --*- C++ -*-===//
//
// A cache looks for a line in one set, which the line's address chooses: lines
// that lie a large power of two apart are all in the same one, and displace
// each other however empty the others are.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_SCHEDULE_CACHESETS_H
#define EDGEC_PASSES_SCHEDULE_CACHESETS_H

#include "dialects/schedule/Schedule.h"
#include <cstdint>

namespace edgec::schedule {

/// Bytes of a line, and from an address to the next one whose line is in the
/// same set of the first-level cache: 64 sets. Caches with more sets have fewer
/// lines in each and behave alike.
constexpr int64_t lineBytes = 64, wayBytes = 4096;

/// Lines in each set that is used by `lines` neighbouring lines of each of
/// `pixels` that follow each other every `pixelBytes`.
double linesPerSet(double pixels, double lines, int64_t pixelBytes);

/// Whether pixels that long are better a line further apart: they share so few
/// sets that a window of them misses, or a line of channels of every pixel has
/// an even number, or of every pixel an odd one, and half of a cache's banks
/// fetch them.
bool wantsRoom(int64_t pixelBytes);

/// Whether places so many bytes apart are in so few sets that a register
/// tile's, a line in each, displace each other and what passes by.
bool sharesFewSets(int64_t apart);

/// How many of the lines that a tile reads, one in each of `rows` * `columns`
/// places so many bytes apart, do not fit into their set.
int64_t conflictingLines(int64_t rows, int64_t columns, int64_t rowBytes,
                         int64_t columnBytes, MachineAttr machine);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_CACHESETS_H
