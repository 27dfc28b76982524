//===- ContractionShape.cpp - one form for all products -------------------===//
//
// Strides first, as the operators define them; then flattening: loops whose
// strides continue into each other become one. A convolution without dilation
// has its (kw, c) in one run, so that it is a loop over kh of a matrix product
// whose rows overlap: no im2col.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/ContractionShape.h"
#include "dialects/edge/Blocks.h"
#include "dialects/edge/Integer.h"
#include "dialects/edge/Product.h"
#include "passes/kernel/ContractionUnit.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/HalfArithmetic.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

int64_t ContractionShape::batchCount() const {
  int64_t count = 1;
  for (int64_t size : batch)
    count *= size;
  return count;
}

SmallVector<Index> ContractionShape::position(ArrayRef<Index> batchIndex,
                                              Index h, Index w,
                                              Index channel) const {
  SmallVector<Index> position(resultRank, Index(0));
  llvm::copy(batchIndex, position.begin());
  position[resultRank - 1] = channel;
  if (resultRank >= 2)
    position[resultRank - 2] = w;
  if (height > 1)
    position[resultRank - 3] = h;
  return position;
}

/// The operand number of a value of the kernel's region; nothing when it is
/// computed inside.
static std::optional<unsigned> operandNumber(Value value) {
  auto argument = dyn_cast_if_present<BlockArgument>(value);
  if (!argument)
    return std::nullopt;
  return argument.getArgNumber();
}

/// Whether products of what the anchor's tensors hold are computed.
static bool hasKnownElements(Operation *anchor) {
  Type element = elementOf(anchor->getResult(0).getType());
  if (!isEmittableElement(element) || element.isInteger(1))
    return false;
  return llvm::all_of(anchor->getOpOperands(), [&](OpOperand &operand) {
    Type own = elementOf(operand.get().getType());
    unsigned number = operand.getOperandNumber();
    // Weights may take less memory, and what sums begin with more.
    return own == element ||
           (number == 1 && element.isF32() &&
            (own.isF16() || own.isBF16() || own.isSignlessInteger(8))) ||
           (number == 2 && computedType(element).isF32() && own.isF32());
  });
}

//===-- the operators' strides
//----------------------------------------------===//

static std::optional<ContractionShape> describe(schedule::KernelOp kernel,
                                                const edge::Convolution &conv) {
  std::optional<unsigned> lhs = operandNumber(conv.input),
                          rhs = operandNumber(conv.filter);
  if (!lhs || !rhs || !hasConvolutionHalo(kernel))
    return std::nullopt;
  ContractionShape s;
  s.lhs = *lhs;
  s.rhs = *rhs;
  ArrayRef<int64_t> result = conv.result.getType().getShape(),
                    filter = conv.filter.getType().getShape(),
                    strides = conv.strides, pads = conv.pads,
                    dilations = conv.dilations;
  Layout input = getOperandLayout(kernel, *lhs);
  s.resultRank = 4;
  s.batch = {result[0]};
  s.lhsBatch = {input.strides[0]};
  s.rhsBatch = {0};
  s.height = result[1];
  s.width = result[2];
  s.groups = conv.groups;
  s.channels = result[3] / s.groups;
  s.kernelHeight = filter[1];
  s.kernelWidth = filter[2];
  s.run = filter[3];
  s.lhsOffset =
      input.offset - pads[0] * input.strides[1] - pads[1] * input.strides[2];
  s.lhsRow = strides[0] * input.strides[1];
  s.lhsColumn = strides[1] * input.strides[2];
  s.lhsGroup = filter[3];
  s.lhsKernelRow = dilations[0] * input.strides[1];
  s.lhsKernelColumn = dilations[1] * input.strides[2];
  s.rhsChannel = filter[1] * filter[2] * filter[3];
  s.rhsKernelRow = filter[2] * filter[3];
  s.rhsKernelColumn = filter[3];
  s.rhsRun = 1;
  return s;
}

/// Rows of `x` with a filter [N, K].
static std::optional<ContractionShape> describeRows(schedule::KernelOp kernel,
                                                    Value x, Value filter) {
  std::optional<unsigned> lhs = operandNumber(x), rhs = operandNumber(filter);
  if (!lhs || !rhs)
    return std::nullopt;
  Layout input = getOperandLayout(kernel, *lhs);
  ContractionShape s;
  s.lhs = *lhs;
  s.rhs = *rhs;
  size_t rank = input.shape.size();
  s.resultRank = rank;
  s.run = input.shape.back();
  s.channels = cast<RankedTensorType>(filter.getType()).getDimSize(0);
  s.lhsOffset = input.offset;
  if (rank >= 2) {
    s.width = input.shape[rank - 2];
    s.lhsColumn = input.strides[rank - 2];
    s.batch.assign(input.shape.begin(), input.shape.end() - 2);
    s.lhsBatch.assign(input.strides.begin(), input.strides.end() - 2);
    s.rhsBatch.assign(rank - 2, 0);
  }
  s.rhsChannel = s.run;
  s.rhsRun = 1;
  return s;
}

static std::optional<ContractionShape> describe(schedule::KernelOp kernel,
                                                edge::BlockProductOp op) {
  auto shape = describeRows(kernel, op.getX(), op.getFilter());
  std::optional<unsigned> scales = operandNumber(op.getScales());
  if (!shape || !scales)
    return std::nullopt;
  shape->scales = scales;
  shape->block = op.blockSize();
  return shape;
}

template <typename OpT>
static std::optional<ContractionShape>
describeMatrices(schedule::KernelOp kernel, OpT op) {
  std::optional<unsigned> lhs = operandNumber(op.getLhs()),
                          rhs = operandNumber(op.getRhs());
  if (!lhs || !rhs)
    return std::nullopt;
  ArrayRef<int64_t> result =
      cast<RankedTensorType>(op.getResult().getType()).getShape();
  Layout left = getOperandLayout(kernel, *lhs),
         right = getOperandLayout(kernel, *rhs);
  ContractionShape s;
  s.lhs = *lhs;
  s.rhs = *rhs;
  s.resultRank = result.size();
  s.width = result[result.size() - 2];
  s.channels = result.back();
  s.run = left.shape.back();
  s.lhsOffset = left.offset;
  s.lhsColumn = left.strides[left.shape.size() - 2];
  s.rhsOffset = right.offset;
  s.rhsRun = right.strides[right.shape.size() - 2];
  s.rhsChannel = 1;
  SmallVector<int64_t> whole(result);
  auto batchStrides = [&](Layout layout, int64_t rows, int64_t columns) {
    SmallVector<int64_t> target(result.drop_back(2));
    target.push_back(rows);
    target.push_back(columns);
    Layout wide = layout.broadcastTo(target);
    return SmallVector<int64_t>(ArrayRef<int64_t>(wide.strides).drop_back(2));
  };
  s.batch.assign(result.begin(), result.end() - 2);
  s.lhsBatch = batchStrides(left, s.width, s.run);
  s.rhsBatch = batchStrides(right, s.run, s.channels);
  return s;
}

//===-- flattening
//----------------------------------------------------------===//

/// Merges the outer dimensions into the columns while strides allow.
static void flatten(schedule::KernelOp kernel, ContractionShape &s) {
  int64_t rank = s.resultRank;
  if (s.height == 1 && rank == 4 && s.batch.size() == 1)
    s.lhsRow = s.width * s.lhsColumn;
  bool imageMerged = s.height == 1;
  if (!imageMerged && s.lhsRow == s.width * s.lhsColumn &&
      collapsible(kernel, rank - 3, rank - 2)) {
    s.width *= s.height;
    s.height = 1;
    imageMerged = true;
  }
  while (imageMerged && !s.batch.empty() && s.rhsBatch.back() == 0 &&
         (s.batch.back() == 1 ||
          (s.lhsBatch.back() == s.width * s.lhsColumn &&
           collapsible(kernel, s.batch.size() - 1, rank - 2)))) {
    s.width *= s.batch.back();
    s.batch.pop_back();
    s.lhsBatch.pop_back();
    s.rhsBatch.pop_back();
  }
  // The reduction: kw into the run, then kh.
  if (s.kernelWidth == 1 || (s.lhsKernelColumn == s.run &&
                             (s.packed || s.rhsKernelColumn == s.run))) {
    s.run *= s.kernelWidth;
    s.kernelWidth = 1;
    if (s.kernelHeight == 1 || s.lhsKernelRow == s.run) {
      s.run *= s.kernelHeight;
      s.kernelHeight = 1;
    }
  }
}

/// Whether the products are of bytes, or of bf16.
static bool takesBytes(const ContractionShape &shape) {
  return isa<IntegerType>(shape.element) &&
         shape.lhsElement.getIntOrFloatBitWidth() == 8 &&
         shape.rhsElement.getIntOrFloatBitWidth() == 8;
}
static bool takesBrainFloats(const ContractionShape &shape) {
  return shape.lhsElement.isBF16() && shape.rhsElement.isBF16();
}

Type ContractionShape::packedElement() const {
  return dot ? dot->storedElement() : storedType(rhsElement);
}

int64_t ContractionShape::dotOffset() const {
  return lhsZeroPoint + dot->movedBy();
}

std::optional<DotUnit> kernel::findRunDotUnit(schedule::MachineAttr machine,
                                              Type lhs, Type rhs,
                                              int64_t rhsZeroPoint,
                                              int64_t run) {
  // One vector of channels.
  constexpr int64_t mostRun = 1024;
  auto unit = findDotUnit(machine, {lhs, {-128, 127}});
  bool isOneInstruction =
      unit && (unit->kind == DotUnit::vnni || unit->kind == DotUnit::sdot);
  if (!isOneInstruction || run > mostRun)
    return std::nullopt;
  unit->rhsMovedBy = (isUnsignedElement(rhs) ? 128 : 0) - rhsZeroPoint;
  return unit;
}

int64_t kernel::runPanelBytes(const ContractionShape &shape,
                              const Panels &panels) {
  int64_t width = panels.full ? panels.width : panels.lastWidth();
  int64_t elementBytes = shape.unpackedInRun ? 4 : 1;
  return width * shape.packedPerChannel() * elementBytes;
}

std::optional<ContractionShape>
kernel::getContractionShape(schedule::KernelOp kernel) {
  Operation *anchor = kernel.getAnchor();
  if (!anchor || kernel.getNumResults() != 1 ||
      !isa<edge::Conv2DOp, edge::MatMulOp, edge::FullyConnectedOp,
           edge::IntegerConv2DOp, edge::IntegerMatMulOp, edge::BlockProductOp>(
          anchor))
    return std::nullopt;
  auto narrow = dyn_cast<edge::IntegerConv2DOp>(anchor);
  auto narrowProduct = dyn_cast<edge::IntegerMatMulOp>(anchor);
  if (!narrow && !narrowProduct && !hasKnownElements(anchor))
    return std::nullopt;
  std::optional<ContractionShape> shape;
  Value bias;
  if (auto conv = edge::getConvolution(anchor)) {
    shape = describe(kernel, *conv);
    bias = conv->bias;
  } else if (auto connected = dyn_cast<edge::FullyConnectedOp>(anchor)) {
    shape = describeRows(kernel, connected.getInput(), connected.getFilter());
    bias = connected.getBias();
  } else if (auto blocks = dyn_cast<edge::BlockProductOp>(anchor)) {
    shape = describe(kernel, blocks);
  } else if (auto product = dyn_cast<edge::MatMulOp>(anchor)) {
    shape = describeMatrices(kernel, product);
  } else if (narrowProduct) {
    shape = describeMatrices(kernel, narrowProduct);
  }
  if (!shape)
    return std::nullopt;
  if (bias) {
    shape->bias = operandNumber(bias);
    if (!shape->bias)
      return std::nullopt;
  }
  shape->element = elementOf(anchor->getResult(0).getType());
  schedule::MachineAttr machine = schedule::getMachine(kernel);
  if (isa<FloatType>(shape->element) && !computesHalves(kernel, machine))
    shape->element = computedType(shape->element);
  shape->lhsElement = elementOf(anchor->getOperand(0).getType());
  shape->rhsElement = elementOf(anchor->getOperand(1).getType());
  if (narrow) {
    shape->lhsZeroPoint = int64_t(narrow.getInputZeroPoint());
    shape->rhsZeroPoint = int64_t(narrow.getFilterZeroPoint());
  } else if (narrowProduct) {
    shape->lhsZeroPoint = int64_t(narrowProduct.getLhsZeroPoint());
    shape->rhsZeroPoint = int64_t(narrowProduct.getRhsZeroPoint());
  }
  // Other weights are rare.
  shape->packed =
      (shape->element.isF32() || shape->element.isF16() || narrow) &&
      getConstantOperand(kernel, shape->rhs) &&
      llvm::all_of(shape->rhsBatch, [](int64_t stride) { return stride == 0; });
  if (shape->packed && !narrow && shape->rhsElement.isInteger(8)) {
    constexpr IntegerRange nibbles = {-8, 7};
    shape->fitsNibbles = nibbles.contains(
        rangeOfBytes(getConstantOperand(kernel, shape->rhs), /*zeroPoint=*/0));
  }
  flatten(kernel, *shape);
  if (!machine)
    return shape;
  bool hasRows = !shape->packed && shape->rhsChannel == 1;
  if (takesBrainFloats(*shape) && (shape->packed || hasRows))
    shape->dot = findDotUnit(machine, {shape->lhsElement});
  else if (narrow && shape->packed && takesBytes(*shape))
    shape->dot = chooseByteUnit(kernel, *shape, machine);
  else if (narrowProduct) {
    shape->dot = findRunDotUnit(machine, shape->lhsElement, shape->rhsElement,
                                shape->rhsZeroPoint, shape->run);
    shape->packed = shape->packedInRun = shape->dot.has_value();
  }
  shape->unpackedInRun = kernel::unpacksInRun(*shape, machine);
  shape->addsBytePairs =
      narrow && !shape->dot && canAddBytePairs(kernel, *shape, machine);
  return shape;
}

//===-- packing
//-------------------------------------------------------------===//

Panels::Panels(const ContractionShape &shape, schedule::TilingAttr tiling)
    : lanes(shape.dot ? std::min(tiling.getLanes(), shape.dot->lanes)
                      : tiling.getLanes()),
      vectors(tiling.getVectors()), width(lanes * vectors),
      full(shape.channels / width) {
  int64_t rest = shape.channels - full * width;
  lastVectors = rest / lanes;
  tailLanes = rest % lanes;
  // Half and quarter vectors cost less on some machines, never more; of 128
  // bits, nothing: and several whole ones come in one load.
  bool isHalf = shape.element && shape.element.isF16();
  int64_t least = isHalf && lanes == 8 ? lanes : 4;
  tailWidth = tailLanes ? std::max<int64_t>(llvm::PowerOf2Ceil(tailLanes),
                                            std::min(least, lanes))
                        : 0;
}

bool kernel::packsNibbles(const ContractionShape &shape, const Panels &panels) {
  // The last vector of a panel then has four lanes at least.
  return shape.fitsNibbles && panels.lanes >= 4 && panels.lanes % 2 == 0;
}

/// A filter's bytes as numbers.
struct FilterBytes {
  ArrayRef<int8_t> bytes;
  bool isUnsigned;

  int64_t operator[](int64_t index) const {
    int8_t byte = bytes[index];
    return isUnsigned ? int64_t(uint8_t(byte)) : byte;
  }
};

/// Calls function(first, used, width) for each panel of each group, as they are
/// packed: its first channel, how many it has, and how many are packed.
template <typename Function>
static void forEachPanel(const ContractionShape &shape, const Panels &panels,
                         Function function) {
  for (int64_t group = 0; group < shape.groups; ++group) {
    for (int64_t panel = 0; panel < panels.count(); ++panel) {
      int64_t first = panel * panels.width;
      function(group * shape.channels + first,
               std::min(panels.width, shape.channels - first),
               panel == panels.full ? panels.lastWidth() : panels.width);
    }
  }
}

/// What the sums of each channel begin with.
static void packStarts(const ContractionShape &shape, const FilterBytes &in,
                       int64_t used, char *out) {
  int64_t depth = shape.depth();
  for (int64_t n = 0; n < used; ++n) {
    int64_t sum = 0;
    for (int64_t k = 0; k < depth; ++k)
      sum += in[n * depth + k] - shape.rhsZeroPoint;
    auto start = uint32_t(-sum * shape.dotOffset());
    std::memcpy(out + n * sizeof start, &start, sizeof start);
  }
}

/// The steps of one panel of `used` channels, `width` of them packed, as
/// elements T. `in` has `depth` numbers per channel.
template <typename T>
static void packSteps(const ContractionShape &shape, const FilterBytes &in,
                      int64_t used, int64_t width, T *out) {
  int64_t depth = shape.depth(), run = shape.run,
          perLane = shape.dot->perLane();
  bool isWide = shape.dot->isWide();
  for (int64_t at = 0; at < depth; at += run) {
    for (int64_t step = 0; step < shape.stepsPerRun(); ++step) {
      int64_t begin = step * perLane;
      // Of bytes, the last step takes the last four of a run that has four.
      int64_t first =
          isWide ? begin : std::max<int64_t>(std::min(begin, run - perLane), 0);
      for (int64_t n = 0; n < used; ++n) {
        for (int64_t k = begin; k < std::min(begin + perLane, run); ++k) {
          int64_t weight = in[n * depth + at + k] - shape.rhsZeroPoint;
          out[shape.dot->place(n, k - first)] =
              T(weight - shape.dot->rhsMovedBy);
        }
      }
      out += width * perLane;
    }
  }
}

/// The same of pairs of bf16; an odd run ends with a zero.
static void packPairs(const ContractionShape &shape, const int16_t *in,
                      int64_t used, int64_t width, int16_t *out) {
  int64_t depth = shape.depth(), run = shape.run;
  for (int64_t at = 0; at < depth; at += run) {
    for (int64_t k = 0; k < run; ++k) {
      int16_t *pairs = out + k / 2 * width * 2;
      const int16_t *row = in + (at + k) * shape.rhsRun;
      for (int64_t n = 0; n < used; ++n)
        pairs[shape.dot->place(n, k % 2)] = row[n * shape.rhsChannel];
    }
    out += shape.stepsPerRun() * width * 2;
  }
}

static Packing packBrainFloats(const ContractionShape &shape,
                               const Panels &panels) {
  int64_t perChannel = shape.packedPerChannel();
  auto type = RankedTensorType::get(
      {shape.groups * panels.groupWidth() * perChannel}, shape.packedElement());
  std::string key =
      ("pairs of " + Twine(panels.lanes) + "x" + Twine(panels.vectors) +
       " channels " + Twine(shape.channels) + "x" + Twine(shape.groups) +
       " runs of " + Twine(shape.run) + " step " + Twine(shape.rhsChannel) +
       "," + Twine(shape.rhsRun))
          .str();
  auto write = [shape, panels, perChannel](ArrayRef<int16_t> source,
                                           MutableArrayRef<int16_t> packed) {
    int16_t *out = packed.data();
    forEachPanel(shape, panels,
                 [&](int64_t first, int64_t used, int64_t width) {
                   packPairs(shape, source.data() + first * shape.rhsChannel,
                             used, width, out);
                   out += width * perChannel;
                 });
  };
  return Packing{type, std::move(key), onElements<int16_t>(write)};
}

static Packing packForDot(schedule::KernelOp kernel,
                          const ContractionShape &shape, const Panels &panels) {
  int64_t perChannel = shape.packedPerChannel();
  auto type = RankedTensorType::get(
      {shape.groups * panels.groupWidth() * perChannel}, shape.packedElement());
  std::string key =
      ("dot " + Twine(shape.packedStep()) + " of " + Twine(panels.lanes) + "x" +
       Twine(panels.vectors) + " channels " + Twine(shape.channels) + "x" +
       Twine(shape.groups) + " runs of " + Twine(shape.run) + " offset " +
       Twine(shape.dotOffset()) + " zero " + Twine(shape.rhsZeroPoint) +
       " moved " + Twine(shape.dot->rhsMovedBy))
          .str();
  auto write = [shape, panels, type](ArrayRef<char> source,
                                     MutableArrayRef<char> packed) {
    FilterBytes filter{
        {reinterpret_cast<const int8_t *>(source.data()), source.size()},
        isUnsignedElement(shape.rhsElement)};
    char *out = packed.data();
    forEachPanel(shape, panels,
                 [&](int64_t first, int64_t used, int64_t width) {
                   FilterBytes in = filter;
                   in.bytes = in.bytes.drop_front(first * shape.depth());
                   packStarts(shape, in, used, out);
                   char *steps = out + width * dotBytes;
                   if (type.getElementTypeBitWidth() == 16) {
                     packSteps(shape, in, used, width,
                               reinterpret_cast<int16_t *>(steps));
                   } else {
                     packSteps(shape, in, used, width,
                               reinterpret_cast<int8_t *>(steps));
                   }
                   out += width * shape.packedPerChannel() *
                          int64_t(type.getElementTypeBitWidth() / 8);
                 });
  };
  return Packing{type, std::move(key), write};
}

/// Bytes of -8 to 7, one for each lane of the panels' vectors, two to a byte.
static void joinNibbles(const ContractionShape &shape, const Panels &panels,
                        ArrayRef<int8_t> in, char *out) {
  const int8_t *next = in.data();
  auto join = [&](int64_t lanes) {
    for (int64_t i = 0; i < lanes / 2; ++i)
      *out++ = char((next[i] & 15) | next[lanes / 2 + i] << 4);
    next += lanes;
  };
  for (int64_t group = 0; group < shape.groups; ++group) {
    for (int64_t panel = 0; panel < panels.count(); ++panel) {
      bool isLast = panel == panels.full;
      for (int64_t step = 0; step < shape.depth(); ++step) {
        for (int64_t v = 0; v < (isLast ? panels.lastVectors : panels.vectors);
             ++v)
          join(panels.lanes);
        if (isLast && panels.tailWidth)
          join(panels.tailWidth);
      }
    }
  }
}

/// A packing of bytes as one of half as many.
static Packing packNibbles(const ContractionShape &shape, const Panels &panels,
                           const Packing &bytes) {
  int64_t count = bytes.type.getNumElements();
  auto write = [=](ArrayRef<char> source, MutableArrayRef<char> packed) {
    std::vector<int8_t> whole(count, 0);
    bytes.write(source, {reinterpret_cast<char *>(whole.data()), whole.size()});
    joinNibbles(shape, panels, whole, packed.data());
  };
  return Packing{
      RankedTensorType::get({count / 2}, bytes.type.getElementType()),
      bytes.key + " by nibbles", write};
}

Packing kernel::packRhs(schedule::KernelOp kernel,
                        const ContractionShape &shape,
                        schedule::TilingAttr tiling) {
  Panels panels(shape, tiling);
  if (shape.dot) {
    return shape.dot->isFloat() ? packBrainFloats(shape, panels)
                                : packForDot(kernel, shape, panels);
  }
  int64_t depth = shape.depth();
  auto type =
      RankedTensorType::get({shape.groups * panels.groupWidth() * depth},
                            storedType(shape.rhsElement));
  std::string key =
      ("contraction " + Twine(panels.lanes) + "x" + Twine(panels.vectors) +
       " channels " + Twine(shape.channels) + "x" + Twine(shape.groups) +
       " step " + Twine(shape.rhsChannel) + "," + Twine(shape.rhsRun) +
       (shape.addsBytePairs ? " by pairs" : ""))
          .str();
  // Source order: element (channel, k) at channel * rhsChannel + k * rhsRun,
  // k counting (kh, kw, c) in a row.
  auto write = [shape, panels, depth](auto source, auto packed) {
    auto *out = packed.data();
    forEachPanel(
        shape, panels, [&](int64_t first, int64_t used, int64_t width) {
          const auto *in = source.data() + first * shape.rhsChannel;
          // Blocks of k keep both sides in the cache.
          constexpr int64_t block = 64;
          for (int64_t k0 = 0; k0 < depth; k0 += block) {
            for (int64_t n = 0; n < used; ++n) {
              for (int64_t k = k0; k < std::min(k0 + block, depth); ++k)
                out[k * width + n] =
                    in[n * shape.rhsChannel + k * shape.rhsRun];
            }
          }
          out += width * depth;
        });
  };
  switch (type.getElementTypeBitWidth()) {
  case 8: {
    Packing bytes{type, std::move(key), onElements<int8_t>(write)};
    return packsNibbles(shape, panels) ? packNibbles(shape, panels, bytes)
                                       : bytes;
  }
  case 16:
    return Packing{type, std::move(key), onElements<int16_t>(write)};
  default:
    return Packing{type, std::move(key), onElements<float>(write)};
  }
}
