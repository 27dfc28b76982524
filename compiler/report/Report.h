//===- Report.h - what there is to know of a compiled model ----*- C++ -*-===//
//
// Where each kernel runs, when, with how much memory, and what the processors
// could do at best. Collected while a model is compiled (CollectReport.h),
// written as JSON and as a page for people (ReportPage.h). All times and
// energies are predictions.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_REPORT_REPORT_H
#define EDGEC_COMPILER_REPORT_REPORT_H

#include "passes/place/Placement.h"

namespace edgec {

/// A processor and what it does in one run.
struct ReportProcessor {
  /// As Placement::processors has it.
  std::string name;
  /// The machine's own name.
  std::string machine;
  double clockHertz = 0;
  /// At best, on integers of 8 bits and on floats of 32; 0: cannot.
  double integerOperationsPerSecond = 0, floatOperationsPerSecond = 0;
  double memoryBytesPerSecond = 0;
  /// Memory of its own, or the largest cache.
  int64_t localBytes = 0;

  double busyNanoseconds = 0, nanojoules = 0, memoryBytes = 0;
  int64_t operations = 0;
  unsigned kernels = 0, submissions = 0;
};

/// A step of the host's program.
struct ReportStep {
  std::string name;
  /// The model's nodes in it.
  std::string layers;
  /// Index into Report::processors.
  unsigned processor = 0;
  double nanoseconds = 0;
  int64_t operations = 0;
  /// Least traffic with memory.
  int64_t bytes = 0;
  bool isWait = false;
};

/// What lies in the arena, from a step to another one.
struct ReportBuffer {
  std::string name;
  int64_t offsetBytes = 0, sizeBytes = 0;
  unsigned firstStep = 0, lastStep = 0;
  /// Of the step that writes it.
  unsigned processor = 0;
};

struct ReportMemory {
  int64_t arenaBytes = 0, liveBytes = 0, weightsBytes = 0;
  std::vector<ReportBuffer> buffers;
};

/// A command of an accelerator's program, when it is predicted to run.
struct ReportCommand {
  std::string unit, name, layer;
  double beginNanoseconds = 0, endNanoseconds = 0;
  double memoryBytes = 0;
  int64_t macs = 0;
};

/// What lies in an accelerator's own memory.
struct ReportLocalBuffer {
  std::string name;
  int64_t offsetBytes = 0, sizeBytes = 0;
  double beginNanoseconds = 0, endNanoseconds = 0;
};

/// One submission.
struct ReportJob {
  std::string name, layers;
  unsigned processor = 0;
  double nanoseconds = 0, nanojoules = 0;
  int64_t macs = 0, scratchBytes = 0;
  std::vector<ReportCommand> commands;
  std::vector<ReportLocalBuffer> localBuffers;
};

struct Report {
  std::string model;
  std::vector<ReportProcessor> processors;
  place::Placement placement;
  std::vector<ReportStep> steps;
  ReportMemory memory;
  std::vector<ReportJob> jobs;

  llvm::json::Value json() const;
};

} // namespace edgec

#endif // EDGEC_COMPILER_REPORT_REPORT_H
