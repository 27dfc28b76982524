//===- edge-eval.cpp - runs a module in the evaluator ---------------------===//
//
//     edge-eval MODEL.mlir -input=0=x.npy -output-dir=DIR
//
// The reference beside edge-run, with the same options and files: for a module
// of edge operators before or after the graph, fuse and schedule stages.
// (edgec -emit=mlir names large constants instead of writing them: use edge-opt
// to print a module with weights.)
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "targets/evaluator/Evaluator.h"
#include "targets/evaluator/NpyFile.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace edgec;
namespace cl = llvm::cl;

static int fail(const Twine &message, int code) {
  llvm::errs() << "edge-eval: " << message << "\n";
  return code;
}

/// The index of the input that `key` names, by number or by edge.name; -1 if
/// there is none.
static int64_t findInput(func::FuncOp model, StringRef key) {
  unsigned index;
  if (!key.getAsInteger(10, index))
    return index < model.getNumArguments() ? index : -1;
  for (unsigned i = 0; i < model.getNumArguments(); ++i) {
    auto name = model.getArgAttrOfType<StringAttr>(i, "edge.name");
    if (name && name.getValue() == key)
      return i;
  }
  return -1;
}

int main(int argc, char **argv) {
  cl::OptionCategory options("edge-eval options");
  cl::opt<std::string> file(cl::Positional, cl::Required,
                            cl::desc("MODEL.mlir"), cl::cat(options));
  cl::list<std::string> inputFiles("input", cl::desc("value of an input"),
                                   cl::value_desc("NAME_OR_INDEX=FILE.npy"),
                                   cl::cat(options));
  cl::opt<std::string> outputDir("output-dir", cl::init("."),
                                 cl::desc("where output_<i>.npy are written"),
                                 cl::cat(options));
  cl::HideUnrelatedOptions(options);
  if (!cl::ParseCommandLineOptions(
          argc, argv, "runs a module of edge operators in double precision\n",
          &llvm::errs()))
    return 2;

  DialectRegistry registry;
  registry.insert<edge::EdgeDialect, schedule::ScheduleDialect,
                  func::FuncDialect, quant::QuantDialect, arith::ArithDialect,
                  math::MathDialect, tensor::TensorDialect>();
  MLIRContext context(registry);
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler diagnostics(sources, &context);
  std::string error;
  auto buffer = openInputFile(file, &error);
  if (!buffer)
    return fail(error, 1);
  sources.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  auto module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return 1;
  FailureOr<func::FuncOp> model = evaluator::findModel(*module);
  if (failed(model))
    return 1;

  std::vector<evaluator::HostTensor> inputs(model->getNumArguments());
  for (StringRef option : inputFiles) {
    auto [key, path] = option.split('=');
    int64_t index = findInput(*model, key);
    if (index < 0)
      return fail("the model has no input '" + key + "'", 2);
    auto type = dyn_cast<RankedTensorType>(model->getArgumentTypes()[index]);
    if (!type)
      return fail("input " + Twine(index) + " is not a tensor", 1);
    auto tensor = evaluator::readNpy(path, type);
    if (!tensor)
      return fail(llvm::toString(tensor.takeError()), 1);
    inputs[index] = std::move(*tensor);
  }
  for (auto [index, input] : llvm::enumerate(inputs)) {
    if (!input.type) {
      return fail("input " + Twine(index) +
                      " is missing; give -input=" + Twine(index) + "=FILE.npy",
                  2);
    }
  }

  auto outputs = evaluator::evaluate(*model, inputs);
  if (failed(outputs))
    return 1;
  if (auto code = llvm::sys::fs::create_directories(outputDir))
    return fail("'" + outputDir + "': " + code.message(), 1);
  for (auto [index, output] : llvm::enumerate(*outputs)) {
    if (auto fault = evaluator::writeNpy(
            outputDir + "/output_" + std::to_string(index) + ".npy", output))
      return fail(llvm::toString(std::move(fault)), 1);
  }
  return 0;
}
