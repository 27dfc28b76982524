//===- ModuleCheck.h - compiled code against the evaluator -----*- C++ -*-===//
#ifndef EDGEC_TEST_KERNEL_MODULECHECK_H
#define EDGEC_TEST_KERNEL_MODULECHECK_H

#include "test/kernel/Cases.h"
#include "test/kernel/Execution.h"
#include "gtest/gtest.h"

namespace edgec::test {

/// For models of f32 that were compiled for this precision; none for f32
/// itself. Random inputs and weights are rounded by 3e-4 of their norm to f16
/// and by 2e-3 to bf16, a result as much again, and sums of f16 add about 1e-3.
std::optional<Tolerance> toleranceOf(Precision precision);

/// Compiles all cases as one module for `target`, runs it everywhere the target
/// says and compares every output with the evaluator's, within the cases' own
/// tolerances or one for all, and the runs with each other, bit for bit.
/// Failures name the case and a file with its IR. Skips the test if nothing can
/// run here.
void checkCases(const Target &target, std::vector<Case> cases,
                std::optional<Tolerance> tolerance = std::nullopt);

} // namespace edgec::test

#endif // EDGEC_TEST_KERNEL_MODULECHECK_H
