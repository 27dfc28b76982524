//===- RandomGraph.h - graphs that nobody thought of -----------*- C++ -*-===//
#ifndef EDGEC_TEST_KERNEL_RANDOMGRAPH_H
#define EDGEC_TEST_KERNEL_RANDOMGRAPH_H

#include "test/kernel/Cases.h"

namespace edgec::test {

/// A graph of about `operators` operators on small images: a directed acyclic
/// graph in which any earlier value may be used again. The same seed gives the
/// same graph.
Case randomGraph(uint64_t seed, int64_t operators);

} // namespace edgec::test

#endif // EDGEC_TEST_KERNEL_RANDOMGRAPH_H
