//===- Check.cpp - what of a model a target supports ----------------------===//
//
// The doors name every operator with its place before they import it; a problem
// belongs to the operator at whose place it was reported.
//
//===----------------------------------------------------------------------===//
#include "compiler/Check.h"
#include "llvm/Support/FormatVariadic.h"
#include <map>

using namespace edgec;

bool CheckReport::isSupported() const {
  return others.empty() &&
         llvm::all_of(operators, [](const OperatorSupport &support) {
           return support.problems.empty();
         });
}

/// "error: Conv: the reason\n..." without what the table says already.
static std::string reasonOf(const OperatorSupport &support) {
  llvm::StringRef reason = support.problems.front().text;
  reason.consume_front("error: ");
  if (reason.consume_front(support.name))
    reason.consume_front(": ");
  return reason.split('\n').first.str();
}

void CheckReport::print(llvm::raw_ostream &stream) const {
  size_t width = llvm::StringRef("operator").size();
  for (const OperatorSupport &support : operators)
    width = std::max(width, support.name.size());
  auto row = [&](llvm::StringRef name, llvm::StringRef nodes,
                 llvm::StringRef verdict) {
    stream << name << std::string(width - name.size() + 2, ' ')
           << llvm::formatv("{0,5}  {1}\n", nodes, verdict);
  };
  unsigned refused = others.size();
  row("operator", "nodes", "supported");
  for (const OperatorSupport &support : operators) {
    std::string verdict = "yes";
    if (!support.problems.empty()) {
      verdict = llvm::formatv("no ({0} of {1}): {2}", support.problems.size(),
                              support.nodes, reasonOf(support));
      refused += support.problems.size();
    }
    row(support.name, std::to_string(support.nodes), verdict);
  }
  if (refused == 0) {
    stream << "the model can be compiled\n";
    return;
  }
  stream << "\n"
         << refused << (refused == 1 ? " problem" : " problems")
         << "; nodes that depend on these were not looked at:\n";
  for (const OperatorSupport &support : operators)
    for (const CompileProblem &problem : support.problems)
      stream << problem.where << problem.text << "\n";
  for (const CompileProblem &problem : others)
    stream << problem.where << problem.text << "\n";
}

/// Sorts a compilation's problems to the operators where they lie.
static void addProblems(CheckReport &report,
                        llvm::ArrayRef<CompileProblem> problems,
                        const llvm::StringMap<std::string> &operatorAt) {
  for (const CompileProblem &problem : problems) {
    auto found = operatorAt.find(problem.where);
    auto support =
        found == operatorAt.end()
            ? report.operators.end()
            : llvm::find_if(report.operators, [&](const OperatorSupport &s) {
                return s.name == found->getValue();
              });
    if (support == report.operators.end())
      report.others.push_back(problem);
    else
      support->problems.push_back(problem);
  }
}

llvm::Expected<CheckReport> edgec::check(const Source &source,
                                         CompileOptions options) {
  std::map<std::string, unsigned> nodes;
  llvm::StringMap<std::string> operatorAt;
  options.import.onOperator = [&](llvm::StringRef op, mlir::Location where) {
    ++nodes[op.str()];
    operatorAt.try_emplace(describeLocation(where, source.path), op.str());
  };
  // Kernels are the last that an operator can fail at.
  options.emit = Emit::MLIR;
  options.stopAfter = Stage::Kernel;
  llvm::Expected<Artifact> artifact = compile(source, options);

  CheckReport report;
  for (const auto &[name, count] : nodes)
    report.operators.push_back({name, count, {}});
  if (artifact)
    return report;
  llvm::Error unhandled = llvm::handleErrors(
      artifact.takeError(),
      [&](std::unique_ptr<CompileError> error) -> llvm::Error {
        if (error->kind == CompileError::Kind::Options)
          return llvm::Error(std::move(error));
        addProblems(report, error->problems, operatorAt);
        // Never a clean bill for a model that failed.
        if (error->problems.empty())
          report.others.push_back({"", error->message});
        return llvm::Error::success();
      });
  if (unhandled)
    return std::move(unhandled);
  return report;
}
