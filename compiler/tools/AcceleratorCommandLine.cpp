//===- AcceleratorCommandLine.cpp - edgec's accelerators ------------------===//
//
// See AcceleratorCommandLine.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/tools/AcceleratorCommandLine.h"

#include "compiler/Accelerators.h"
#include "llvm/ADT/StringExtras.h"

using namespace edgec;
namespace cl = llvm::cl;

AcceleratorCommandLine::AcceleratorCommandLine(cl::OptionCategory &category)
    : libraries("load-backend",
                cl::desc("a library that brings accelerators (repeatable)"),
                cl::value_desc("FILE.so"), cl::cat(category)),
      fallback("fallback",
               cl::desc("what a run does when an accelerator fails:"),
               cl::init(Fallback::none),
               cl::values(clEnumValN(Fallback::none, "none",
                                     "it ends with an error (default)"),
                          clEnumValN(Fallback::cpu, "cpu",
                                     "it can start again on the processor, for "
                                     "which the artifact holds the model too")),
               cl::cat(category)),
      alternatives(
          "alternative",
          cl::desc("another model of the same interface in the artifact, from "
                   "which a run can choose; without a file the model before "
                   "-quantize (repeatable)"),
          cl::value_desc("LABEL[=FILE]"), cl::cat(category)) {}

llvm::Expected<std::shared_ptr<const place::BackendRegistry>>
AcceleratorCommandLine::registry() {
  auto registry = std::make_shared<place::BackendRegistry>(builtinBackends());
  for (const std::string &library : libraries) {
    if (llvm::Error error = loadBackends(library, *registry))
      return std::move(error);
  }
  return registry;
}

llvm::Error AcceleratorCommandLine::read(llvm::StringRef targets,
                                         CompileOptions &options) {
  auto kinds = registry();
  if (!kinds)
    return kinds.takeError();
  options.backends = *kinds;
  llvm::SmallVector<llvm::StringRef> names;
  targets.split(names, ',');
  // The processor stands anywhere; without one it is this machine.
  options.machine.target = "host";
  bool hasProcessor = false;
  for (llvm::StringRef name : names) {
    if (name.ends_with(".json") || (*kinds)->find(name)) {
      options.accelerators.push_back(name.str());
      continue;
    }
    if (hasProcessor) {
      return llvm::createStringError(
          "-target=" + targets + " names two processors, '" +
          options.machine.target + "' and '" + name +
          "'; beside one there can be accelerators (-list-targets)");
    }
    options.machine.target = name.str();
    hasProcessor = true;
  }
  for (llvm::StringRef text : alternatives) {
    auto [label, path] = text.split('=');
    options.alternatives.push_back({label.str(), path.str()});
  }
  options.cpuAlternative = fallback == Fallback::cpu;
  if (options.cpuAlternative && options.accelerators.empty()) {
    return llvm::createStringError(
        "-fallback=cpu is for models with an accelerator; name one, as in "
        "-target=aarch64,npu");
  }
  return llvm::Error::success();
}

llvm::Expected<std::vector<std::pair<std::string, std::string>>>
AcceleratorCommandLine::list() {
  auto kinds = registry();
  if (!kinds)
    return kinds.takeError();
  std::vector<std::pair<std::string, std::string>> lines;
  for (const place::BackendKind &kind : (*kinds)->kinds()) {
    std::string devices =
        kind.devices.empty() ? "" : ": " + llvm::join(kind.devices, ", ");
    lines.emplace_back(kind.kind, kind.summary + devices);
  }
  return lines;
}
