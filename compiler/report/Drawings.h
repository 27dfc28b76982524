//===- Drawings.h - the drawings of a report -------------------*- C++ -*-===//
//
// Each writes one <svg>, or nothing where there is nothing to show. Names of
// models are hostile input: all text goes through escaped().
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_REPORT_DRAWINGS_H
#define EDGEC_COMPILER_REPORT_DRAWINGS_H

#include "compiler/report/Report.h"
#include "llvm/Support/raw_ostream.h"

namespace edgec {

/// Text as it stands in HTML, in elements and in attributes: markup, bytes that
/// are no UTF-8 and control characters lose their meaning.
std::string escaped(llvm::StringRef text);
/// At most so many characters, the middle left out.
std::string shortened(llvm::StringRef text, size_t length);
/// The class of a processor's colour.
std::string colourOf(unsigned processor);
/// "12.3 KB"
std::string describeBytes(double bytes);

/// The kernels below what they read, coloured by processor, with their regions.
void drawGraph(llvm::raw_ostream &stream, const Report &report);
/// A line for each processor, along the time of a run.
void drawTimeline(llvm::raw_ostream &stream, const Report &report);
/// What lies where in the arena, along the steps of the program.
void drawArena(llvm::raw_ostream &stream, const Report &report);
/// What lies where in an accelerator's memory, and what its units do.
void drawJob(llvm::raw_ostream &stream, const Report &report,
             const ReportJob &job);
/// Operations per second over operations per byte, below what the processor
/// could do.
void drawRoofline(llvm::raw_ostream &stream, const Report &report,
                  unsigned processor);

} // namespace edgec

#endif // EDGEC_COMPILER_REPORT_DRAWINGS_H
