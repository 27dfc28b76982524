//===- Comparison.h - how far a result may be off --------------*- C++ -*-===//
#ifndef EDGEC_TEST_KERNEL_COMPARISON_H
#define EDGEC_TEST_KERNEL_COMPARISON_H

#include "test/kernel/GraphWriter.h"

namespace edgec::test {

/// What is wrong with `actual`, or nothing. NaN must be NaN, and an expected
/// number outside float's range must be an infinity.
std::optional<std::string> findMismatch(const evaluator::HostTensor &expected,
                                        const evaluator::HostTensor &actual,
                                        const Tolerance &tolerance);

} // namespace edgec::test

#endif // EDGEC_TEST_KERNEL_COMPARISON_H
