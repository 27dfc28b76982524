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
           cl::desc("with -max-error or -max-size: draw the combinations of "
                    "layers that were tried"),
           cl::value_desc("FILE.svg"), cl::cat(category)),
      evaluate("eval",
               cl::desc("samples (and labels.npy) on which the quantized model "
                        "is compared with the float model"),
               cl::value_desc("DIR_OF_NPY"), cl::cat(category)),
      maxError("max-error",
               cl::desc("with -quantize=auto or several precisions: largest "
                        "relative error of the outputs"),
               cl::value_desc("E"), cl::cat(category)),
      maxSize("max-size",
              cl::desc("with -quantize=auto or several precisions: most bytes "
                       "of weights (K, M: thousands, millions)"),
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

/// "int8,int4w", each name once.
llvm::Error
QuantizeCommandLine::readPrecisions(QuantizeOptions &options) const {
  if (mode == "auto")
    return llvm::Error::success();
  options.precisions.clear();
  llvm::SmallVector<llvm::StringRef> names;
  llvm::StringRef(mode).split(names, ',');
  for (llvm::StringRef name : names) {
    std::optional<LayerPrecision> precision = parsePrecision(name);
    if (name == "auto") {
      return llvm::createStringError(
          "-quantize=" + mode.getValue() +
          ": auto chooses between int8 and floats; leave it out, and name the "
          "precisions to choose between with -max-error=E or -max-size=BYTES");
    }
    if (!precision && name.starts_with("int4w:")) {
      return llvm::createStringError(
          "-quantize=" + mode.getValue() +
          ": int4w takes runs of 32, 64 or 128 weights, as in int4w:64");
    }
    if (!precision) {
      return llvm::createStringError(
          (names.size() == 1 ? "unknown -quantize=" + mode.getValue()
                             : "unknown '" + name.str() +
                                   "' in -quantize=" + mode.getValue()) +
          ", expected int8, int16x8, dynamic, auto, int8w, int4w, fp16 or "
          "bf16");
    }
    if (llvm::is_contained(options.precisions, *precision)) {
      return llvm::createStringError("-quantize=" + mode.getValue() +
                                     " names " + name.str() + " twice");
    }
    options.precisions.push_back(*precision);
  }
  return llvm::Error::success();
}

/// Samples where data have ranges or errors are measured, and only there; what
/// decides about ranges only where there are some.
llvm::Error
QuantizeCommandLine::checkSamples(const QuantizeOptions &options) const {
  bool haveRanges = llvm::any_of(options.precisions, needsRanges);
  bool hasBound = options.maxError || options.maxSizeBytes;
  if (calibrate.empty() && haveRanges) {
    return llvm::createStringError(
        "-quantize takes the ranges of values from samples; give a folder of "
        ".npy files with -calibrate=DIR");
  }
  if (calibrate.empty() && hasBound) {
    return llvm::createStringError(
        "-max-error and -max-size compare errors that are measured on samples; "
        "give a folder of .npy files with -calibrate=DIR");
  }
  if (haveRanges)
    return llvm::Error::success();
  llvm::SmallVector<const cl::Option *> refused = {&calibrator, &biasCorrection,
                                                   &equalize};
  if (!hasBound)
    refused.insert(refused.begin(), &calibrate);
  for (const cl::Option *option : refused) {
    if (option->getNumOccurrences() > 0) {
      return llvm::createStringError("-" + option->ArgStr +
                                     " is for ranges from samples, and "
                                     "-quantize=" +
                                     mode.getValue() + " takes none");
    }
  }
  return llvm::Error::success();
}

/// -quantize-all, where predictions decide which layers become integers.
llvm::Error
QuantizeCommandLine::checkAll(const QuantizeOptions &options) const {
  if (all.getNumOccurrences() == 0)
    return llvm::Error::success();
  if (mode == "auto" || llvm::all_of(options.precisions, isWeightsOnly)) {
    return llvm::createStringError(
        "-quantize-all is for -quantize=int8, int16x8 and dynamic, which leave "
        "slower layers on floats");
  }
  if (options.maxError || options.maxSizeBytes) {
    return llvm::createStringError(
        "-quantize-all leaves no layer on floats, and -max-error and -max-size "
        "choose some; give one of them");
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
  bool mayChoose = mode == "auto" || options.precisions.size() > 1;
  if (!mayChoose && (hasError || hasSize)) {
    return llvm::createStringError(
        "-max-error and -max-size choose layers; say -quantize=auto, or name "
        "several precisions to choose between");
  }
  if (!mayChoose && !plot.empty()) {
    return llvm::createStringError(
        "-quantize-plot draws the choice of layers; say -quantize=auto, or "
        "name several precisions to choose between");
  }
  if (mode == "auto" && hasError == hasSize) {
    return llvm::createStringError(
        "-quantize=auto needs one bound, -max-error=E or -max-size=BYTES");
  }
  if (hasError && hasSize)
    return llvm::createStringError(
        "-max-error and -max-size are both bounds; give one of them");
  if (!plot.empty() && !hasError && !hasSize) {
    return llvm::createStringError(
        "-quantize-plot draws what a bound chooses; give -max-error=E or "
        "-max-size=BYTES");
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

llvm::Error
QuantizeCommandLine::readCalibrator(QuantizeOptions &options) const {
  if (calibrator == "auto") {
    options.calibrator = std::nullopt;
  } else if (!calibrator.empty()) {
    auto parsed = Calibrator::parse(calibrator);
    if (!parsed) {
      return llvm::createStringError(
          "-calibrator: " + llvm::toString(parsed.takeError()) +
          "; auto tries all of them");
    }
    options.calibrator = *parsed;
  }
  return llvm::Error::success();
}

/// Without -quantize nothing else of it is said.
llvm::Error QuantizeCommandLine::checkAlone() const {
  for (const cl::Option *option : std::initializer_list<const cl::Option *>{
           &calibrate, &calibrator, &overrides, &report, &plot, &evaluate,
           &maxError, &maxSize, &biasCorrection, &equalize, &all}) {
    if (option->getNumOccurrences() > 0) {
      return llvm::createStringError("-" + option->ArgStr +
                                     " belongs to quantization; say "
                                     "-quantize=int8 with it");
    }
  }
  return llvm::Error::success();
}

llvm::Expected<std::optional<QuantizeOptions>>
QuantizeCommandLine::read() const {
  if (mode.getNumOccurrences() == 0) {
    if (llvm::Error error = checkAlone())
      return std::move(error);
    return std::nullopt;
  }
  QuantizeOptions options;
  options.calibrationPath = calibrate;
  options.overridesPath = overrides;
  options.evaluationPath = evaluate;
  options.correctBiases = biasCorrection;
  options.equalize = equalize;
  options.quantizeSlowLayers = all;
  if (llvm::Error error = readPrecisions(options))
    return std::move(error);
  if (llvm::Error error = readBound(options))
    return std::move(error);
  if (llvm::Error error = checkSamples(options))
    return std::move(error);
  if (llvm::Error error = checkAll(options))
    return std::move(error);
  if (llvm::Error error = readCalibrator(options))
    return std::move(error);
  return options;
}
