//===- Placement.cpp - where each kernel runs, and why --------------------===//
//
// See Placement.h.
//
//===----------------------------------------------------------------------===//
#include "passes/place/Placement.h"

#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace edgec::place;
namespace json = llvm::json;

double Prediction::value(Objective objective) const {
  switch (objective) {
  case Objective::latency:
    return nanoseconds;
  case Objective::energy:
    return nanojoules;
  case Objective::edp:
    return nanoseconds * nanojoules;
  }
  llvm_unreachable("all objectives are covered");
}

llvm::StringRef edgec::place::objectiveName(Objective objective) {
  switch (objective) {
  case Objective::latency:
    return "latency";
  case Objective::energy:
    return "energy";
  case Objective::edp:
    return "edp";
  }
  llvm_unreachable("all objectives are covered");
}

/// Three digits and one of four units that are a thousand apart.
static std::string describe(double value, llvm::ArrayRef<const char *> units) {
  size_t unit = 0;
  while (std::abs(value) >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  int digits = std::abs(value) >= 99.95 ? 0 : std::abs(value) >= 9.995 ? 1 : 2;
  std::string text = digits == 0   ? llvm::formatv("{0:f0}", value).str()
                     : digits == 1 ? llvm::formatv("{0:f1}", value).str()
                                   : llvm::formatv("{0:f2}", value).str();
  return text + " " + units[unit];
}

std::string edgec::place::describeTime(double nanoseconds) {
  return describe(nanoseconds, {"ns", "us", "ms", "s"});
}

std::string edgec::place::describeEnergy(double nanojoules) {
  return describe(nanojoules, {"nJ", "uJ", "mJ", "J"});
}

/// The names of a model may be any bytes.
static json::Value text(llvm::StringRef bytes) { return json::fixUTF8(bytes); }

static json::Object jsonOf(const Prediction &prediction) {
  return json::Object{{"nanoseconds", prediction.nanoseconds},
                      {"nanojoules", prediction.nanojoules}};
}

static json::Object jsonOf(const Cost &cost) {
  return json::Object{{"nanoseconds", cost.nanoseconds},
                      {"nanojoules", cost.nanojoules},
                      {"memory_bytes", cost.memoryBytes}};
}

json::Value Placement::json() const {
  json::Array kernelList, workList;
  for (const KernelPlacement &kernel : kernels) {
    json::Array nodes;
    for (const std::string &node : kernel.nodes)
      nodes.push_back(text(node));
    json::Object options;
    for (auto [processor, option] :
         llvm::zip_equal(processors, kernel.options)) {
      options[processor] =
          option.isPossible() ? jsonOf(option.cost)
                              : json::Object{{"refusal", text(option.refusal)}};
    }
    json::Object entry{{"kernel", text(kernel.kernel)},
                       {"nodes", std::move(nodes)},
                       {"producers", json::Array(kernel.producers)},
                       {"operations", kernel.operations},
                       {"tensor_bytes", kernel.tensorBytes},
                       {"processor", processors[kernel.processor]},
                       {"options", std::move(options)},
                       {"reason", text(kernel.reason)}};
    if (kernel.region)
      entry["region"] = *kernel.region;
    kernelList.push_back(std::move(entry));
  }
  for (const PlacedWork &work : timeline) {
    json::Object entry{{"processor", processors[work.processor]},
                       {"kernels", json::Array(work.kernels)},
                       {"begin_nanoseconds", work.beginNanoseconds},
                       {"end_nanoseconds", work.endNanoseconds},
                       {"cost", jsonOf(work.cost)}};
    if (work.region)
      entry["region"] = *work.region;
    workList.push_back(std::move(entry));
  }
  return json::Object{{"function", text(function)},
                      {"objective", objectiveName(objective)},
                      {"processors", json::Array(processors)},
                      {"kernels", std::move(kernelList)},
                      {"timeline", std::move(workList)},
                      {"placed", jsonOf(placed)},
                      {"cpu_alone", jsonOf(onHost)},
                      {"all_supported_on_accelerators", jsonOf(onDevices)}};
}
