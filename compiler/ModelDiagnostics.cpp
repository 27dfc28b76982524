//===- ModelDiagnostics.cpp - what MLIR says, at the model's places -------===//
//
// See ModelDiagnostics.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/ModelDiagnostics.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/Remarks.h"

using namespace edgec;
using namespace mlir;

std::string edgec::describeLocation(Location location, llvm::StringRef path) {
  std::string file, node;
  location->walk([&](Location part) {
    auto position = dyn_cast<FileLineColLoc>(part);
    auto name = dyn_cast<NameLoc>(part);
    if (position && file.empty()) {
      file = position.getFilename().str();
      if (position.getLine() > 0)
        file += ":" + std::to_string(position.getLine()) + ":" +
                std::to_string(position.getColumn());
    }
    if (name && node.empty())
      node = name.getName().str();
    return WalkResult::advance();
  });
  if (file.empty())
    file = path == "-" ? "<stdin>" : path.str();
  return file + ": " + (node.empty() ? "" : "node '" + node + "': ");
}

namespace {
/// Hands remarks to a callback. Owned by the context's remark engine.
class RemarkListener : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit RemarkListener(std::function<void(llvm::StringRef)> say)
      : say(std::move(say)) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    std::string text;
    for (const auto &argument : remark.getArgs())
      text += argument.val;
    say(text);
  }

private:
  std::function<void(llvm::StringRef)> say;
};
} // namespace

static void listenToRemarks(MLIRContext &context,
                            std::function<void(llvm::StringRef)> say) {
  remark::RemarkCategories every;
  every.all = every.passed = every.missed = every.analysis = every.failed =
      ".*";
  // It fails only for streamers that open files.
  (void)remark::enableOptimizationRemarks(
      context, std::make_unique<RemarkListener>(std::move(say)),
      std::make_unique<remark::RemarkEmittingPolicyAll>(), every);
}

ModelDiagnostics::ModelDiagnostics(MLIRContext &context, llvm::StringRef path,
                                   const CompileOptions &options)
    : path(path.str()), options(options),
      handler(&context, [this](Diagnostic &diagnostic) {
        receive(diagnostic);
        return success();
      }) {
  if (options.onRemark)
    listenToRemarks(context, options.onRemark);
}

void ModelDiagnostics::receive(Diagnostic &diagnostic) {
  bool isError = diagnostic.getSeverity() == DiagnosticSeverity::Error;
  if (!isError && (diagnostic.getSeverity() != DiagnosticSeverity::Warning ||
                   !options.onWarning))
    return;
  CompileProblem problem{describeLocation(diagnostic.getLocation(), path),
                         (isError ? "error: " : "warning: ") +
                             diagnostic.str()};
  for (Diagnostic &note : diagnostic.getNotes())
    problem.text += "\n" + describeLocation(note.getLocation(), path) +
                    "note: " + note.str();
  if (isError)
    errors.push_back(std::move(problem));
  else
    options.onWarning(problem.where + problem.text);
}
