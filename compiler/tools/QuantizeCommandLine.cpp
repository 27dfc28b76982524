//===- QuantizeCommandLine.cpp - options of quantization ------------------===//
//
// See QuantizeCommandLine.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/tools/QuantizeCommandLine.h"

#include "llvm/ADT/STLExtras.h"

using namespace edgec;
namespace cl = llvm::cl;

QuantizeCommandLine::QuantizeCommandLine(cl::OptionCategory &category)
    : mode("quantize", cl::desc("compute on integers: int8 (needs -calibrate)"),
           cl::value_desc("int8"), cl::cat(category)),
      calibrate("calibrate",
                cl::desc("samples of the model's inputs, from which the ranges "
                         "of its values are taken"),
                cl::value_desc("DIR_OF_NPY"), cl::cat(category)),
      calibrator("calibrator",
                 cl::desc("how ranges follow from samples: minmax (default), "
                          "average, percentile[:P], entropy, mse, or auto for "
                          "the one with the least error of outputs"),
                 cl::value_desc("NAME"), cl::cat(category)),
      overrides("quantize-overrides",
                cl::desc("exceptions for single layers: keep float, "
                         "calibrators, ranges"),
                cl::value_desc("FILE.json"), cl::cat(category)),
      report("quantize-report",
             cl::desc("write ranges, layers and errors as JSON"),
             cl::value_desc("FILE.json"), cl::cat(category)),
      evaluate("eval",
               cl::desc("samples (and labels.npy) on which the quantized model "
                        "is compared with the float model"),
               cl::value_desc("DIR_OF_NPY"), cl::cat(category)),
      biasCorrection("bias-correction",
                     cl::desc("move the mean error of rounded weights into the "
                              "biases (default)"),
                     cl::init(true), cl::cat(category)) {}

/// Modes to come are told apart from misspelled ones.
llvm::Error QuantizeCommandLine::checkValues() const {
  static constexpr llvm::StringLiteral planned[] = {
      "auto", "int16x8", "int8w", "int4w", "fp16", "bf16", "dynamic"};
  if (llvm::is_contained(planned, mode.getValue())) {
    return llvm::createStringError("-quantize=" + mode.getValue() +
                                   " is not supported yet; use int8");
  }
  if (mode != "int8")
    return llvm::createStringError("unknown -quantize=" + mode.getValue() +
                                   ", expected int8");
  if (calibrate.empty()) {
    return llvm::createStringError(
        "-quantize=int8 takes the ranges of values from samples; give a folder "
        "of .npy files with -calibrate=DIR");
  }
  return llvm::Error::success();
}

llvm::Expected<std::optional<QuantizeOptions>>
QuantizeCommandLine::read() const {
  if (mode.getNumOccurrences() == 0) {
    for (const cl::Option *option : std::initializer_list<const cl::Option *>{
             &calibrate, &calibrator, &overrides, &report, &evaluate,
             &biasCorrection})
      if (option->getNumOccurrences() > 0) {
        return llvm::createStringError("-" + option->ArgStr +
                                       " belongs to quantization; say "
                                       "-quantize=int8 with it");
      }
    return std::nullopt;
  }
  if (llvm::Error error = checkValues())
    return std::move(error);
  QuantizeOptions options;
  options.calibrationPath = calibrate;
  options.overridesPath = overrides;
  options.evaluationPath = evaluate;
  options.correctBiases = biasCorrection;
  if (calibrator == "auto") {
    options.calibrator = std::nullopt;
  } else if (!calibrator.empty()) {
    auto parsed = Calibrator::parse(calibrator);
    if (!parsed)
      return llvm::createStringError("-calibrator: " +
                                     llvm::toString(parsed.takeError()));
    options.calibrator = *parsed;
  }
  return options;
}
