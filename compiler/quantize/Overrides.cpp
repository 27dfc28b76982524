//===- Overrides.cpp - exceptions for single layers -----------------------===//
//
// See Overrides.h. All names and values are checked before anything runs.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/Overrides.h"

#include "passes/place/JsonText.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>

using namespace edgec;
using namespace mlir;
namespace json = llvm::json;

bool Overrides::needHistogram() const {
  return llvm::any_of(calibrators, [](const auto &entry) {
    return entry.second.needsHistogram();
  });
}

namespace {
class Reader {
public:
  Reader(StringRef path, func::FuncOp model, const LayerNames &names,
         ArrayRef<ValueGroup> groups, ArrayRef<LayerPrecision> precisions)
      : path(path), context(*model.getContext()), names(names),
        precisions(precisions) {
    for (const ValueGroup &group : groups)
      for (Value value : group)
        quantizable.insert(value);
  }
  FailureOr<Overrides> read();

private:
  InFlightDiagnostic fault(unsigned line = 0, unsigned column = 0) {
    isWrong = true;
    return emitError(FileLineColLoc::get(&context, path, line, column));
  }
  void readLayer(StringRef name, const json::Value &settings);
  void keepFloat(StringRef name, const json::Value &setting);
  void setPrecision(StringRef name, const json::Value &setting);
  SmallVector<Operation *> layersOf(StringRef name, StringRef lack);
  void setCalibrator(StringRef name, const json::Value &setting);
  void setRange(StringRef name, const json::Value &setting);
  Value valueOf(StringRef name);
  std::optional<json::Value> parse();

  StringRef path;
  MLIRContext &context;
  const LayerNames &names;
  ArrayRef<LayerPrecision> precisions;
  llvm::DenseSet<Value> quantizable;
  Overrides overrides;
  bool isWrong = false;
};
} // namespace

std::optional<json::Value> Reader::parse() {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) {
    fault() << "cannot be read: " << buffer.getError().message();
    return std::nullopt;
  }
  return parseJsonText((*buffer)->getBuffer(),
                       [&](unsigned line, unsigned column, StringRef message) {
                         fault(line, column) << message;
                       });
}

void Reader::keepFloat(StringRef name, const json::Value &setting) {
  if (setting.getAsString() != "float") {
    fault() << "layer '" << name << "': \"keep\" can only be \"float\"";
    return;
  }
  llvm::append_range(overrides.keepFloat, layersOf(name, "nothing to keep"));
}

void Reader::setPrecision(StringRef name, const json::Value &setting) {
  auto text = setting.getAsString();
  auto precision = text ? parsePrecision(*text) : std::nullopt;
  if (!precision || !llvm::is_contained(precisions, *precision)) {
    fault() << "layer '" << name
            << "': \"precision\" must be one that -quantize lists: "
            << namesOf(precisions);
    return;
  }
  for (Operation *layer : layersOf(name, "no precision of its own")) {
    StringRef obstacle = whyNot(*precision, layer);
    if (!obstacle.empty()) {
      fault() << "layer '" << name << "': it cannot be " << *text << ": "
              << obstacle;
      return;
    }
    overrides.precisions[layer] = *precision;
  }
}

/// The layers of that name. It is a fault if there are none; then it has
/// `lack`.
SmallVector<Operation *> Reader::layersOf(StringRef name, StringRef lack) {
  SmallVector<Operation *> layers;
  for (Operation *op : names.operations(name))
    if (isQuantizableLayer(op))
      layers.push_back(op);
  if (layers.empty()) {
    fault() << "layer '" << name
            << "': it is no convolution or fully connected layer of f32 with "
               "constant weights, so it has "
            << lack;
  }
  return layers;
}

/// The value that what `name` computes becomes where a layer reads it: that
/// behind its activation.
Value Reader::valueOf(StringRef name) {
  if (Value input = names.input(name)) {
    if (quantizable.contains(input))
      return input;
  }
  for (Operation *op : names.operations(name)) {
    if (op->getNumResults() != 1)
      continue;
    Value value = op->getResult(0);
    while (!quantizable.contains(value)) {
      Operation *user = value.hasOneUse() ? *value.user_begin() : nullptr;
      if (!user || !user->hasTrait<edge::ElementwiseTrait>())
        break;
      value = user->getResult(0);
    }
    if (quantizable.contains(value))
      return value;
  }
  fault() << "layer '" << name
          << "': no layer reads its result as integers, so it has no range";
  return nullptr;
}

void Reader::setCalibrator(StringRef name, const json::Value &setting) {
  auto text = setting.getAsString();
  auto calibrator =
      text ? Calibrator::parse(*text)
           : llvm::createStringError("\"calibrator\" must be a string");
  if (!calibrator) {
    fault() << "layer '" << name
            << "': " << llvm::toString(calibrator.takeError());
    return;
  }
  if (Value value = valueOf(name))
    overrides.calibrators[value] = *calibrator;
}

void Reader::setRange(StringRef name, const json::Value &setting) {
  const json::Array *pair = setting.getAsArray();
  std::optional<double> low, high;
  if (pair && pair->size() == 2) {
    low = (*pair)[0].getAsNumber();
    high = (*pair)[1].getAsNumber();
  }
  if (!low || !high || !std::isfinite(*low) || !std::isfinite(*high) ||
      !(*low < *high)) {
    fault() << "layer '" << name
            << "': \"range\" must be [LOW, HIGH], two numbers, the smaller "
               "first";
    return;
  }
  if (Value value = valueOf(name))
    overrides.ranges[value] = {*low, *high};
}

void Reader::readLayer(StringRef name, const json::Value &settings) {
  if (names.operations(name).empty() && !names.input(name)) {
    std::string near = names.nearest(name);
    fault() << "the model has no layer or input '" << name << "'"
            << (near.empty() ? "" : "; did you mean '" + near + "'?");
    return;
  }
  const json::Object *object = settings.getAsObject();
  if (!object || object->empty()) {
    fault() << "layer '" << name
            << "': expected an object with \"keep\", \"precision\", "
               "\"calibrator\" or \"range\"";
    return;
  }
  // The object has no order of its own.
  std::vector<StringRef> keys;
  for (const auto &[key, setting] : *object)
    keys.push_back(key);
  llvm::sort(keys);
  for (StringRef key : keys) {
    const json::Value &setting = *object->get(key);
    if (key == "keep")
      keepFloat(name, setting);
    else if (key == "precision")
      setPrecision(name, setting);
    else if (key == "calibrator")
      setCalibrator(name, setting);
    else if (key == "range")
      setRange(name, setting);
    else {
      fault() << "layer '" << name << "': unknown setting \"" << key
              << "\", expected \"keep\", \"precision\", \"calibrator\" or "
                 "\"range\"";
    }
  }
  if (object->get("keep") && object->get("precision")) {
    fault() << "layer '" << name
            << "': either \"keep\" or \"precision\", not both";
  }
}

FailureOr<Overrides> Reader::read() {
  std::optional<json::Value> file = parse();
  if (!file)
    return failure();
  const json::Object *root = file->getAsObject();
  const json::Object *layers = root ? root->getObject("layers") : nullptr;
  if (!layers || root->size() != 1)
    return fault() << "expected {\"layers\": {NAME: {...}, ...}}";
  std::vector<StringRef> keys;
  for (const auto &[key, settings] : *layers)
    keys.push_back(key);
  llvm::sort(keys);
  for (StringRef key : keys)
    readLayer(key, *layers->get(key));
  if (isWrong)
    return failure();
  return std::move(overrides);
}

FailureOr<Overrides> edgec::readOverrides(StringRef path, func::FuncOp model,
                                          const LayerNames &names,
                                          ArrayRef<ValueGroup> groups,
                                          ArrayRef<LayerPrecision> precisions) {
  return Reader(path, model, names, groups, precisions).read();
}
