//===- ArtifactComparison.cpp - two artifacts on the same inputs ----------===//
//
// See ArtifactComparison.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/compare/ArtifactComparison.h"
#include "compiler/quantize/Evaluate.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

using namespace edgec;
using namespace mlir;
using evaluator::HostTensor;
namespace json = llvm::json;

static llvm::Error fault(const llvm::Twine &message) {
  return llvm::createStringError(message);
}

//===-- the interface ----------------------------------------------------===//

/// The element type that edge-run prints under this name; null: unknown.
static Type parseElement(llvm::StringRef name, MLIRContext *context) {
  OpBuilder builder(context);
  auto integer = [&](unsigned width, bool isUnsigned = false) -> Type {
    return IntegerType::get(context, width,
                            isUnsigned ? IntegerType::Unsigned
                                       : IntegerType::Signless);
  };
  return llvm::StringSwitch<Type>(name)
      .Case("float32", builder.getF32Type())
      .Case("float64", builder.getF64Type())
      .Case("float16", builder.getF16Type())
      .Case("bfloat16", builder.getBF16Type())
      .Case("bool", integer(1))
      .Case("int8", integer(8))
      .Case("int16", integer(16))
      .Case("int32", integer(32))
      .Case("int64", integer(64))
      .Case("uint8", integer(8, true))
      .Case("uint16", integer(16, true))
      .Case("uint32", integer(32, true))
      .Case("uint64", integer(64, true))
      .Default(Type());
}

static llvm::Expected<ArtifactPort> parsePort(const json::Value &value,
                                              MLIRContext *context) {
  const json::Object *object = value.getAsObject();
  auto name = object ? object->getString("name") : std::nullopt;
  auto dtype = object ? object->getString("dtype") : std::nullopt;
  const json::Array *shape = object ? object->getArray("shape") : nullptr;
  if (!name || !dtype || !shape)
    return fault("a tensor without name, element type or shape");
  ArtifactPort port;
  port.name = name->str();
  Type element = parseElement(*dtype, context);
  if (!element)
    return fault("'" + *name + "' is of " + *dtype + ", which is not compared");
  SmallVector<int64_t> sizes;
  for (const json::Value &size : *shape)
    sizes.push_back(size.getAsInteger().value_or(-1));
  if (llvm::any_of(sizes, [](int64_t size) { return size < 0; }))
    return fault("'" + *name + "' has no shape");
  port.type = RankedTensorType::get(sizes, element);
  port.scale = object->getNumber("scale");
  port.zeroPoint = object->getInteger("zero_point").value_or(0);
  return port;
}

llvm::Expected<ArtifactInterface>
ArtifactInterface::parse(llvm::StringRef text, MLIRContext &context) {
  auto value = json::parse(text);
  if (!value)
    return value.takeError();
  ArtifactInterface result;
  const json::Object *object = value->getAsObject();
  for (auto [key, ports] : {std::pair("inputs", &result.inputs),
                            std::pair("outputs", &result.outputs)}) {
    const json::Array *list = object ? object->getArray(key) : nullptr;
    if (!list)
      return fault("the description of the artifact has no " +
                   llvm::Twine(key));
    for (const json::Value &entry : *list) {
      auto port = parsePort(entry, &context);
      if (!port)
        return port.takeError();
      ports->push_back(std::move(*port));
    }
  }
  return result;
}

OwningOpRef<func::FuncOp>
ArtifactInterface::function(MLIRContext &context) const {
  context.loadDialect<func::FuncDialect>();
  OpBuilder builder(&context);
  auto types = [](ArrayRef<ArtifactPort> ports) {
    SmallVector<Type> types;
    for (const ArtifactPort &port : ports)
      types.push_back(port.type);
    return types;
  };
  auto function = func::FuncOp::create(
      builder.getUnknownLoc(), "model",
      builder.getFunctionType(types(inputs), types(outputs)));
  for (auto [index, port] : llvm::enumerate(inputs))
    function.setArgAttr(index, "edge.name", builder.getStringAttr(port.name));
  return function;
}

//===-- numbers ----------------------------------------------------------===//

HostTensor edgec::toReals(const HostTensor &tensor, const ArtifactPort &port) {
  if (tensor.isFloat())
    return tensor;
  HostTensor reals(RankedTensorType::get(
      tensor.shape(), Float64Type::get(tensor.type.getContext())));
  for (auto [real, integer] : llvm::zip_equal(reals.reals, tensor.integers))
    real = port.scale.value_or(1) * double(integer - port.zeroPoint);
  return reals;
}

HostTensor edgec::fromReals(const HostTensor &reals, const ArtifactPort &port) {
  HostTensor result(port.type);
  if (result.isFloat()) {
    result.reals = reals.reals;
    return result;
  }
  evaluator::IntegerRange range = evaluator::integerRange(result.elementType());
  for (auto [integer, real] : llvm::zip_equal(result.integers, reals.reals)) {
    double number =
        std::round(real / port.scale.value_or(1)) + double(port.zeroPoint);
    integer = number <= double(range.low)    ? range.low
              : number >= double(range.high) ? range.high
                                             : int64_t(number);
  }
  return result;
}

//===-- the comparison ---------------------------------------------------===//

static llvm::Error checkPorts(llvm::StringRef what, ArrayRef<ArtifactPort> a,
                              ArrayRef<ArtifactPort> b) {
  if (a.size() != b.size()) {
    return fault("one artifact has " + llvm::Twine(a.size()) + " " + what +
                 "s, the other " + llvm::Twine(b.size()));
  }
  for (auto [x, y] : llvm::zip_equal(a, b)) {
    if (x.type.getShape() == y.type.getShape())
      continue;
    std::string text;
    llvm::raw_string_ostream(text)
        << what << " '" << x.name << "' is of type " << x.type
        << " in one artifact, and '" << y.name << "' of " << y.type
        << " in the other; only equal shapes can be compared";
    return fault(text);
  }
  return llvm::Error::success();
}

llvm::Expected<ArtifactComparison>
ArtifactComparison::prepare(ArtifactInterface first, ArtifactInterface second) {
  if (llvm::Error error = checkPorts("input", first.inputs, second.inputs))
    return std::move(error);
  if (llvm::Error error = checkPorts("output", first.outputs, second.outputs))
    return std::move(error);
  ArtifactComparison result;
  result.outputs.resize(first.outputs.size());
  if (!first.outputs.empty()) {
    RankedTensorType type = first.outputs.front().type;
    if (type.getRank() > 0 && type.getShape().back() > 1)
      result.rows = type.getNumElements() / type.getShape().back();
  }
  result.first = std::move(first);
  result.second = std::move(second);
  return result;
}

void ArtifactComparison::addRows(const HostTensor &a, const HostTensor &b,
                                 ArrayRef<int64_t> labels) {
  std::vector<float> numbers[] = {{a.reals.begin(), a.reals.end()},
                                  {b.reals.begin(), b.reals.end()}};
  size_t width = numbers[0].size() / rows;
  for (int64_t r = 0; r < rows; ++r) {
    ArrayRef<float> row[2];
    for (int i : {0, 1})
      row[i] = ArrayRef<float>(numbers[i]).slice(r * width, width);
    sameRows += largestElement(row[0]) == largestElement(row[1]);
    ++allRows;
    for (int i : {0, 1}) {
      if (labels.empty())
        continue;
      ++accuracies[i].rows;
      accuracies[i].top1 += isAmongLargest(row[i], labels[r], 1);
      accuracies[i].top5 += isAmongLargest(row[i], labels[r], 5);
    }
  }
}

void ArtifactComparison::add(ArrayRef<HostTensor> a, ArrayRef<HostTensor> b,
                             ArrayRef<int64_t> labels) {
  for (auto [i, output] : llvm::enumerate(outputs)) {
    HostTensor x = toReals(a[i], first.outputs[i]),
               y = toReals(b[i], second.outputs[i]);
    for (auto [want, got] : llvm::zip_equal(x.reals, y.reals)) {
      output.error.add(got, want);
      ++output.elements;
      output.equal += got == want || (std::isnan(got) && std::isnan(want));
    }
    if (i == 0 && rows > 0)
      addRows(x, y, labels);
  }
  ++samples;
}

double ArtifactComparison::relativeError() const {
  double largest = 0;
  for (const Output &output : outputs)
    largest = std::max(largest, output.error.relative());
  return largest;
}

void ArtifactComparison::print(llvm::raw_ostream &stream) const {
  stream << "compared on " << samples << (samples == 1 ? " sample" : " samples")
         << "\n";
  for (auto [port, output] : llvm::zip_equal(first.outputs, outputs)) {
    double share = output.elements
                       ? 100.0 * double(output.equal) / double(output.elements)
                       : 100.0;
    stream << port.name
           << llvm::format(": %.1f dB signal to noise, relative error %.2e, "
                           "largest %.3g, %.2f %% of the numbers equal\n",
                           output.error.decibels(), output.error.relative(),
                           output.error.largest, share);
  }
  auto percent = [](int64_t part, int64_t whole) {
    return 100.0 * double(part) / double(std::max<int64_t>(whole, 1));
  };
  if (rows > 0) {
    stream << llvm::format("top-1 agreement: %.2f %% of %lld rows\n",
                           percent(sameRows, allRows),
                           static_cast<long long>(allRows));
  }
  if (accuracies[0].rows == 0)
    return;
  for (auto [name, accuracy] : {std::pair("first", accuracies[0]),
                                std::pair("second", accuracies[1])}) {
    stream << name
           << llvm::format(": top-1 accuracy %.2f %%, top-5 %.2f %%\n",
                           percent(accuracy.top1, accuracy.rows),
                           percent(accuracy.top5, accuracy.rows));
  }
}
