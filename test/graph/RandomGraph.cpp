//===- RandomGraph.cpp - graphs that nobody would write ------------------===//
//
// See RandomGraph.h.
//
//===----------------------------------------------------------------------===//
#include "test/graph/RandomGraph.h"
#include "dialects/edge/Edge.h"

using namespace mlir;

namespace edgec::test {
namespace {

class Writer {
public:
  Writer(OpBuilder &builder, unsigned seed)
      : builder(builder), random(seed), loc(builder.getUnknownLoc()) {}

  std::vector<Value> values;

  void step();
  int64_t below(int64_t count) {
    return std::uniform_int_distribution<int64_t>(0, count - 1)(random);
  }

private:
  /// Mostly the latest values, so that the graph is deep.
  Value pick() {
    int64_t back = std::min(below(3) == 0 ? below(values.size()) : below(2),
                            int64_t(values.size()) - 1);
    return values[values.size() - 1 - back];
  }

  Value constant(ArrayRef<int64_t> shape, float low, float high) {
    auto type = RankedTensorType::get(shape, builder.getF32Type());
    std::uniform_real_distribution<float> number(low, high);
    std::vector<float> numbers(type.getNumElements());
    for (float &value : numbers)
      value = number(random);
    if (below(3) == 0)
      std::fill(numbers.begin(), numbers.end(), 0.5f);
    return edge::ConstantOp::create(
        builder, loc, type, DenseElementsAttr::get(type, ArrayRef(numbers)));
  }

  SmallVector<int64_t> permutation() {
    switch (below(4)) {
    case 0:
      return {0, 3, 1, 2};
    case 1:
      return {0, 2, 3, 1};
    case 2:
      return {0, 1, 3, 2};
    default:
      return {0, 3, 2, 1};
    }
  }

  Value window(Value x);
  Value contraction(Value x);
  Value unary(Value x);
  Value binary(Value x);
  Value move(Value x);
  Value reduce(Value x);

  OpBuilder &builder;
  std::mt19937 random;
  Location loc;
};

Value Writer::contraction(Value x) {
  switch (below(3)) {
  case 0:
    return edge::Conv2DOp::create(
        builder, loc, x, constant({4, 3, 3, 4}, -0.3f, 0.3f),
        below(2) ? constant({4}, -1, 1) : Value(), ArrayRef<int64_t>{1, 1},
        ArrayRef<int64_t>{1, 1, 1, 1}, ArrayRef<int64_t>{1, 1}, 1);
  case 1:
    return edge::Conv2DOp::create(
        builder, loc, x, constant({4, 1, 1, 1}, -1, 1), Value(),
        ArrayRef<int64_t>{1, 1}, ArrayRef<int64_t>{0, 0, 0, 0},
        ArrayRef<int64_t>{1, 1}, 4);
  default:
    return edge::MatMulOp::create(
        builder, loc, x, below(2) ? constant({4, 4}, -0.5f, 0.5f) : pick());
  }
}

Value Writer::window(Value x) {
  SmallVector<int64_t> three(2, 3), one(2, 1), pads(4, 1);
  if (below(2))
    return edge::MaxPool2DOp::create(builder, loc, x, three, one, pads, one);
  return edge::AvgPool2DOp::create(builder, loc, x, three, one, pads,
                                   ArrayRef<int64_t>{0, 0}, below(2) == 0);
}

Value Writer::unary(Value x) {
  switch (below(6)) {
  case 0:
    return edge::ReluOp::create(builder, loc, x);
  case 1:
    return edge::SigmoidOp::create(builder, loc, x);
  case 2:
    return edge::TanhOp::create(builder, loc, x);
  case 3:
    return edge::ClampOp::create(builder, loc, x.getType(), x, APFloat(-1.0f),
                                 APFloat(2.0f));
  case 4: {
    Value gate = edge::SigmoidOp::create(builder, loc, x);
    return edge::MulOp::create(builder, loc, x, gate);
  }
  default:
    return edge::NegOp::create(builder, loc, x);
  }
}

Value Writer::binary(Value x) {
  SmallVector<int64_t> shapes[] = {{4}, {4, 1, 1}, {1, 4, 4, 4},
                                   {1}, {},        {4, 4}};
  Value y = below(2) ? pick() : constant(shapes[below(6)], -1, 1);
  if (below(4) == 0)
    std::swap(x, y);
  switch (below(4)) {
  case 0:
    return edge::MulOp::create(
        builder, loc, x, edge::TanhOp::create(builder, loc, y).getResult());
  case 1:
    return edge::SubOp::create(builder, loc, x, y);
  case 2:
    return edge::MaxOp::create(builder, loc, x, y);
  default:
    return edge::AddOp::create(builder, loc, x, y);
  }
}

Value Writer::move(Value x) {
  auto type = cast<RankedTensorType>(x.getType());
  switch (below(6)) {
  case 0: {
    Value view = edge::ReshapeOp::create(
        builder, loc, type.clone(ArrayRef<int64_t>{16, 4}), x);
    return edge::ReshapeOp::create(builder, loc, type, unary(view));
  }
  case 1: {
    Value two = edge::ConcatOp::create(builder, loc, ValueRange{x, pick()}, 1);
    return edge::SliceOp::create(builder, loc, two,
                                 ArrayRef<int64_t>{0, 2, 0, 0}, type.getShape(),
                                 ArrayRef<int64_t>{1, 1, 1, 1});
  }
  case 2: {
    Value wide =
        edge::PadOp::create(builder, loc, x, ArrayRef<int64_t>{0, 0, 1, 0},
                            ArrayRef<int64_t>{0, 0, 0, 1}, APFloat(0.0f));
    return edge::SliceOp::create(builder, loc, wide,
                                 ArrayRef<int64_t>{0, 3, 0, 1}, type.getShape(),
                                 ArrayRef<int64_t>{1, -1, 1, 1});
  }
  default:
    return edge::TransposeOp::create(builder, loc, x, permutation());
  }
}

Value Writer::reduce(Value x) {
  switch (below(3)) {
  case 0:
    return edge::SoftmaxOp::create(builder, loc, x, below(3) + 1);
  case 1: {
    Value p = constant({4}, 0.1f, 1.0f);
    return edge::BatchNormOp::create(builder, loc, x, p, p, p, p, APFloat(0.1f),
                                     below(3) + 1);
  }
  default: {
    SmallVector<int64_t> axes[] = {{1, 2}, {2, 3}, {3}};
    Value mean =
        edge::ReduceMeanOp::create(builder, loc, x, axes[below(3)], true);
    return edge::AddOp::create(builder, loc, x, unary(mean));
  }
  }
}

/// One operator or a few, around which a convolution has its transposes.
void Writer::step() {
  Value x = pick();
  switch (below(8)) {
  case 0: {
    x = edge::TransposeOp::create(builder, loc, x,
                                  ArrayRef<int64_t>{0, 2, 3, 1});
    x = contraction(x);
    x = edge::TransposeOp::create(builder, loc, x,
                                  ArrayRef<int64_t>{0, 3, 1, 2});
    break;
  }
  case 1:
    x = contraction(x);
    break;
  case 2:
    x = window(x);
    break;
  case 3:
    x = move(x);
    break;
  case 4:
    x = reduce(x);
    break;
  case 5:
    x = binary(x);
    break;
  default:
    x = unary(x);
    break;
  }
  // Whatever grows is brought back.
  if (below(4) == 0)
    x = edge::TanhOp::create(builder, loc, x);
  values.push_back(x);
}

} // namespace

OwningOpRef<ModuleOp> makeRandomGraph(MLIRContext &context, unsigned seed,
                                      int size) {
  OpBuilder builder(&context);
  Location loc = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  builder.setInsertionPointToEnd(module->getBody());
  Type type = RankedTensorType::get({1, 4, 4, 4}, builder.getF32Type());
  auto function = func::FuncOp::create(
      builder, loc, "random", builder.getFunctionType({type, type}, {}));
  builder.setInsertionPointToEnd(function.addEntryBlock());
  Writer writer(builder, seed);
  for (Value argument : function.getArguments())
    writer.values.push_back(argument);
  for (int i = 0; i < size; ++i)
    writer.step();
  SmallVector<Value> results{writer.values.back()};
  for (int64_t i = writer.below(3); i > 0; --i)
    results.push_back(writer.values[writer.below(writer.values.size())]);
  func::ReturnOp::create(builder, loc, results);
  function.setFunctionType(builder.getFunctionType(
      {type, type}, llvm::to_vector(ValueRange(results).getTypes())));
  return module;
}

} // namespace edgec::test
