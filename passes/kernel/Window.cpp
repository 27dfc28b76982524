//===- Window.cpp - max and average pooling ------------------------------===//
//
// Vectors run along the channels. Where the whole window lies in the image
// (known per row and column at compile time) the taps are unrolled over a few
// neighbouring outputs, each input column is folded once and shared by the
// windows that contain it, and there are no bounds. Elsewhere, and for large
// windows, loops run from the first to the last tap inside the image.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/HalfArithmetic.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/LaneReduction.h"
#include <map>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Windows of more taps are loops.
static constexpr int64_t mostUnrolledTaps = 25;
/// Image rows from which on threads share rows only, not channels.
static constexpr int64_t enoughRows = 8;

namespace {

/// One dimension of the image.
struct WindowAxis {
  int64_t input, output, window, stride, dilation, before, after;

  /// Outputs [interiorBegin, interiorEnd) have their whole window inside.
  int64_t interiorBegin() const {
    return std::min<int64_t>(llvm::divideCeil(before, stride), output);
  }
  int64_t interiorEnd() const {
    int64_t last = input - 1 - (window - 1) * dilation + before;
    int64_t end = last < 0 ? 0 : last / stride + 1;
    return std::clamp(end, interiorBegin(), output);
  }
};

/// A range of taps along one axis, and how many count in an average.
struct Taps {
  Index begin, end, counted;
};

struct WindowShape {
  explicit WindowShape(schedule::KernelOp kernel);

  BlockArgument input;
  int64_t batch, channels;
  WindowAxis y, x;
  bool average, countPadding = false;

  bool splitsChannels() const { return batch * y.output < enoughRows; }
  bool unrolled() const { return y.window * x.window <= mostUnrolledTaps; }
  GroupedLoops grouped(int64_t lanes) const {
    return GroupedLoops({batch, y.output}, channels, /*groupVectors=*/2, lanes);
  }
};

class WindowEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "window"; }
  bool takesParts(schedule::KernelOp) const override { return true; }

  bool matches(schedule::KernelOp kernel) const override {
    Operation *anchor = kernel.getAnchor();
    if (!isa_and_nonnull<edge::MaxPool2DOp, edge::AvgPool2DOp>(anchor) ||
        !isa<BlockArgument>(anchor->getOperand(0)))
      return false;
    Type element = elementOf(anchor->getOperand(0).getType());
    return isEmittableElement(element) &&
           elementOf(anchor->getResult(0).getType()) == element &&
           (isa<FloatType>(element) || isa<edge::MaxPool2DOp>(anchor));
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    WindowShape shape(kernel);
    if (shape.splitsChannels())
      return shape.grouped(tiling.getLanes()).extent();
    return SplitLoops({shape.batch, shape.y.output}).extent();
  }

  std::optional<RowTiles> rowTiles(schedule::KernelOp kernel,
                                   schedule::TilingAttr tiling) const override {
    WindowShape shape(kernel);
    if (shape.batch != 1 || shape.splitsChannels() ||
        extent(kernel, tiling) != shape.y.output)
      return std::nullopt;
    return RowTiles{shape.y.output, 1};
  }

  std::optional<RowReads> rowReads(schedule::KernelOp kernel,
                                   unsigned operand) const override {
    WindowShape shape(kernel);
    if (operand != shape.input.getArgNumber() || shape.batch != 1)
      return std::nullopt;
    return RowReads{shape.y.input, shape.y.stride,
                    (shape.y.window - 1) * shape.y.dilation + 1,
                    shape.y.before};
  }

  LogicalResult emit(KernelBuilder &k) const override;

  int64_t flops(schedule::KernelOp kernel) const override {
    WindowShape shape(kernel);
    return shape.batch * shape.channels * shape.y.output * shape.x.output *
           shape.y.window * shape.x.window;
  }
};

/// Runs body(first channel, widths of neighbouring vectors) over the channels
/// in play.
using ForChannels =
    function_ref<void(function_ref<void(Index, ArrayRef<int64_t>)>)>;

/// Writes one kernel.
class WindowWriter {
public:
  explicit WindowWriter(KernelBuilder &k)
      : k(k), shape(k.kernel), source(k.layoutOf(shape.input)),
        result(k.resultLayout()), buffer(k.bufferOf(shape.input)) {}

  void write();

private:
  void writeRow(Index n, Index y, ForChannels forChannels);
  void writeInteriorRow(Index n, Index y, ForChannels forChannels);
  /// `count` neighbouring outputs from x on, all taps unrolled.
  void writeTile(Index n, Index y, Index x, int64_t count,
                 ForChannels forChannels);
  /// Outputs [begin, end) of a row with loops over the taps.
  void writeLooped(Index n, Index y, Taps rows, int64_t begin, int64_t end,
                   ForChannels forChannels);
  void finish(Value vector, Taps rows, Taps columns, ArrayRef<Index> position,
              int64_t lanes);

  /// The input element under the first tap of output (n, y, x).
  Index corner(Index n, Index y, Index x, Index channel) {
    return k.address(source,
                     {n, k.mul(y, shape.y.stride) + -shape.y.before,
                      k.mul(x, shape.x.stride) + -shape.x.before, channel});
  }
  Taps allTaps(const WindowAxis &axis) { return {0, axis.window, axis.window}; }
  Taps insideTaps(const WindowAxis &axis, Index output);
  /// A NaN in a window of a maximum may be lost: keeping it would triple the
  /// instructions of the whole kernel.
  Reduction folding() {
    Type element = elementOf(shape.input.getType());
    return {shape.average ? Reduction::sum : Reduction::maximum, element,
            /*keepsNaN=*/false};
  }
  Value combine(Value x, Value y) { return folding().combine(k, x, y); }

  KernelBuilder &k;
  WindowShape shape;
  Layout source, result;
  Value buffer;
};

} // namespace

//===-- the shape
//-----------------------------------------------------------===//

WindowShape::WindowShape(schedule::KernelOp kernel) {
  Operation *op = kernel.getAnchor();
  input = cast<BlockArgument>(op->getOperand(0));
  auto in = cast<RankedTensorType>(input.getType()).getShape();
  auto out = cast<RankedTensorType>(op->getResult(0).getType()).getShape();
  batch = in[0];
  channels = in[3];
  auto fill = [&](auto pool, ArrayRef<int64_t> dilations) {
    auto window = pool.getWindow(), strides = pool.getStrides(),
         pads = pool.getPads();
    y = {in[1], out[1], window[0], strides[0], dilations[0], pads[0], pads[2]};
    x = {in[2], out[2], window[1], strides[1], dilations[1], pads[1], pads[3]};
  };
  if (auto pool = dyn_cast<edge::AvgPool2DOp>(op)) {
    average = true;
    countPadding = pool.getCountIncludePad();
    fill(pool, pool.getDilations());
  } else {
    average = false;
    auto maximum = cast<edge::MaxPool2DOp>(op);
    fill(maximum, maximum.getDilations());
  }
}

/// begin: the first tap at or after the image's first element; end: behind the
/// last one in the image. Differences are taken so that none is negative.
Taps WindowWriter::insideTaps(const WindowAxis &axis, Index output) {
  Index start = k.mul(output, axis.stride);
  auto minus = [&](Index lhs, Index rhs) -> Index {
    if (lhs.isConstant() && rhs.isConstant())
      return lhs.constant - rhs.constant;
    Value difference =
        arith::SubIOp::create(k.b, k.loc, k.value(lhs), k.value(rhs));
    return difference;
  };
  auto tapsUntil = [&](int64_t position) {
    Index distance = minus(k.maximum(start, position), start);
    Index taps = k.div(distance + (axis.dilation - 1), axis.dilation);
    return k.minimum(taps, axis.window);
  };
  Taps taps{tapsUntil(axis.before), tapsUntil(axis.before + axis.input), 0};
  taps.counted = shape.countPadding
                     ? tapsUntil(axis.before + axis.input + axis.after)
                     : minus(taps.end, taps.begin);
  return taps;
}

//===-- rows
//----------------------------------------------------------------===//

void WindowWriter::write() {
  if (shape.splitsChannels()) {
    shape.grouped(k.lanes()).emit(
        k, [&](ArrayRef<Index> outer, Index start, ArrayRef<int64_t> widths) {
          writeRow(outer[0], outer[1],
                   [&](function_ref<void(Index, ArrayRef<int64_t>)> body) {
                     body(start, widths);
                   });
        });
    return;
  }
  SplitLoops({shape.batch, shape.y.output}).emit(k, [&](ArrayRef<Index> outer) {
    writeRow(outer[0], outer[1],
             [&](function_ref<void(Index, ArrayRef<int64_t>)> body) {
               forVectors(k, shape.channels, 2, body);
             });
  });
}

void WindowWriter::writeRow(Index n, Index y, ForChannels forChannels) {
  int64_t begin = shape.y.interiorBegin(), end = shape.y.interiorEnd();
  auto writeBorder = [&] {
    writeLooped(n, y, insideTaps(shape.y, y), 0, shape.x.output, forChannels);
  };
  if (begin == 0 && end == shape.y.output)
    return writeInteriorRow(n, y, forChannels);
  if (begin == end)
    return writeBorder();
  auto compare = [&](arith::CmpIPredicate predicate, int64_t bound) -> Value {
    return arith::CmpIOp::create(k.b, k.loc, predicate, k.value(y),
                                 k.constantIndex(bound));
  };
  Value inside = arith::AndIOp::create(
      k.b, k.loc, compare(arith::CmpIPredicate::sge, begin),
      compare(arith::CmpIPredicate::slt, end));
  auto branch = scf::IfOp::create(k.b, k.loc, inside, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(k.b);
  k.b.setInsertionPoint(branch.thenBlock()->getTerminator());
  writeInteriorRow(n, y, forChannels);
  k.b.setInsertionPoint(branch.elseBlock()->getTerminator());
  writeBorder();
}

void WindowWriter::writeInteriorRow(Index n, Index y, ForChannels forChannels) {
  Taps rows = allTaps(shape.y);
  int64_t begin = shape.x.interiorBegin(), end = shape.x.interiorEnd();
  writeLooped(n, y, rows, 0, begin, forChannels);
  if (shape.unrolled()) {
    int64_t count = shape.y.window * shape.x.window <= 9 ? 4 : 2;
    k.tiles(begin, end, count, [&](Index x, int64_t outputs) {
      writeTile(n, y, x, outputs, forChannels);
    });
  } else {
    writeLooped(n, y, rows, begin, end, forChannels);
  }
  writeLooped(n, y, rows, end, shape.x.output, forChannels);
}

//===-- outputs
//-------------------------------------------------------------===//

void WindowWriter::writeTile(Index n, Index y, Index x, int64_t count,
                             ForChannels forChannels) {
  int64_t rowStep = source.strides[1] * shape.y.dilation;
  forChannels([&](Index channel, ArrayRef<int64_t> widths) {
    for (size_t v = 0; v < widths.size(); ++v) {
      int64_t lanes = widths[v];
      Index first = channel + int64_t(v) * k.lanes();
      Index base = corner(n, y, x, first);
      // Folded columns by their distance from the first one.
      std::map<int64_t, Value> columns;
      auto column = [&](int64_t distance) -> Value {
        Value &folded = columns[distance];
        if (folded)
          return folded;
        Index address = base + distance * source.strides[2];
        folded = k.load(buffer, address, lanes);
        for (int64_t tap = 1; tap < shape.y.window; ++tap)
          folded =
              combine(folded, k.load(buffer, address + tap * rowStep, lanes));
        return folded;
      };
      for (int64_t output = 0; output < count; ++output) {
        int64_t start = output * shape.x.stride;
        Value vector = column(start);
        for (int64_t tap = 1; tap < shape.x.window; ++tap)
          vector = combine(vector, column(start + tap * shape.x.dilation));
        finish(vector, allTaps(shape.y), allTaps(shape.x),
               {n, y, x + output, first}, lanes);
      }
    }
  });
}

void WindowWriter::writeLooped(Index n, Index y, Taps rows, int64_t begin,
                               int64_t end, ForChannels forChannels) {
  bool interior =
      begin >= shape.x.interiorBegin() && end <= shape.x.interiorEnd();
  int64_t rowStep = source.strides[1] * shape.y.dilation;
  int64_t columnStep = source.strides[2] * shape.x.dilation;
  k.loop(begin, end, 1, [&](Index x) {
    Taps columns = interior ? allTaps(shape.x) : insideTaps(shape.x, x);
    forChannels([&](Index channel, ArrayRef<int64_t> widths) {
      Index base = corner(n, y, x, channel);
      SmallVector<Value> identities;
      for (int64_t lanes : widths) {
        Value identity = k.splat(folding().identity(), lanes);
        identities.push_back(computesHalves(k) ? toFloat16(k, identity)
                                               : identity);
      }
      auto fold = [&](ArrayRef<Value> carried, ArrayRef<Value> vectors) {
        SmallVector<Value> sums;
        for (auto [sum, vector] : llvm::zip_equal(carried, vectors))
          sums.push_back(combine(sum, vector));
        return sums;
      };
      auto loadAll = [&](Index address) {
        SmallVector<Value> vectors;
        for (auto [v, lanes] : llvm::enumerate(widths))
          vectors.push_back(
              k.load(buffer, address + int64_t(v) * k.lanes(), lanes));
        return vectors;
      };
      // Each row of taps from zero: the sum of a large window stays accurate.
      SmallVector<Value> sums = k.loop(
          rows.begin, rows.end, 1, identities,
          [&](Index tapY, ArrayRef<Value> carried) {
            Index row = k.add(base, k.mul(tapY, rowStep));
            SmallVector<Value> rowSums = k.loop(
                columns.begin, columns.end, 1, identities,
                [&](Index tapX, ArrayRef<Value> rowCarried) {
                  return fold(rowCarried,
                              loadAll(k.add(row, k.mul(tapX, columnStep))));
                });
            return fold(carried, rowSums);
          });
      for (auto [v, lanes] : llvm::enumerate(widths))
        finish(sums[v], rows, columns,
               {n, y, x, channel + int64_t(v) * k.lanes()}, lanes);
    });
  });
}

void WindowWriter::finish(Value vector, Taps rows, Taps columns,
                          ArrayRef<Index> position, int64_t lanes) {
  if (shape.average) {
    Type real = computedType(elementOf(shape.input.getType()));
    Index count = k.mul(rows.counted, columns.counted);
    if (count.isConstant()) {
      Value factor =
          k.splat(FloatAttr::get(real, 1.0 / double(count.constant)), lanes);
      vector = arith::MulFOp::create(k.b, k.loc, vector, factor);
    } else {
      Value integer = arith::IndexCastOp::create(k.b, k.loc, k.b.getI32Type(),
                                                 k.value(count));
      Value divisor = arith::SIToFPOp::create(k.b, k.loc, real, integer);
      vector =
          arith::DivFOp::create(k.b, k.loc, vector, k.splat(divisor, lanes));
    }
  }
  vector = emitEpilogue(k, vector, position, lanes);
  k.store(vector, k.resultBuffer(), k.address(result, position), lanes);
}

LogicalResult WindowEmitter::emit(KernelBuilder &k) const {
  WindowWriter(k).write();
  return success();
}

const KernelEmitter &kernel::windowEmitter() {
  static const WindowEmitter emitter;
  return emitter;
}
