//===- Check.h - what of a model a target supports -------------*- C++ -*-===//
//
// For `edgec -check`: goes through a model as far as the choice of kernels and
// reports per operator what was found, without generating code.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_CHECK_H
#define EDGEC_COMPILER_CHECK_H

#include "compiler/Compiler.h"

namespace edgec {

/// All nodes of one operator.
struct OperatorSupport {
  /// As the model calls it: "Conv", "com.microsoft.Gelu", "tosa.conv2d".
  std::string name;
  unsigned nodes = 0;
  /// Those of the nodes that cannot be compiled, each with its reason.
  std::vector<CompileProblem> problems;
};

struct CheckReport {
  /// Ordered by name.
  std::vector<OperatorSupport> operators;
  /// Problems of no operator: the file, an input, an option's value.
  std::vector<CompileProblem> others;

  bool isSupported() const;
  /// A table, then the problems in full.
  void print(llvm::raw_ostream &stream) const;
};

/// Checks `source` for the machine that the options name. The error is a
/// CompileError for wrong options; a model's problems stand in the report.
llvm::Expected<CheckReport> check(const Source &source, CompileOptions options);

} // namespace edgec

#endif // EDGEC_COMPILER_CHECK_H
