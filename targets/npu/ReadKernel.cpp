//===- ReadKernel.cpp - what the machine can compute ----------------------===//
//
// Reads a schedule.kernel: its anchor becomes the window and weights of a
// layer, its elementwise operators the program. What does not fit the machine
// is refused with a reason.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "targets/npu/Moves.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::npu;

/// Sizes of tiles are 16-bit fields.
static constexpr int64_t sizeLimit = 65535;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

namespace {
class KernelReader {
public:
  KernelReader(schedule::KernelOp kernel, std::string &reason)
      : kernel(kernel), body(kernel.getBody().front()), reason(reason) {}

  std::optional<Layer> read();

private:
  bool fail(const Twine &why) {
    reason = why.str();
    return false;
  }
  /// A value of the body as one of the graph around the kernel.
  Value outside(Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    return argument ? kernel.getInputs()[argument.getArgNumber()] : value;
  }
  bool checkTypes();
  bool readAnchor();
  bool readConvolution(edge::IntegerConv2DOp op);
  bool readBias(edge::IntegerConv2DOp op, const ConstantData &filter);
  bool readPool(edge::MaxPool2DOp op);
  bool readReduction(Operation *op, Pool pool);
  bool readLookup(edge::LookupOp op);
  void chooseView(ArrayRef<int64_t> shape);
  std::optional<View> viewOf(Value value, ArrayRef<int64_t> shape);
  bool bindOperands(Operation &op);
  bool readElementwise();
  bool readMoves();

  schedule::KernelOp kernel;
  Block &body;
  std::string &reason;
  Layer layer;
  std::optional<ProgramBuilder> builder;
  Operation *anchor = nullptr;
  /// The register of the next operand.
  unsigned nextRegister = 0;
  /// Elementwise: pixels and channels are one dimension.
  bool merged = false;
};
} // namespace

/// Every tensor that the kernel reads or writes must have elements that the
/// machine knows.
bool KernelReader::checkTypes() {
  auto check = [&](Value value) {
    Type type = typeOf(value).getElementType();
    if (elementOf(type) != Element::none && !type.isInteger(1))
      return true;
    std::string text;
    llvm::raw_string_ostream(text) << type;
    return fail("its elements are " + text +
                ", and the device computes with integers of 8, 16 and 32 bits");
  };
  return llvm::all_of(kernel.getInputs(), check) &&
         llvm::all_of(kernel.getOutputs(), check);
}

//===-- Anchors -----------------------------------------------------------===//

bool KernelReader::readConvolution(edge::IntegerConv2DOp op) {
  RankedTensorType in = op.getInput().getType(), out = op.getResult().getType();
  ArrayRef<int64_t> window = op.getFilter().getType().getShape();
  std::optional<ConstantData> filter =
      ConstantData::get(outside(op.getFilter()));
  if (!filter)
    return fail("its filter is not a constant");
  if (elementOf(in.getElementType()) == Element::i16 ||
      elementOf(op.getFilter().getType().getElementType()) == Element::i16) {
    return fail(
        "it multiplies numbers of 16 bits, and the device's array those "
        "of 8 bits");
  }
  layer.kind = Layer::Kind::mac;
  layer.groups = op.getGroups();
  layer.depthwise = layer.groups > 1 && window[3] == 1;
  if (layer.depthwise && layer.groups != in.getShape()[3])
    return fail("its groups are neither dense nor one per channel");
  layer.images = in.getShape()[0];
  layer.reads.push_back({outside(op.getInput()),
                         {in.getShape()[1], in.getShape()[2], in.getShape()[3],
                          elementOf(in.getElementType())}});
  layer.out = {out.getShape()[1], out.getShape()[2], out.getShape()[3]};
  layer.window = {-op.getPads()[0],
                  -op.getPads()[1],
                  window[1],
                  window[2],
                  op.getStrides()[0],
                  op.getStrides()[1],
                  op.getDilations()[0],
                  op.getDilations()[1],
                  int64_t(op.getPadValue()),
                  int64_t(op.getInputZeroPoint())};
  layer.filterZero = op.getFilterZeroPoint();
  // Images without rows in common are rows of one image.
  bool isPlain = window[1] == 1 && window[2] == 1 && op.getPads()[0] == 0 &&
                 op.getPads()[2] == 0 && op.getStrides()[0] == 1;
  if (isPlain) {
    layer.reads[0].view.height *= layer.images;
    layer.out.height *= layer.images;
    layer.images = 1;
  }
  if (layer.taps() > NPU_LIMIT_MAX_KERNEL_TAPS) {
    return fail("each output sums up " + Twine(layer.taps()) +
                " products, and the device at most " +
                Twine(NPU_LIMIT_MAX_KERNEL_TAPS));
  }
  layer.filter = filter;
  return readBias(op, *filter);
}

namespace {
/// Sums of the positive and of the negative weights of one output.
struct WeightSums {
  int64_t positive = 0, negative = 0;
};
} // namespace

template <typename T>
static WeightSums sumWeights(const char *bytes, int64_t count, int64_t zero) {
  int64_t sum = 0, magnitudes = 0;
  for (int64_t first = 0; first < count; first += 4096) {
    // Blocks whose sums fit 32 bits, which vectors hold more of.
    int32_t part = 0, absolute = 0;
    for (int64_t i = first, last = std::min(count, first + 4096); i < last;
         ++i) {
      int32_t weight = int32_t(T(bytes[i])) - int32_t(zero);
      part += weight;
      absolute += weight < 0 ? -weight : weight;
    }
    sum += part;
    magnitudes += absolute;
  }
  return {(magnitudes + sum) / 2, (sum - magnitudes) / 2};
}

/// Of output `output` of a filter with `taps` weights for each.
static WeightSums sumWeights(const ConstantData &filter, int64_t output,
                             int64_t taps, int64_t zero) {
  bool isUnsigned = elementOf(filter.getType().getElementType()) == Element::u8;
  int64_t count = filter.isSplat() ? 1 : taps;
  const char *bytes =
      filter.getBytes() + (filter.isSplat() ? 0 : output * taps);
  WeightSums sums = isUnsigned ? sumWeights<uint8_t>(bytes, count, zero)
                               : sumWeights<int8_t>(bytes, count, zero);
  if (filter.isSplat()) {
    sums.positive *= taps;
    sums.negative *= taps;
  }
  return sums;
}

/// Adds the bias, and finds between which bounds the sums lie.
bool KernelReader::readBias(edge::IntegerConv2DOp op,
                            const ConstantData &filter) {
  int64_t outputs = layer.out.channels,
          taps = filter.getNumElements() / outputs;
  Bounds input = boundsOf(op.getInput().getType().getElementType());
  int64_t low = std::min<int64_t>(0, input.low - layer.window.zero),
          high = std::max<int64_t>(0, input.high - layer.window.zero);
  std::vector<int32_t> bias(outputs, 0);
  if (op.getBias()) {
    std::optional<ConstantData> data = ConstantData::get(outside(op.getBias()));
    if (!data)
      return fail("its bias is not a constant");
    for (int64_t o = 0; o < outputs; ++o)
      std::memcpy(&bias[o], data->getBytes() + (data->isSplat() ? 0 : 4 * o),
                  4);
  }
  Bounds sums = {0, 0}, results = {INT32_MAX, INT32_MIN};
  for (int64_t o = 0; o < outputs; ++o) {
    auto [positive, negative] = sumWeights(filter, o, taps, layer.filterZero);
    int64_t least = positive * low + negative * high,
            most = positive * high + negative * low;
    sums = {std::min(sums.low, least), std::max(sums.high, most)};
    results = {std::min(results.low, least + bias[o]),
               std::max(results.high, most + bias[o])};
  }
  if (sums.low < INT32_MIN || sums.high > INT32_MAX)
    sums = {};
  builder.emplace(outputs);
  builder->bindInput(op.getResult(), 0, sums);
  nextRegister = 1;
  builder->addParameter(op.getResult(), std::move(bias), results);
  return true;
}

bool KernelReader::readPool(edge::MaxPool2DOp op) {
  auto in = cast<RankedTensorType>(op.getInput().getType());
  RankedTensorType out = typeOf(op.getResult());
  if (in.getElementType().isF32())
    return fail("it compares numbers of float32");
  layer.kind = Layer::Kind::pool;
  layer.pool = Pool::max;
  layer.images = in.getShape()[0];
  layer.reads.push_back({outside(op.getInput()),
                         {in.getShape()[1], in.getShape()[2], in.getShape()[3],
                          elementOf(in.getElementType())}});
  layer.out = {out.getShape()[1], out.getShape()[2], out.getShape()[3]};
  layer.window = {-op.getPads()[0],     -op.getPads()[1],    op.getWindow()[0],
                  op.getWindow()[1],    op.getStrides()[0],  op.getStrides()[1],
                  op.getDilations()[0], op.getDilations()[1]};
  builder.emplace(layer.out.channels);
  builder->bindInput(op.getResult(), 0, boundsOf(in.getElementType()));
  nextRegister = 3;
  return true;
}

/// A sum or maximum over consecutive dimensions in front of the channels, which
/// is a window over the whole image.
bool KernelReader::readReduction(Operation *op, Pool pool) {
  auto axes = op->getAttrOfType<DenseI64ArrayAttr>("axes").asArrayRef();
  RankedTensorType in = typeOf(op->getOperand(0));
  ArrayRef<int64_t> shape = in.getShape();
  if (axes.empty() || axes.back() != in.getRank() - 2 ||
      axes.back() - axes.front() + 1 != int64_t(axes.size()))
    return fail("the device reduces the dimensions in front of the channels "
                "only");
  if (in.getElementType().isF32())
    return fail("it reduces numbers of float32");
  layer.kind = Layer::Kind::pool;
  layer.pool = pool;
  for (int64_t size : shape.take_front(axes.front()))
    layer.images *= size;
  int64_t height = 1;
  for (int64_t axis : axes.drop_back())
    height *= shape[axis];
  layer.reads.push_back({outside(op->getOperand(0)),
                         {height, shape[axes.back()], shape.back(),
                          elementOf(in.getElementType())}});
  layer.out = {1, 1, shape.back()};
  layer.window.kernelY = height;
  layer.window.kernelX = shape[axes.back()];
  Bounds bounds = boundsOf(in.getElementType());
  if (pool == Pool::sum) {
    int64_t count = height * shape[axes.back()];
    bounds = {bounds.low * count, bounds.high * count};
    if (bounds.low < INT32_MIN || bounds.high > INT32_MAX)
      bounds = {};
  }
  Type result = typeOf(op->getResult(0)).getElementType();
  if (pool == Pool::sum && elementOf(result) != Element::i32)
    return fail("the device sums up in 32 bits");
  builder.emplace(layer.out.channels);
  builder->bindInput(op->getResult(0), 0, bounds);
  nextRegister = 3;
  return true;
}

bool KernelReader::readLookup(edge::LookupOp op) {
  std::optional<ConstantData> table = ConstantData::get(outside(op.getTable()));
  if (!table)
    return fail("its table is not a constant");
  chooseView(typeOf(op.getX()).getShape());
  layer.reads.push_back(
      {outside(op.getX()),
       *viewOf(op.getX(), typeOf(op.getResult()).getShape())});
  builder->bindInput(op.getX(), 0,
                     boundsOf(typeOf(op.getX()).getElementType()));
  nextRegister = 1;
  return builder->translateLookup(op.getResult(), op.getX(), *table, reason);
}

bool KernelReader::readAnchor() {
  for (Operation &op : body.without_terminator()) {
    if (op.hasTrait<edge::ElementwiseTrait>() || isa<edge::ConstantOp>(op))
      continue;
    if (anchor)
      return fail("it has two operators that are not elementwise");
    anchor = &op;
  }
  if (!anchor) {
    chooseView(typeOf(kernel.getOutputs()[0]).getShape());
    return true;
  }
  return TypeSwitch<Operation *, bool>(anchor)
      .Case([&](edge::IntegerConv2DOp op) { return readConvolution(op); })
      .Case([&](edge::MaxPool2DOp op) { return readPool(op); })
      .Case([&](edge::ReduceSumOp op) { return readReduction(op, Pool::sum); })
      .Case([&](edge::ReduceMaxOp op) { return readReduction(op, Pool::max); })
      .Case([&](edge::LookupOp op) { return readLookup(op); })
      .Default([&](Operation *op) {
        return fail("it has no command for '" + op->getName().getStringRef() +
                    "'");
      });
}

//===-- Elementwise operators ---------------------------------------------===//

/// Rows, pixels and channels of an elementwise layer. If no operand is
/// repeated and no number is per channel, pixels and channels become one long
/// dimension, which fills the lanes.
void KernelReader::chooseView(ArrayRef<int64_t> shape) {
  int64_t rank = int64_t(shape.size());
  merged = true;
  for (Value input : kernel.getInputs()) {
    if (typeOf(input).getShape() == shape)
      continue;
    std::optional<ConstantData> data = ConstantData::get(input);
    bool isTable = anchor != nullptr;
    merged &= isTable || (data && data->getNumElements() == 1);
  }
  for (auto constant : body.getOps<edge::ConstantOp>())
    merged &= constant.getValue().getNumElements() == 1 ||
              constant.getValue().isSplat();
  View out;
  out.channels = rank > 0 ? shape.back() : 1;
  out.width = rank > 1 ? shape[rank - 2] : 1;
  for (int64_t size : shape.drop_back(std::min<int64_t>(rank, 2)))
    out.height *= size;
  if (merged) {
    out.channels *= out.width;
    out.width = 1;
  }
  layer.out = out;
  builder.emplace(out.channels);
}

/// The tensor `value` in the layer's rows, pixels and channels, when it
/// broadcasts to `shape` there.
std::optional<View> KernelReader::viewOf(Value value, ArrayRef<int64_t> shape) {
  RankedTensorType type = typeOf(value);
  Element element = elementOf(type.getElementType());
  ArrayRef<int64_t> own = type.getShape();
  if (own == shape)
    return View{layer.out.height, layer.out.width, layer.out.channels, element};
  if (merged || own.size() > shape.size())
    return std::nullopt;
  SmallVector<int64_t> padded(shape.size() - own.size(), 1);
  llvm::append_range(padded, own);
  size_t rank = shape.size();
  View view;
  view.element = element;
  view.channels = rank > 0 ? padded.back() : 1;
  view.width = rank > 1 ? padded[rank - 2] : 1;
  for (size_t d = 0; d + 2 < rank; ++d)
    view.height *= padded[d];
  bool repeats = view.height == 1 || view.height == layer.out.height;
  return repeats ? std::optional(view) : std::nullopt;
}

/// Binds what an elementwise operator reads and no earlier one made: constants
/// to numbers, other tensors to the next register.
bool KernelReader::bindOperands(Operation &op) {
  ArrayRef<int64_t> shape = typeOf(kernel.getOutputs()[0]).getShape();
  for (Value operand : op.getOperands()) {
    if (builder->knows(operand))
      continue;
    Value source = outside(operand);
    std::optional<ConstantData> data = ConstantData::get(source);
    if (data && builder->bindConstant(operand, *data))
      continue;
    unsigned limit = layer.kind == Layer::Kind::mac ? 2 : 3;
    if (nextRegister >= limit)
      return fail("it reads more tensors than the device's output pipeline");
    std::optional<View> view = viewOf(operand, shape);
    bool isMac = layer.kind == Layer::Kind::mac;
    if (!view || view->element == Element::none ||
        (isMac &&
         (view->channels != layer.out.channels ||
          view->height != layer.out.height || view->width != layer.out.width)))
      return fail("it repeats an operand in a way that the device's loops "
                  "cannot");
    if (data && layer.images > 1)
      return fail("it adds a large constant to a batch of images");
    layer.reads.push_back({source, *view});
    builder->bindInput(operand, nextRegister++,
                       boundsOf(typeOf(operand).getElementType()));
  }
  return true;
}

bool KernelReader::readElementwise() {
  for (Operation &op : body.without_terminator()) {
    if (&op == anchor || isa<edge::ConstantOp>(op))
      continue;
    if (!bindOperands(op) || !builder->translate(op, reason))
      return false;
  }
  return true;
}

/// A kernel of one operator that moves elements.
bool KernelReader::readMoves() {
  Operation &op = body.front();
  if (op.getNextNode() != body.getTerminator() ||
      body.getTerminator()->getOperand(0) != op.getResult(0))
    return false;
  std::optional<std::vector<Box>> boxes = readMove(op);
  ValueRange moved = op.getOperands();
  if (auto resample = dyn_cast<edge::ResampleOp>(op)) {
    if (auto table = ConstantData::get(outside(resample.getTable())))
      boxes = readResample(resample, *table);
    moved = moved.take_front();
  }
  if (!boxes)
    return false;
  if (auto pad = dyn_cast<edge::PadOp>(op)) {
    double value = pad.getValue().convertToDouble();
    bool isReal = typeOf(layer.result).getElementType().isF32();
    layer.fill = isReal ? int64_t(llvm::bit_cast<int32_t>(float(value)))
                        : int64_t(value);
  }
  layer.kind = Layer::Kind::move;
  layer.boxes = std::move(*boxes);
  Element element = elementOf(typeOf(layer.result).getElementType());
  auto viewOf = [&](Value value) {
    return View{1, 1, typeOf(value).getNumElements(), element};
  };
  for (Value operand : moved)
    layer.reads.push_back({outside(operand), viewOf(operand)});
  layer.out = viewOf(layer.result);
  layer.program = std::make_shared<MicroProgram>();
  return true;
}

std::optional<Layer> KernelReader::read() {
  if (kernel.getNumResults() != 1) {
    reason = "it has several results";
    return std::nullopt;
  }
  layer.kernel = kernel;
  layer.name = kernel.getKernelName().str();
  layer.result = kernel.getOutputs()[0];
  if (checkTypes() && readMoves())
    return std::move(layer);
  if (!checkTypes() || !readAnchor())
    return std::nullopt;
  layer.out.element = elementOf(typeOf(layer.result).getElementType());
  if (!readElementwise())
    return std::nullopt;
  Value yielded = body.getTerminator()->getOperand(0);
  if (!builder->knows(yielded) || layer.reads.empty()) {
    reason = "it computes nothing";
    return std::nullopt;
  }
  layer.program = builder->finish(yielded, reason);
  if (!layer.program)
    return std::nullopt;
  if (layer.program->code.size() > NPU_LIMIT_PROGRAM_LENGTH) {
    reason = "its elementwise operators take more than " +
             std::to_string(NPU_LIMIT_PROGRAM_LENGTH) + " steps";
    return std::nullopt;
  }
  for (const Read &read : layer.reads) {
    const View &view = read.view;
    if (layer.kind != Layer::Kind::elementwise &&
        std::max({view.height, view.width, view.channels}) > sizeLimit) {
      reason = "a dimension is larger than " + std::to_string(sizeLimit);
      return std::nullopt;
    }
  }
  return std::move(layer);
}

std::optional<Layer> edgec::npu::readKernel(schedule::KernelOp kernel,
                                            const NpuMachine &machine,
                                            std::string &reason) {
  return KernelReader(kernel, reason).read();
}
