//===- QuantizationReport.cpp - what quantizing a model did ---------------===//
//
// See QuantizationReport.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/QuantizationReport.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace edgec;
using llvm::StringRef;
namespace json = llvm::json;

double SignalError::decibels() const {
  constexpr double most = 200;
  if (noise == 0)
    return most;
  if (signal == 0)
    return -most;
  return std::clamp(10 * std::log10(signal / noise), -most, most);
}

double SignalError::relative() const {
  if (noise == 0)
    return 0;
  return signal > 0 ? std::sqrt(noise / signal)
                    : std::numeric_limits<double>::infinity();
}

//===-- JSON
//---------------------------------------------------------------===//

static json::Array pair(NumberRange range) {
  return json::Array{range.low, range.high};
}

static json::Object describe(const SignalError &error) {
  return json::Object{{"snr_db", error.decibels()},
                      {"relative_error", error.relative()},
                      {"largest_error", error.largest}};
}

static double share(int64_t part, int64_t all) {
  return double(part) / double(std::max<int64_t>(1, all));
}

static json::Object describe(const Accuracy &accuracy) {
  return json::Object{{"top1", share(accuracy.top1, accuracy.rows)},
                      {"top5", share(accuracy.top5, accuracy.rows)}};
}

static json::Object describe(const Evaluation &evaluation) {
  json::Object object{{"samples", evaluation.samples},
                      {"outputs", describe(evaluation.outputs)}};
  if (evaluation.rows > 0)
    object["same_largest"] = share(evaluation.sameLargest, evaluation.rows);
  if (evaluation.integers > 0)
    object["differing"] = share(evaluation.differing, evaluation.integers);
  if (evaluation.quantized) {
    object["accuracy"] =
        json::Object{{"quantized", describe(*evaluation.quantized)},
                     {"float", describe(*evaluation.reference)},
                     {"rows", evaluation.quantized->rows}};
  }
  json::Array layers;
  for (const LayerError &layer : evaluation.layers) {
    json::Object entry = describe(layer.error);
    entry["name"] = layer.name;
    entry["loss_db"] = layer.loss;
    if (!layer.advice.empty())
      entry["advice"] = layer.advice;
    layers.push_back(std::move(entry));
  }
  object["layers"] = std::move(layers);
  return object;
}

/// Microseconds, where the machine's clock is known.
static double latency(const FrontierPoint &point) {
  return point.clockMegahertz > 0
             ? double(point.cycles) / double(point.clockMegahertz)
             : 0;
}

static json::Array describe(const std::vector<FrontierPoint> &frontier) {
  json::Array points;
  for (const FrontierPoint &point : frontier) {
    json::Object entry = describe(point.error);
    entry["int8_layers"] = point.integerLayers;
    entry["added"] = point.added;
    entry["added_type"] = point.addedType;
    entry["predicted_cycles"] = point.cycles;
    entry["predicted_latency_us"] = latency(point);
    entry["weights_bytes"] = point.sizeBytes;
    entry["taken"] = point.isTaken;
    points.push_back(std::move(entry));
  }
  return points;
}

json::Value QuantizationReport::json() const {
  json::Object root{{"samples", samples}, {"calibrator", calibrator}};
  json::Array values;
  for (const TensorReport &tensor : tensors) {
    values.push_back(json::Object{{"name", tensor.name},
                                  {"seen", pair(tensor.seen)},
                                  {"range", pair(tensor.chosen)},
                                  {"calibrator", tensor.calibrator}});
  }
  root["tensors"] = std::move(values);
  json::Array entries;
  for (const LayerReport &layer : layers) {
    json::Object entry{
        {"name", layer.name}, {"operator", layer.op}, {"type", layer.type}};
    if (!layer.reason.empty())
      entry["reason"] = layer.reason;
    entries.push_back(std::move(entry));
  }
  root["layers"] = std::move(entries);
  if (!trials.empty()) {
    json::Array tried;
    for (const CalibratorTrial &trial : trials) {
      json::Object entry = describe(trial.outputs);
      entry["calibrator"] = trial.calibrator;
      tried.push_back(std::move(entry));
    }
    root["trials"] = std::move(tried);
  }
  if (!frontier.empty())
    root["frontier"] = describe(frontier);
  if (evaluation)
    root["evaluation"] = describe(*evaluation);
  return root;
}

//===-- text
//---------------------------------------------------------------===//

static void print(llvm::raw_ostream &stream, const Accuracy &quantized,
                  const Accuracy &reference) {
  auto line = [&](const char *name, int64_t got, int64_t want) {
    stream << llvm::format("%s accuracy %.2f %% (float %.2f %%)\n", name,
                           100 * share(got, quantized.rows),
                           100 * share(want, reference.rows));
  };
  line("top-1", quantized.top1, reference.top1);
  line("top-5", quantized.top5, reference.top5);
}

/// The layers that lose most, worst first.
static void printWorst(llvm::raw_ostream &stream,
                       const std::vector<LayerError> &layers) {
  constexpr size_t shown = 5;
  constexpr double noticeable = 3;
  std::vector<const LayerError *> worst;
  for (const LayerError &layer : layers)
    if (layer.loss >= noticeable)
      worst.push_back(&layer);
  llvm::sort(worst, [](const LayerError *a, const LayerError *b) {
    // Of one vector, so that the addresses give the model's order.
    return a->loss != b->loss ? a->loss > b->loss : a < b;
  });
  if (worst.empty()) {
    stream << llvm::format("no layer loses %.0f dB or more against what it "
                           "reads\n",
                           noticeable);
    return;
  }
  stream << "the layers that lose most (decibels against what they read):\n";
  for (const LayerError *layer : llvm::ArrayRef(worst).take_front(shown)) {
    stream << llvm::format("  %5.1f  ", layer->loss) << layer->name << ": "
           << layer->advice << "\n";
  }
}

static void print(llvm::raw_ostream &stream,
                  const std::vector<FrontierPoint> &frontier,
                  bool areTypesMixed) {
  stream << "  layers  weights KB  predicted us  relative error  with\n";
  for (const FrontierPoint &point : frontier) {
    stream << llvm::format("%s %6lld %11.1f %13.1f %15.2e  ",
                           point.isTaken ? ">" : " ",
                           static_cast<long long>(point.integerLayers),
                           double(point.sizeBytes) / 1000, latency(point),
                           point.error.relative())
           << point.added;
    if (areTypesMixed && !point.added.empty())
      stream << " (" << point.addedType << ")";
    stream << "\n";
  }
}

static void print(llvm::raw_ostream &stream, const Evaluation &evaluation) {
  stream << "evaluated on " << evaluation.samples << " samples: outputs "
         << llvm::format("%.1f dB signal to noise, relative error %.2e, "
                         "largest error %.3g\n",
                         evaluation.outputs.decibels(),
                         evaluation.outputs.relative(),
                         evaluation.outputs.largest);
  if (evaluation.integers > 0) {
    stream << evaluation.differing << " of " << evaluation.integers
           << " integers of the outputs differ\n";
  }
  if (evaluation.rows > 0) {
    stream << llvm::format("same largest result in %.2f %% of rows\n",
                           100 *
                               share(evaluation.sameLargest, evaluation.rows));
  }
  if (evaluation.quantized)
    print(stream, *evaluation.quantized, *evaluation.reference);
  if (evaluation.layers.empty())
    return;
  size_t width = 5;
  for (const LayerError &layer : evaluation.layers)
    width = std::max(width, layer.name.size());
  stream << "layer" << std::string(width - 5 + 2, ' ') << "   dB   loss\n";
  for (const LayerError &layer : evaluation.layers) {
    stream << layer.name << std::string(width - layer.name.size() + 2, ' ')
           << llvm::format("%5.1f  %5.1f\n", layer.error.decibels(),
                           layer.loss);
  }
  printWorst(stream, evaluation.layers);
}

/// "quantized 9 of 13 layers to int8", or with several precisions "quantized 9
/// of 13 layers, 5 to int8, 4 to int4w".
static void printCounts(llvm::raw_ostream &stream,
                        const QuantizationReport &report) {
  auto countOf = [&](StringRef type) {
    return llvm::count_if(report.layers, [&](const LayerReport &layer) {
      return layer.isInteger && (type.empty() || layer.type == type);
    });
  };
  stream << "quantized " << countOf("") << " of " << report.layers.size()
         << " layers";
  llvm::SmallVector<StringRef> types;
  StringRef(report.type).split(types, ',');
  if (types.size() == 1) {
    stream << " to " << (report.type == "dynamic" ? "int8" : report.type);
    return;
  }
  for (StringRef type : types)
    if (auto count = countOf(type); count > 0)
      stream << ", " << count << " to " << type;
}

void QuantizationReport::print(llvm::raw_ostream &stream) const {
  bool areTypesMixed = StringRef(type).contains(',');
  printCounts(stream, *this);
  if (!calibrator.empty())
    stream << ", ranges from " << samples << " samples by " << calibrator;
  else if (type == "dynamic")
    stream << ", scales of their data from each run";
  else if (!areTypesMixed)
    stream << ", their weights alone";
  stream << "\n";
  for (const LayerReport &layer : layers) {
    if (!layer.isInteger)
      stream << "  float: " << layer.name << ": " << layer.reason << "\n";
    else if (!layer.reason.empty())
      stream << "  " << layer.type << ": " << layer.name << ": " << layer.reason
             << "\n";
  }
  if (slowLayers > 0)
    stream << "  (-quantize-all makes integers of slower layers too)\n";
  for (const CalibratorTrial &trial : trials) {
    stream << llvm::format("  %5.1f dB  ", trial.outputs.decibels())
           << trial.calibrator << "\n";
  }
  if (!frontier.empty())
    ::print(stream, frontier, areTypesMixed);
  if (evaluation)
    ::print(stream, *evaluation);
}
