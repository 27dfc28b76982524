//===- stream_time.h - how fast memory is, measured ------------*- C++ -*-===//
#ifndef EDGEC_BENCH_STREAM_TIME_H
#define EDGEC_BENCH_STREAM_TIME_H

#include <cstddef>

namespace edgec {

/// Least seconds in which a loop with nothing else to do reads `readBytes` and
/// writes `writtenBytes`, of many passes over the same two buffers: they lie in
/// whatever cache holds both.
double streamSeconds(size_t readBytes, size_t writtenBytes);

} // namespace edgec

#endif // EDGEC_BENCH_STREAM_TIME_H
