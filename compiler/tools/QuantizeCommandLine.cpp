//===- QuantizeCommandLine.cpp - options of quantization ------------------===//
//
// See QuantizeCommandLine.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/tools/QuantizeCommandLine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace edgec;
namespace cl = llvm::cl;

QuantizeCommandLine::QuantizeCommandLine(cl::OptionCategory &category)
    : mode("quantize",
           cl::desc("compute on integers: int8, int16x8 (data of 16 bits), "
                    "dynamic (fully connected layers, scales from each run, "
                    "no samples), or auto for as many layers as -max-error or "
                    "as few as -max-size allows; or keep weights alone in "
                    "fewer bits: int8w, int4w, fp16, bf16"),
           cl::value_desc("int8|int16x8|dynamic|auto|int8w|int4w|fp16|bf16"),
           cl::cat(category)),
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
      plot("quantize-plot",
           cl::desc("with -quantize=auto: draw the combinations of layers that "
                    "were tried"),
           cl::value_desc("FILE.svg"), cl::cat(category)),
      evaluate("eval",
               cl::desc("samples (and labels.npy) on which the quantized model "
                        "is compared with the float model"),
               cl::value_desc("DIR_OF_NPY"), cl::cat(category)),
      maxError("max-error",
               cl::desc("with -quantize=auto: largest relative error of the "
                        "outputs"),
               cl::value_desc("E"), cl::cat(category)),
      maxSize("max-size",
              cl::desc("with -quantize=auto: most bytes of weights (K, M: "
                       "thousands, millions)"),
              cl::value_desc("BYTES"), cl::cat(category)),
      biasCorrection("bias-correction",
                     cl::desc("move the mean error of rounded weights into the "
                              "biases (default)"),
                     cl::init(true), cl::cat(category)),
      equalize("equalize",
               cl::desc("balance the channels' weights between layers first"),
               cl::init(false), cl::cat(category)),
      all("quantize-all",
          cl::desc("make integers also of layers that are predicted to become "
                   "slower, for their size"),
          cl::init(false), cl::cat(category)) {}

/// -quantize-all, where predictions decide which layers become integers.
llvm::Error QuantizeCommandLine::checkAll() const {
  if (all.getNumOccurrences() == 0 ||
      llvm::is_contained({"int8", "int16x8", "dynamic"}, mode.getValue()))
    return llvm::Error::success();
  return llvm::createStringError(
      "-quantize-all is for -quantize=int8, int16x8 and dynamic, which leave "
      "slower layers on floats");
}

/// What samples would say is not asked for.
llvm::Error QuantizeCommandLine::checkWithoutSamples() const {
  for (const cl::Option *option : std::initializer_list<const cl::Option *>{
           &calibrate, &calibrator, &biasCorrection, &equalize}) {
    if (option->getNumOccurrences() > 0) {
      return llvm::createStringError("-" + option->ArgStr +
                                     " is for ranges from samples, and "
                                     "-quantize=" +
                                     mode.getValue() + " takes none");
    }
  }
  return llvm::Error::success();
}

/// How -quantize names weights that alone take less memory.
static std::optional<WeightFormat> parseWeightFormat(llvm::StringRef mode) {
  return llvm::StringSwitch<std::optional<WeightFormat>>(mode)
      .Case("int8w", WeightFormat::int8)
      .Case("int4w", WeightFormat::int4)
      .Case("fp16", WeightFormat::float16)
      .Case("bf16", WeightFormat::bfloat16)
      .Default(std::nullopt);
}

llvm::Error QuantizeCommandLine::checkValues() const {
  if (mode == "dynamic" || parseWeightFormat(mode))
    return checkWithoutSamples();
  if (mode != "int8" && mode != "int16x8" && mode != "auto")
    return llvm::createStringError("unknown -quantize=" + mode.getValue() +
                                   ", expected int8, int16x8, dynamic, auto, "
                                   "int8w, int4w, fp16 or bf16");
  if (calibrate.empty()) {
    return llvm::createStringError(
        "-quantize takes the ranges of values from samples; give a folder of "
        ".npy files with -calibrate=DIR");
  }
  return llvm::Error::success();
}

/// "300", "300K", "3M".
static std::optional<int64_t> parseSize(llvm::StringRef text) {
  int64_t factor = 1, number = 0;
  if (text.consume_back("K"))
    factor = 1000;
  else if (text.consume_back("M"))
    factor = 1000000;
  if (text.getAsInteger(10, number) || number < 1 ||
      number > std::numeric_limits<int64_t>::max() / factor)
    return std::nullopt;
  return number * factor;
}

/// -max-error or -max-size, one of which -quantize=auto needs.
llvm::Error QuantizeCommandLine::readBound(QuantizeOptions &options) const {
  bool hasError = maxError.getNumOccurrences() > 0;
  bool hasSize = maxSize.getNumOccurrences() > 0;
  if (mode != "auto" && (hasError || hasSize)) {
    return llvm::createStringError(
        "-max-error and -max-size choose layers; say -quantize=auto");
  }
  if (mode != "auto" && !plot.empty()) {
    return llvm::createStringError(
        "-quantize-plot draws the choice of layers; say -quantize=auto");
  }
  if (mode == "auto" && hasError == hasSize) {
    return llvm::createStringError(
        "-quantize=auto needs one bound, -max-error=E or -max-size=BYTES");
  }
  if (hasError) {
    double error = 0;
    if (llvm::StringRef(maxError).getAsDouble(error) || !(error > 0)) {
      return llvm::createStringError("-max-error=" + maxError.getValue() +
                                     " is no relative error above 0");
    }
    options.maxError = error;
  }
  if (hasSize) {
    options.maxSizeBytes = parseSize(maxSize);
    if (!options.maxSizeBytes) {
      return llvm::createStringError("-max-size=" + maxSize.getValue() +
                                     " is no number of bytes");
    }
  }
  return llvm::Error::success();
}

llvm::Expected<std::optional<QuantizeOptions>>
QuantizeCommandLine::read() const {
  if (mode.getNumOccurrences() == 0) {
    for (const cl::Option *option : std::initializer_list<const cl::Option *>{
             &calibrate, &calibrator, &overrides, &report, &plot, &evaluate,
             &maxError, &maxSize, &biasCorrection, &equalize, &all}) {
      if (option->getNumOccurrences() > 0) {
        return llvm::createStringError("-" + option->ArgStr +
                                       " belongs to quantization; say "
                                       "-quantize=int8 with it");
      }
    }
    return std::nullopt;
  }
  if (llvm::Error error = checkValues())
    return std::move(error);
  if (llvm::Error error = checkAll())
    return std::move(error);
  QuantizeOptions options;
  options.calibrationPath = calibrate;
  options.overridesPath = overrides;
  options.evaluationPath = evaluate;
  options.correctBiases = biasCorrection;
  options.isDynamic = mode == "dynamic";
  options.weightFormat = parseWeightFormat(mode);
  options.dataBits = mode == "int16x8" ? 16 : 8;
  options.equalize = equalize;
  options.quantizeSlowLayers = all;
  if (llvm::Error error = readBound(options))
    return std::move(error);
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
