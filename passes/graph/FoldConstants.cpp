//===- FoldConstants.cpp - compute at compile time what is known ---------===//
//
// Replaces operators whose operands are all constants by their result. Large
// tensors (transposed weights) are copied exactly once, into a resource.
//
//   %t = edge.transpose %c {permutation = [0, 2, 3, 1]}   becomes   %t =
//   edge.constant
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/Passes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <functional>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_FOLDCONSTANTS
#include "passes/graph/Passes.h.inc"

/// A result may exceed its operands by this much before keeping the operator
/// is better than storing the result (expanding a splat, padding, ...).
static constexpr int64_t growthBytes = 64 * 1024;
/// And by this factor when it only pads: a filter, brought to whole strides.
static constexpr int64_t padGrowth = 4;

//===----------------------------------------------------------------------===//
// Elementwise operators
//===----------------------------------------------------------------------===//

static float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }
static float clamp(float x, float low, float high) {
  return std::min(std::max(x, low), high);
}

/// The operator on one float; empty for operators that are not listed.
static std::function<float(float)> unaryFunction(Operation *op) {
  using Function = std::function<float(float)>;
  return llvm::TypeSwitch<Operation *, Function>(op)
      .Case([](edge::AbsOp) { return [](float x) { return std::abs(x); }; })
      .Case([](edge::NegOp) { return [](float x) { return -x; }; })
      .Case([](edge::ExpOp) { return [](float x) { return std::exp(x); }; })
      .Case([](edge::LogOp) { return [](float x) { return std::log(x); }; })
      .Case([](edge::SqrtOp) { return [](float x) { return std::sqrt(x); }; })
      .Case([](edge::RsqrtOp) {
        return [](float x) { return 1.0f / std::sqrt(x); };
      })
      .Case([](edge::ReciprocalOp) { return [](float x) { return 1.0f / x; }; })
      .Case([](edge::FloorOp) { return [](float x) { return std::floor(x); }; })
      .Case([](edge::CeilOp) { return [](float x) { return std::ceil(x); }; })
      .Case([](edge::RoundEvenOp) {
        return [](float x) { return std::nearbyint(x); };
      })
      .Case([](edge::SignOp) {
        return [](float x) { return float((x > 0) - (x < 0)); };
      })
      .Case([](edge::SigmoidOp) { return sigmoid; })
      .Case([](edge::TanhOp) { return [](float x) { return std::tanh(x); }; })
      .Case([](edge::ErfOp) { return [](float x) { return std::erf(x); }; })
      .Case([](edge::ReluOp) {
        return [](float x) { return x < 0.0f ? 0.0f : x; };
      })
      .Case([](edge::SiluOp) { return [](float x) { return x * sigmoid(x); }; })
      .Case([](edge::HardSwishOp) {
        return [](float x) { return x * clamp(x + 3.0f, 0.0f, 6.0f) / 6.0f; };
      })
      .Case([](edge::SoftplusOp) {
        return [](float x) { return std::log1p(std::exp(x)); };
      })
      .Case([](edge::ClampOp clampOp) {
        float low = clampOp.getMin().convertToFloat();
        float high = clampOp.getMax().convertToFloat();
        return [=](float x) { return clamp(x, low, high); };
      })
      .Case([](edge::HardSigmoidOp sigmoidOp) {
        float alpha = sigmoidOp.getAlpha().convertToFloat();
        float beta = sigmoidOp.getBeta().convertToFloat();
        return [=](float x) { return clamp(alpha * x + beta, 0.0f, 1.0f); };
      })
      .Case([](edge::LeakyReluOp leaky) {
        float alpha = leaky.getAlpha().convertToFloat();
        return [=](float x) { return x < 0.0f ? alpha * x : x; };
      })
      .Case([](edge::EluOp elu) {
        float alpha = elu.getAlpha().convertToFloat();
        return [=](float x) { return x < 0.0f ? alpha * std::expm1(x) : x; };
      })
      .Default([](Operation *) { return Function(); });
}

static std::function<float(float, float)> binaryFunction(Operation *op) {
  using Function = std::function<float(float, float)>;
  return llvm::TypeSwitch<Operation *, Function>(op)
      .Case([](edge::AddOp) { return std::plus<float>(); })
      .Case([](edge::SubOp) { return std::minus<float>(); })
      .Case([](edge::MulOp) { return std::multiplies<float>(); })
      .Case([](edge::DivOp) { return std::divides<float>(); })
      .Case([](edge::MaxOp) {
        return [](float x, float y) { return std::max(x, y); };
      })
      .Case([](edge::MinOp) {
        return [](float x, float y) { return std::min(x, y); };
      })
      .Case([](edge::PowOp) {
        return [](float x, float y) { return std::pow(x, y); };
      })
      .Default([](Operation *) { return Function(); });
}

/// Strides with which an operand of `shape` is read to fill `result`.
static SmallVector<int64_t> broadcastStrides(ArrayRef<int64_t> shape,
                                             ArrayRef<int64_t> result) {
  SmallVector<int64_t> strides = denseStrides(shape);
  for (auto [stride, size] : llvm::zip_equal(strides, shape))
    stride = size == 1 ? 0 : stride;
  strides.insert(strides.begin(), result.size() - shape.size(), 0);
  return strides;
}

/// The operand's elements repeated to the result's shape.
static ElementsAttr broadcastConstant(const ConstantData &data,
                                      RankedTensorType type) {
  if (data.isSplat())
    return DenseElementsAttr::getFromRawBuffer(
        type, ArrayRef(data.getBytes(), data.getElementBytes()));
  StridedBytes from{
      broadcastStrides(data.getType().getShape(), type.getShape()), 0};
  return makeConstant(type, [&](MutableArrayRef<char> bytes) {
    copyStrided(type.getShape(), data.getElementBytes(), data.getBytes(), from,
                bytes.data(), {denseStrides(type.getShape()), 0});
  });
}

static ElementsAttr foldElementwise(Operation *op,
                                    ArrayRef<ConstantData> operands,
                                    RankedTensorType type) {
  if (!type.getElementType().isF32() ||
      !llvm::all_of(operands,
                    [](const ConstantData &data) { return data.isFloat32(); }))
    return nullptr;
  bool allSplat = llvm::all_of(
      operands, [](const ConstantData &data) { return data.isSplat(); });
  auto evaluate = [&](auto &&element) -> ElementsAttr {
    if (allSplat)
      return DenseElementsAttr::get(type, element(0));
    return makeFloatConstant(type, [&](MutableArrayRef<float> out) {
      for (size_t i = 0; i < out.size(); ++i)
        out[i] = element(i);
    });
  };
  if (auto unary = unaryFunction(op))
    return evaluate([&](int64_t i) { return unary(operands[0].getFloat(i)); });
  auto binary = binaryFunction(op);
  if (!binary)
    return nullptr;
  // Operands of smaller shape are expanded first; they are small.
  SmallVector<ConstantData> sources;
  for (const ConstantData &data : operands) {
    std::optional<ConstantData> full;
    if (data.getType().getShape() != type.getShape())
      full = ConstantData::get(broadcastConstant(data, type));
    sources.push_back(full ? *full : data);
  }
  return evaluate([&](int64_t i) {
    return binary(sources[0].getFloat(i), sources[1].getFloat(i));
  });
}

//===----------------------------------------------------------------------===//
// Data movement
//===----------------------------------------------------------------------===//

static ElementsAttr foldConcat(edge::ConcatOp op,
                               ArrayRef<ConstantData> operands,
                               RankedTensorType type) {
  SmallVector<int64_t> strides = denseStrides(type.getShape());
  return makeConstant(type, [&](MutableArrayRef<char> bytes) {
    int64_t offset = 0;
    for (const ConstantData &data : operands) {
      ArrayRef<int64_t> shape = data.getType().getShape();
      StridedBytes from{denseStrides(shape), 0};
      if (data.isSplat())
        from.strides.assign(shape.size(), 0);
      copyStrided(shape, data.getElementBytes(), data.getBytes(), from,
                  bytes.data(), {strides, offset * strides[op.getAxis()]});
      offset += shape[op.getAxis()];
    }
  });
}

static ElementsAttr foldSlice(edge::SliceOp op, const ConstantData &data,
                              RankedTensorType type) {
  SmallVector<int64_t> strides = denseStrides(data.getType().getShape());
  StridedBytes from;
  for (auto [stride, step, first] :
       llvm::zip_equal(strides, op.getStrides(), op.getOffsets())) {
    from.strides.push_back(data.isSplat() ? 0 : stride * step);
    from.offset += data.isSplat() ? 0 : stride * first;
  }
  return makeConstant(type, [&](MutableArrayRef<char> bytes) {
    copyStrided(type.getShape(), data.getElementBytes(), data.getBytes(), from,
                bytes.data(), {denseStrides(type.getShape()), 0});
  });
}

static ElementsAttr foldPad(edge::PadOp op, const ConstantData &data,
                            RankedTensorType type) {
  if (!data.isFloat32())
    return nullptr;
  ArrayRef<int64_t> shape = data.getType().getShape();
  StridedBytes from{denseStrides(shape), 0},
      to{denseStrides(type.getShape()), 0};
  if (data.isSplat())
    from.strides.assign(shape.size(), 0);
  for (auto [stride, low] : llvm::zip_equal(to.strides, op.getLow()))
    to.offset += stride * low;
  return makeFloatConstant(type, [&](MutableArrayRef<float> out) {
    llvm::fill(out, op.getValue().convertToFloat());
    copyStrided(shape, data.getElementBytes(), data.getBytes(), from,
                reinterpret_cast<char *>(out.data()), to);
  });
}

//===----------------------------------------------------------------------===//
// Tables of quantized functions
//===----------------------------------------------------------------------===//

/// Of float32; factors of one number.
static ElementsAttr foldRequantize(edge::RequantizeOp op,
                                   ArrayRef<ConstantData> operands,
                                   RankedTensorType type) {
  std::optional<float> factor;
  if (operands.size() > 1) {
    factor = operands[1].getSplatFloat();
    if (!factor)
      return nullptr;
  }
  if (!operands[0].isFloat32())
    return nullptr;
  auto low = int64_t(op.getLow()), high = int64_t(op.getHigh()),
       zero = int64_t(op.getZeroPoint());
  size_t bytes = edgec::getElementBytes(type.getElementType());
  return makeConstant(type, [&](MutableArrayRef<char> out) {
    for (int64_t i = 0; i < type.getNumElements(); ++i) {
      float x = operands[0].getFloat(i);
      float scaled = factor ? x * *factor : x;
      double rounded = std::nearbyint(double(scaled)) + double(zero);
      // A NaN gives the least.
      int64_t number = rounded >= double(high) ? high
                       : rounded > double(low) ? int64_t(rounded)
                                               : low;
      std::memcpy(out.data() + i * int64_t(bytes), &number, bytes);
    }
  });
}

/// The operator's result, or null when it is not one that folds.
static ElementsAttr foldOp(Operation *op, ArrayRef<ConstantData> operands) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto first = [&]() {
    return op->getOperand(0).getDefiningOp<edge::ConstantOp>().getValue();
  };
  return llvm::TypeSwitch<Operation *, ElementsAttr>(op)
      .Case([&](edge::ReshapeOp) {
        return reshapeConstant(first(), type.getShape());
      })
      .Case([&](edge::TransposeOp transpose) {
        return transposeConstant(first(), transpose.getPermutation());
      })
      .Case([&](edge::BroadcastOp) {
        return broadcastConstant(operands[0], type);
      })
      .Case([&](edge::ConcatOp concat) {
        return foldConcat(concat, operands, type);
      })
      .Case([&](edge::SliceOp slice) {
        return foldSlice(slice, operands[0], type);
      })
      .Case([&](edge::PadOp pad) { return foldPad(pad, operands[0], type); })
      .Case([&](edge::CastOp) { return castConstant(operands[0], type); })
      .Case([&](edge::RequantizeOp requantize) {
        return foldRequantize(requantize, operands, type);
      })
      .Default([&](Operation *other) {
        return other->hasTrait<edge::ElementwiseTrait>()
                   ? foldElementwise(other, operands, type)
                   : ElementsAttr();
      });
}

namespace {
struct FoldConstants : impl::FoldConstantsBase<FoldConstants> {
  void runOnOperation() override {
    // In program order, so that a chain folds in one walk.
    for (Operation &op :
         llvm::make_early_inc_range(getOperation().getBody().getOps()))
      fold(&op);
  }

  void fold(Operation *op);
};
} // namespace

void FoldConstants::fold(Operation *op) {
  if (op->getNumOperands() == 0 || op->getNumResults() != 1 ||
      !isa<edge::EdgeDialect>(op->getDialect()))
    return;
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  SmallVector<ConstantData> operands;
  int64_t storedBytes = 0;
  bool allSplat = true;
  for (Value operand : op->getOperands()) {
    auto data = ConstantData::get(operand);
    if (!data)
      return;
    allSplat &= data->isSplat();
    storedBytes += data->isSplat() ? data->getElementBytes()
                                   : data->getNumElements() *
                                         int64_t(data->getElementBytes());
    operands.push_back(*data);
  }
  int64_t resultBytes =
      type.getNumElements() * edgec::getElementBytes(type.getElementType());
  bool staysSplat = allSplat && !isa<edge::ConcatOp, edge::PadOp>(op);
  if (isa<edge::PadOp>(op))
    storedBytes *= padGrowth;
  // Weights are wanted as constants, however wide.
  if (!staysSplat && !isa<edge::CastOp>(op) &&
      resultBytes > storedBytes + growthBytes)
    return;
  ElementsAttr value = foldOp(op, operands);
  if (!value || value.getType() != type)
    return;
  OpBuilder builder(op);
  op->getResult(0).replaceAllUsesWith(
      edge::ConstantOp::create(builder, op->getLoc(), type, value));
  llvm::SmallSetVector<Value, 2> sources(op->operand_begin(),
                                         op->operand_end());
  op->erase();
  for (Value source : sources)
    if (source.use_empty() && source.getDefiningOp())
      source.getDefiningOp()->erase();
  ++numFolded;
}

} // namespace edgec
