//===- PlaceCommandLine.cpp - options of placement and reports ------------===//
//
// See PlaceCommandLine.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/tools/PlaceCommandLine.h"

#include "compiler/artifact/ArtifactWriter.h"
#include "compiler/artifact/OutputFile.h"
#include "compiler/report/ReportPage.h"
#include "llvm/Support/FormatVariadic.h"

using namespace edgec;
using place::Objective;
namespace cl = llvm::cl;

PlaceCommandLine::PlaceCommandLine(cl::OptionCategory &category)
    : objective("objective", cl::desc("what accelerators are used for:"),
                cl::init(Objective::latency),
                cl::values(clEnumValN(Objective::latency, "latency",
                                      "the least time of a run (default)"),
                           clEnumValN(Objective::energy, "energy",
                                      "the least energy of a run"),
                           clEnumValN(Objective::edp, "edp",
                                      "the least product of time and energy")),
                cl::cat(category)),
      overrides("place",
                cl::desc("where nodes run: {\"node name or pattern\": "
                         "\"processor\", ...}"),
                cl::value_desc("FILE.json"), cl::cat(category)),
      placement("placement-output",
                cl::desc("write where each kernel runs, and why, as JSON"),
                cl::value_desc("FILE.json"), cl::cat(category)),
      reports("report",
              cl::desc("write a page on placement, memory, time and energy; or "
                       "what it is made from as JSON (repeatable)"),
              cl::value_desc("FILE.html|FILE.json"), cl::cat(category)) {}

llvm::Error PlaceCommandLine::checkFiles() const {
  for (const std::string &path : reports) {
    if (!llvm::StringRef(path).ends_with(".html") &&
        !llvm::StringRef(path).ends_with(".json"))
      return llvm::createStringError("-report=" + path +
                                     " ends neither in .html nor in .json");
    if (llvm::Error error = checkWritable(path))
      return error;
  }
  return placement.empty() ? llvm::Error::success() : checkWritable(placement);
}

llvm::Error PlaceCommandLine::read(CompileOptions &options) {
  if (options.accelerators.empty()) {
    for (const cl::Option *option :
         std::initializer_list<const cl::Option *>{&objective, &overrides}) {
      if (option->getNumOccurrences() > 0) {
        return llvm::createStringError(
            "-" + option->ArgStr +
            " is for models with an accelerator; name one, as in "
            "-target=aarch64,npu");
      }
    }
  }
  options.stages.place.objective = objective;
  options.stages.place.overrides = overrides;
  if (llvm::Error error = checkFiles())
    return error;
  if (!reports.empty() || !placement.empty())
    collector.listen(options);
  return llvm::Error::success();
}

static std::string printed(const llvm::json::Value &value) {
  return llvm::formatv("{0:2}\n", value).str();
}

llvm::Error PlaceCommandLine::write() const {
  const Report &report = collector.report();
  if (!placement.empty()) {
    if (llvm::Error error =
            writeText(printed(report.placement.json()), placement))
      return error;
  }
  for (const std::string &path : reports) {
    bool isPage = llvm::StringRef(path).ends_with(".html");
    if (llvm::Error error = writeText(
            isPage ? writeReportPage(report) : printed(report.json()), path))
      return error;
  }
  return llvm::Error::success();
}
