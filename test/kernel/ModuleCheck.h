//===- ModuleCheck.h - compiled code against the evaluator -----*- C++ -*-===//
#ifndef EDGEC_TEST_KERNEL_MODULECHECK_H
#define EDGEC_TEST_KERNEL_MODULECHECK_H

#include "test/kernel/Cases.h"
#include "test/kernel/Execution.h"
#include "gtest/gtest.h"

namespace edgec::test {

/// Compiles all cases as one module for `target`, runs it everywhere the target
/// says and compares every output with the evaluator's. Failures name the case
/// and a file with its IR. Skips the test if nothing can run here.
void checkCases(const Target &target, std::vector<Case> cases);

} // namespace edgec::test

#endif // EDGEC_TEST_KERNEL_MODULECHECK_H
