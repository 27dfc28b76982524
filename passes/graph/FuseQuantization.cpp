//===- FuseQuantization.cpp - integer arithmetic of quantized graphs ------===//
//
// A quantized ONNX model is a graph of float operators between pairs of
// dequantize and quantize. What it means is kept, and computed on integers:
//
//   edge.quantize (edge.relu (edge.conv2d (edge.dequantize %x),
//                                         (edge.dequantize %w)))
// becomes
//   edge.requantize (edge.integer_conv2d %x, %w), %factors {low = zero point}
//
// Pairs first move to the operators that compute (MoveQuantization.cpp); those
// become sums of integers (QuantizedProducts.cpp, QuantizedMeans.cpp) or tables
// (QuantizedTables.cpp, QuantizedBinary.cpp, where ONNX Runtime is the
// reference QuantizedSoftmax.cpp, QuantizedNormalizations.cpp). What is left is
// float arithmetic on integers that are loaded and stored as such; operators
// that stay float are told.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "dialects/edge/NodeName.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "passes/graph/ApplyPatterns.h"
#include "passes/graph/Passes.h"
#include "passes/graph/QuantizedSums.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_FUSEQUANTIZATION
#include "passes/graph/Passes.h.inc"

/// Integers are what every quantization gives and every dequantization takes:
/// between those of a pair come two bitcasts.
static void separatePairs(func::FuncOp function) {
  function.walk([](edge::QuantizeOp quantize) {
    Type element = elementOf(quantize);
    auto takesQuantized = [](Operation *user) {
      return isa<edge::DequantizeOp>(user);
    };
    if (!getScales(element) ||
        llvm::none_of(quantize->getUsers(), takesQuantized))
      return;
    OpBuilder builder(quantize->getContext());
    builder.setInsertionPointAfter(quantize);
    auto type = cast<RankedTensorType>(quantize.getType());
    Value stored = edge::BitcastOp::create(
        builder, quantize.getLoc(), type.clone(storageOf(element)), quantize);
    Value again =
        edge::BitcastOp::create(builder, quantize.getLoc(), type, stored);
    quantize.getResult().replaceUsesWithIf(
        again, [&](OpOperand &use) { return takesQuantized(use.getOwner()); });
  });
}

static bool isProduct(Operation *op) {
  return isa<edge::Conv2DOp, edge::FullyConnectedOp, edge::MatMulOp>(op);
}

static bool isMean(Operation *op) {
  return isa<edge::AvgPool2DOp, edge::ReduceMeanOp, edge::ReduceSumOp>(op);
}

/// Whether the operator stands in a quantized part of the graph.
static bool readsQuantized(Operation *op) {
  return llvm::any_of(op->getOperands(),
                      [](Value x) { return storedBehind(x).has_value(); });
}

static bool isQuantizedAgain(Operation *op) {
  return op->getNumResults() == 1 &&
         llvm::any_of(op->getUsers(), [](Operation *user) {
           return isa<edge::QuantizeOp>(user);
         });
}

static void explain(Operation *op, const Reason &reason) {
  if (!op->getContext()->getRemarkEngine())
    return;
  remark::missed(op->getLoc(),
                 remark::RemarkOpts::name("float-island").category("quantize"))
      << StringRef(edge::nodeName(op) + " is computed on floats because " +
                   reason);
}

namespace {
struct FuseQuantization : impl::FuseQuantizationBase<FuseQuantization> {
  using FuseQuantizationBase::FuseQuantizationBase;

  void runOnOperation() override {
    separatePairs(getOperation());
    RewritePatternSet patterns(&getContext());
    populateMoveQuantization(patterns);
    numMoved += applyPatternsAndCount(getOperation(), std::move(patterns));
    // Before their means become sums of integers.
    if (reference == QdqReference::onnxRuntime)
      fuseNormalizations();
    fuseOperators();
    if (reference == QdqReference::onnxRuntime)
      fuseSoftmaxes();
    fuseBinaries();
    explainIslands();
    lower();
    fuseTables();
  }

private:
  void fuseOperators();
  void fuseSoftmaxes();
  void fuseNormalizations();
  void fuseBinaries();
  void fuseTables();
  void explainIslands();
  void lower();

  template <typename OpT> SmallVector<OpT> collect() {
    SmallVector<OpT> found;
    getOperation().walk([&](OpT op) { found.push_back(op); });
    return found;
  }
};
} // namespace

void FuseQuantization::fuseOperators() {
  SmallVector<Operation *> operators;
  getOperation().walk([&](Operation *op) {
    if ((isProduct(op) || isMean(op)) && readsQuantized(op))
      operators.push_back(op);
  });
  for (Operation *op : operators) {
    Reason reason = isProduct(op) ? fuseProduct(op) : fuseMean(op);
    if (!reason.empty()) {
      explain(op, reason);
      continue;
    }
    ++numFused;
    op->erase();
  }
}

void FuseQuantization::fuseSoftmaxes() {
  for (edge::SoftmaxOp softmax : collect<edge::SoftmaxOp>())
    numFused += fuseSoftmax(softmax);
}

void FuseQuantization::fuseNormalizations() {
  size_t count = 0;
  for (edge::RsqrtOp root : collect<edge::RsqrtOp>())
    count += fuseNormalization(root);
  numFused += count;
  if (count == 0)
    return;
  // What computed the statistics.
  for (Block &block : getOperation().getBody()) {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isOpTriviallyDead(&op))
        op.erase();
  }
}

void FuseQuantization::fuseBinaries() {
  for (edge::QuantizeOp quantize : collect<edge::QuantizeOp>())
    numFused += fuseBinary(quantize);
}

/// In program order: a table may be part of a later one.
void FuseQuantization::fuseTables() {
  for (edge::RequantizeOp requantize : collect<edge::RequantizeOp>())
    numTables += fuseTable(requantize);
}

/// Operators that are not elementwise, where they could have been quantized.
void FuseQuantization::explainIslands() {
  if (!getContext().getRemarkEngine())
    return;
  getOperation().walk([&](Operation *op) {
    if (!isa_and_nonnull<edge::EdgeDialect>(op->getDialect()) ||
        op->hasTrait<edge::ElementwiseTrait>() || isProduct(op) || isMean(op) ||
        isa<edge::ConstantOp>(op) ||
        (!readsQuantized(op) && !isQuantizedAgain(op)))
      return;
    explain(op, "it has no integer form, or its operands or result are not "
                "quantized alike");
  });
}

void FuseQuantization::lower() {
  auto isSeparate = [](edge::QuantizeOp op) {
    return getScales(elementOf(op)) &&
           llvm::all_of(op->getUsers(), [](Operation *user) {
             return isa<edge::BitcastOp>(user);
           });
  };
  for (edge::QuantizeOp quantize : collect<edge::QuantizeOp>())
    if (isSeparate(quantize))
      lowerQuantize(quantize);
  for (edge::DequantizeOp dequantize : collect<edge::DequantizeOp>()) {
    // Weights that became integers: as floats they would be folded for nothing.
    if (dequantize.use_empty())
      dequantize.erase();
    else
      lowerDequantize(dequantize);
  }
}
} // namespace edgec
