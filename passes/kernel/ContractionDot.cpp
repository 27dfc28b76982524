//===- ContractionDot.cpp - reduction steps of several bytes --------------===//
//
// Where the machine adds up products of neighbours, a step takes four bytes of
// lhs, or two that were widened to i16, or two bf16, and rhs has as many of
// each channel side by side. Widening takes a vector of bytes at a time: a part
// of the run of every output goes to a small buffer, out of which pairs are
// broadcast.
//
//   for part of run: widened[output][i] = lhs[output][part + i]
//     for pair in part: sum[output][v] += widened[output][pair] . rhs[pair][v]
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ContractionWriter.h"
#include "passes/schedule/CostModel.h"
#include <numeric>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Elements of a run that are widened at a time.
static constexpr int64_t partSize = 64;

//===-- four bytes or two bf16 a step ------------------------------------===//

/// Words whose bytes have the sign that the instruction takes: others are moved
/// by 128, and rhs begins with what that adds.
Value ContractionWriter::flipped(Value words) {
  if (shape.dot->movedBy() == 0)
    return words;
  auto flip = IntegerAttr::get(k.b.getI32Type(), llvm::APInt(32, 0x80808080));
  int64_t lanes = cast<VectorType>(words.getType()).getDimSize(0);
  return arith::XOrIOp::create(k.b, k.loc, words, k.splat(flip, lanes));
}

/// One run. What is left of less than four bytes is covered by the last four,
/// with zeros in rhs for those that were multiplied before; a run of less than
/// four is filled up, as is an odd one of bf16: zero times infinity is no zero.
SmallVector<Value> ContractionWriter::quads(const Steps &given,
                                            ArrayRef<Value> sums) {
  Steps steps = given;
  // Of short runs most weights stay in registers.
  if (shape.dot->kind == DotUnit::smlal && shape.run >= 4 * dotBytes)
    steps.rhs = hideFromLoops(k, steps.rhs, steps.lhs);
  int64_t lanes = steps.panel.computed.front(), perLane = shape.dot->perLane();
  auto step = [&](Index lhs, Index rhs, int64_t count, ArrayRef<Value> sums) {
    auto quad = [&](int64_t r, int64_t c) {
      Index at = lhs + (r * shape.lhsRow + c * shape.lhsColumn);
      Value words = flipped(k.splat(loadQuad(at, count), lanes));
      return shape.dot->kind == DotUnit::smlal ? lhsFactors(words, 0, lanes)
                                               : factors(words);
    };
    return dotStep(steps, rhs, quad, sums, count);
  };
  int64_t perLoad = schedule::elementsPerLoad(k.machine);
  auto some = [&](Index at, int64_t count, ArrayRef<Value> sums,
                  std::optional<WeightStream> &weights) {
    SmallVector<Value> current(sums);
    int64_t u = 0;
    for (; u + perLoad <= count && perLoad > 1; u += perLoad)
      current = quadsByLanes(steps, at + u, perLoad, weights, current);
    for (; u < count; ++u) {
      current = step(k.add(steps.lhs, k.mul(at + u, perLane)),
                     k.add(steps.rhs, k.mul(at + u, steps.panel.step)), perLane,
                     current);
    }
    fetchAhead(steps, at, count);
    return current;
  };
  int64_t length = shape.run / perLane, rest = shape.run % perLane;
  // One load of lanes at a time where weights come singly: LLVM would join two,
  // which take registers.
  bool isSpread = perLoad > 1 && !streamsWeights();
  int64_t wanted = isSpread ? perLoad : tiling.getUnroll();
  int64_t unroll = std::clamp<int64_t>(wanted, 1, std::max<int64_t>(length, 1));
  std::optional<WeightStream> stream;
  if (streamsWeights() && unroll % perLoad == 0)
    stream.emplace(k, k.b.getI8Type(), rhsBuffer(), steps.rhs, steps.lhs);
  SmallVector<Value> result =
      streams() > 1 ? quadsInStreams(length, unroll, sums, some)
                    : loopOverSteps(k, length, unroll, sums, stream, some);
  if (rest == 0)
    return result;
  int64_t count = shape.dot->isFloat() ? rest : std::min(shape.run, perLane);
  return step(steps.lhs + (shape.run - count),
              steps.rhs + length * steps.panel.step, count, result);
}

/// Some steps whose quads are the lanes of one vector per output. Those stay in
/// registers, so vectors of rhs pass by: one after the other.
SmallVector<Value>
ContractionWriter::quadsByLanes(const Steps &steps, Index at, int64_t count,
                                std::optional<WeightStream> &weights,
                                ArrayRef<Value> sums) {
  const Panel &panel = steps.panel;
  Index lhs = k.add(steps.lhs, k.mul(at, shape.dot->perLane()));
  SmallVector<Value> quads, results(sums);
  for (int64_t r = 0; r < steps.rows; ++r) {
    for (int64_t c = 0; c < steps.columns; ++c) {
      Index from = lhs + (r * shape.lhsRow + c * shape.lhsColumn);
      quads.push_back(
          flipped(loadWords(k.operandBuffer(shape.lhs), from, count)));
    }
  }
  for (int64_t u = 0; u < count; ++u) {
    Index rhs = k.add(steps.rhs, k.mul(at + u, panel.step));
    if (shape.dot->kind == DotUnit::smlal) {
      // Lanes take instructions of their own here, for all vectors of rhs.
      auto word = [&](int64_t r, int64_t c) {
        return lhsFactors(quads[r * steps.columns + c], u, panels.lanes);
      };
      results = dotStep(steps, rhs, word, results, dotBytes);
      continue;
    }
    for (size_t v = 0; v < panel.vectors(); ++v) {
      Value row =
          weights ? weights->next()
                  : factors(loadRhsWords(panel, rhs, v, shape.dot->perLane()));
      for (auto [output, quad] : llvm::enumerate(quads)) {
        Value &sum = results[output * panel.vectors() + v];
        sum = shape.dot->emit(k.b, k.loc, sum,
                              lhsFactors(quad, u, panel.computed[v]), row);
      }
    }
  }
  return results;
}

/// Four bytes at `at`, a multiple of four, as one number: LLVM would take a
/// short vector apart where it is to be in every lane.
static Value loadAlignedWord(KernelBuilder &k, Value buffer, Index at) {
  Type i64 = k.b.getI64Type();
  Value base =
      memref::ExtractAlignedPointerAsIndexOp::create(k.b, k.loc, buffer);
  Value sum = arith::AddIOp::create(k.b, k.loc, base, k.value(at));
  Value number = arith::IndexCastOp::create(k.b, k.loc, i64, sum);
  Value pointer = LLVM::IntToPtrOp::create(
      k.b, k.loc, LLVM::LLVMPointerType::get(k.b.getContext()), number);
  return LLVM::LoadOp::create(k.b, k.loc, k.b.getI32Type(), pointer,
                              /*alignment=*/4);
}

/// `count` elements of lhs as an i32, the first one lowest, zeros behind.
Value ContractionWriter::loadQuad(Index at, int64_t count) {
  Value buffer = k.operandBuffer(shape.lhs);
  if (shape.dot->kind == DotUnit::vqdot)
    return loadAlignedWord(k, buffer, at);
  Type element = storedType(shape.lhsElement);
  int64_t perLane = 32 / int64_t(element.getIntOrFloatBitWidth());
  auto type = VectorType::get(perLane, element);
  Value quad;
  if (count == perLane) {
    quad = vector::LoadOp::create(k.b, k.loc, type, buffer,
                                  ValueRange{k.value(at)});
  } else {
    SmallVector<Value> elements;
    Value zero =
        arith::ConstantOp::create(k.b, k.loc, k.b.getIntegerAttr(element, 0));
    for (int64_t i = 0; i < perLane; ++i) {
      elements.push_back(i < count ? k.loadScalar(buffer, at + i, Form::stored)
                                   : zero);
    }
    quad = vector::FromElementsOp::create(k.b, k.loc, type, elements);
  }
  auto word = VectorType::get(1, k.b.getI32Type());
  quad = vector::BitCastOp::create(k.b, k.loc, word, quad);
  return vector::ExtractOp::create(k.b, k.loc, quad, 0);
}

//===-- sums of the input ------------------------------------------------===//

/// Adds `count` bytes from `at` on, at most what one vector has, to its lanes.
Value ContractionWriter::addBytes(Index at, int64_t count, Value sums) {
  auto type = cast<VectorType>(sums.getType());
  Value words, zeros = k.splat(k.b.getI32IntegerAttr(0), type.getDimSize(0));
  if (count < dotBytes) {
    Value quad = loadQuad(at, count);
    if (shape.dot->movedBy()) {
      llvm::APInt flip(32, 0x80808080u & ((uint64_t(1) << (8 * count)) - 1));
      Value mask = arith::ConstantOp::create(
          k.b, k.loc, IntegerAttr::get(k.b.getI32Type(), flip));
      quad = arith::XOrIOp::create(k.b, k.loc, quad, mask);
    }
    words = vector::InsertOp::create(k.b, k.loc, quad, zeros, 0);
  } else {
    int64_t lanes = count / dotBytes;
    words = flipped(loadWords(k.operandBuffer(shape.lhs), at, lanes));
    if (lanes < type.getDimSize(0)) {
      Value nothing = k.splat(k.b.getI32IntegerAttr(0), lanes);
      SmallVector<int64_t> order(type.getDimSize(0), lanes);
      std::iota(order.begin(), order.begin() + lanes, 0);
      words = vector::ShuffleOp::create(k.b, k.loc, words, nothing, order);
    }
  }
  auto one = IntegerAttr::get(k.b.getI32Type(), llvm::APInt(32, 0x01010101));
  Value ones = k.splat(one, type.getDimSize(0));
  // Of two rows and two channels: zeros are the second channel.
  if (shape.dot->takesRowPairs())
    ones = vector::ShuffleOp::create(k.b, k.loc, ones, zeros, {0, 1, 4, 5});
  return shape.dot->emit(k.b, k.loc, sums, factors(words), factors(ones));
}

/// What the filter's move took from the sums of each output: that times the sum
/// of what is multiplied.
SmallVector<Value> ContractionWriter::movedSums(Index lhs, int64_t rows,
                                                int64_t columns) {
  int64_t size = shape.dot->lanes * dotBytes;
  auto run = [&](Index from, ArrayRef<Value> carried) {
    SmallVector<Value> current(carried);
    auto each = [&](Index at, int64_t count) {
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t c = 0; c < columns; ++c) {
          Value &sum = current[r * columns + c];
          sum = addBytes(k.add(from, at) +
                             (r * shape.lhsRow + c * shape.lhsColumn),
                         count, sum);
        }
      }
    };
    int64_t whole = shape.run / size * size;
    current =
        k.loop(0, whole, size, current, [&](Index at, ArrayRef<Value> carried) {
          current.assign(carried.begin(), carried.end());
          each(at, size);
          return current;
        });
    int64_t piece = size;
    for (int64_t at = whole; at < shape.run; at += piece) {
      while (piece > shape.run - at && piece > dotBytes)
        piece /= 2;
      piece = std::min(piece, shape.run - at);
      each(at, piece);
    }
    return current;
  };
  SmallVector<Value> parts(rows * columns,
                           k.splat(k.b.getI32IntegerAttr(0), shape.dot->lanes));
  parts = k.loop(
      0, shape.kernelHeight, 1, parts, [&](Index kh, ArrayRef<Value> carried) {
        Index row = k.add(lhs, k.mul(kh, shape.lhsKernelRow));
        return k.loop(0, shape.kernelWidth, 1, SmallVector<Value>(carried),
                      [&](Index kw, ArrayRef<Value> carried) {
                        return run(k.add(row, k.mul(kw, shape.lhsKernelColumn)),
                                   carried);
                      });
      });
  Value factor = arith::ConstantOp::create(
      k.b, k.loc, k.b.getI32IntegerAttr(int32_t(shape.dot->rhsMovedBy)));
  for (Value &part : parts) {
    part = vector::ReductionOp::create(k.b, k.loc, vector::CombiningKind::ADD,
                                       part);
    part = arith::MulIOp::create(k.b, k.loc, part, factor);
  }
  return parts;
}

/// To the sums of the outputs from column `w` on what the filter's move took.
void ContractionWriter::addMovedSums(const Panel &panel, Index lhs,
                                     int64_t rows, Index w, int64_t columns,
                                     MutableArrayRef<Value> sums) {
  SmallVector<Value> moved;
  if (rowSums) {
    for (int64_t c = 0; c < columns; ++c)
      moved.push_back(k.loadScalar(rowSums, w + c));
  } else {
    moved = movedSums(lhs, rows, columns);
  }
  for (auto [output, addend] : llvm::enumerate(moved)) {
    for (size_t v = 0; v < panel.vectors(); ++v) {
      Value &start = sums[output * panel.vectors() + v];
      start = arith::AddIOp::create(k.b, k.loc, start,
                                    k.splat(addend, panel.computed[v]));
    }
  }
}

//===-- two i16 a step ---------------------------------------------------===//

Value ContractionWriter::widenedLhs() {
  if (widened)
    return widened;
  int64_t outputs = tiling.getRows() * tiling.getColumns();
  auto function = k.begin.getParentRegion()->getParentOfType<func::FuncOp>();
  OpBuilder entry = OpBuilder::atBlockBegin(&function.getBody().front());
  auto type = MemRefType::get({outputs * partSize}, k.b.getI16Type());
  widened =
      memref::AllocaOp::create(entry, k.loc, type, entry.getI64IntegerAttr(64));
  return widened;
}

/// Elements [from, from + count) of the run of each output, an odd one with a
/// zero behind it.
void ContractionWriter::widenLhs(const Steps &steps, Index from,
                                 int64_t count) {
  Value buffer = widenedLhs();
  bool isUnsigned = isUnsignedElement(shape.lhsElement);
  auto copy = [&](Index source, int64_t target, int64_t size) {
    Value bytes = vector::LoadOp::create(
        k.b, k.loc, VectorType::get(size, k.b.getI8Type()),
        k.operandBuffer(shape.lhs), ValueRange{k.value(source)});
    auto type = VectorType::get(size, k.b.getI16Type());
    Value wide =
        isUnsigned
            ? arith::ExtUIOp::create(k.b, k.loc, type, bytes).getResult()
            : arith::ExtSIOp::create(k.b, k.loc, type, bytes).getResult();
    vector::StoreOp::create(k.b, k.loc, wide, buffer,
                            ValueRange{k.constantIndex(target)});
  };
  for (int64_t r = 0; r < steps.rows; ++r) {
    for (int64_t c = 0; c < steps.columns; ++c) {
      Index source =
          k.add(steps.lhs + (r * shape.lhsRow + c * shape.lhsColumn), from);
      int64_t target = (r * steps.columns + c) * partSize;
      int64_t size = 2 * panels.lanes;
      for (int64_t done = 0; done < count; done += size) {
        while (size > count - done)
          size /= 2;
        copy(source + done, target + done, size);
      }
      if (count % 2) {
        k.storeScalar(
            arith::ConstantOp::create(k.b, k.loc, k.b.getI16IntegerAttr(0)),
            buffer, target + count);
      }
    }
  }
}

SmallVector<Value> ContractionWriter::pairs(const Steps &steps,
                                            ArrayRef<Value> sums) {
  int64_t perLane = shape.dot->perLane();
  auto part = [&](Index number, int64_t count, ArrayRef<Value> sums) {
    widenLhs(steps, k.mul(number, partSize), count);
    Index first = k.mul(number, partSize / perLane);
    auto step = [&](Index at, ArrayRef<Value> sums) {
      auto pair = [&](int64_t r, int64_t c) -> Value {
        Index from =
            k.add((r * steps.columns + c) * partSize, k.mul(at, perLane));
        return lhsFactors(loadWords(widenedLhs(), from, 1), 0,
                          steps.panel.computed.front());
      };
      Index number = k.add(first, at);
      return dotStep(steps, k.add(steps.rhs, k.mul(number, steps.panel.step)),
                     pair, sums, perLane);
    };
    int64_t length = llvm::divideCeil(count, perLane);
    int64_t unroll = std::clamp<int64_t>(tiling.getUnroll(), 1, length);
    auto some = [&](Index at, int64_t count, ArrayRef<Value> sums) {
      SmallVector<Value> current(sums);
      for (int64_t u = 0; u < count; ++u)
        current = step(at + u, current);
      fetchAhead(steps, k.add(first, at), count);
      return current;
    };
    int64_t whole = length / unroll * unroll;
    SmallVector<Value> result = k.loop(
        0, whole, unroll, SmallVector<Value>(sums),
        [&](Index at, ArrayRef<Value> sums) { return some(at, unroll, sums); });
    return some(whole, length - whole, result);
  };
  int64_t whole = shape.run / partSize, rest = shape.run % partSize;
  SmallVector<Value> result = k.loop(0, whole, 1, SmallVector<Value>(sums),
                                     [&](Index number, ArrayRef<Value> sums) {
                                       return part(number, partSize, sums);
                                     });
  return rest ? part(whole, rest, result) : result;
}

//===-- all --------------------------------------------------------------===//

/// One run of steps with the machine's instruction.
SmallVector<Value> ContractionWriter::dotSteps(const Steps &steps,
                                               ArrayRef<Value> sums) {
  if (shape.dot->takesRowPairs())
    return rowPairs(steps, sums);
  return shape.dot->isWide() ? pairs(steps, sums) : quads(steps, sums);
}

Value ContractionWriter::factors(Value words) {
  int64_t lanes = cast<VectorType>(words.getType()).getDimSize(0);
  Type element = shape.dot->element();
  int64_t perWord = 32 / int64_t(element.getIntOrFloatBitWidth());
  auto type = VectorType::get(lanes * perWord, element);
  return vector::BitCastOp::create(k.b, k.loc, type, words);
}

/// Of factors that are the same in every lane, as many as `sums` has.
Value ContractionWriter::firstLanes(Value factors, Value sums) {
  int64_t lanes = cast<VectorType>(sums.getType()).getDimSize(0);
  int64_t count = lanes * shape.dot->perLane();
  int64_t width = cast<VectorType>(factors.getType()).getDimSize(0);
  if (shape.dot->kind == DotUnit::smlal || width == count)
    return factors;
  auto order = llvm::to_vector(llvm::seq<int64_t>(0, count));
  return vector::ShuffleOp::create(k.b, k.loc, factors, factors, order);
}

Value ContractionWriter::lhsFactors(Value words, int64_t word, int64_t lanes) {
  int64_t width = cast<VectorType>(words.getType()).getDimSize(0);
  if (shape.dot->kind == DotUnit::smlal) {
    auto halves = VectorType::get(2 * width, k.b.getI16Type());
    Value all = vector::BitCastOp::create(k.b, k.loc, halves, words);
    SmallVector<int64_t> order(8, 2 * word);
    order.append(8, 2 * word + 1);
    all = vector::ShuffleOp::create(k.b, k.loc, all, all, order);
    return vector::BitCastOp::create(k.b, k.loc,
                                     VectorType::get(32, k.b.getI8Type()), all);
  }
  int64_t count = k.vectorType(lanes).getDimSize(0);
  SmallVector<int64_t> order(count, word);
  return factors(vector::ShuffleOp::create(k.b, k.loc, words, words, order));
}

/// Of rhs that is not packed, `count` rows become one vector.
Value ContractionWriter::loadRhsWords(const Panel &panel, Index at,
                                      size_t vector, int64_t count) {
  Value buffer = rhsBuffer();
  if (!shape.packed)
    return joinRows(panel, at + vector * panels.lanes, vector, count);
  at = at + vector * panels.lanes * shape.packedStep();
  int64_t lanes = panel.computed[vector];
  if (!shape.dot->storesBytes)
    return loadWords(buffer, at, lanes);
  int64_t size = k.vectorType(lanes).getDimSize(0) * shape.packedStep();
  Value bytes =
      vector::LoadOp::create(k.b, k.loc, VectorType::get(size, k.b.getI8Type()),
                             buffer, ValueRange{k.value(at)});
  Value wide = arith::ExtSIOp::create(
      k.b, k.loc, VectorType::get(size, k.b.getI16Type()), bytes);
  return vector::BitCastOp::create(k.b, k.loc,
                                   k.vectorType(lanes, k.b.getI32Type()), wide);
}

/// Two rows of bf16 side by side: lanes of what is multiplied. An odd last row
/// has zeros beside it.
Value ContractionWriter::joinRows(const Panel &panel, Index at, size_t vector,
                                  int64_t count) {
  Value buffer = k.operandBuffer(shape.rhs);
  int64_t lanes = panel.computed[vector];
  Value first =
      widen(k.load(buffer, at, panel.stored[vector], Form::stored), lanes);
  int64_t width = cast<VectorType>(first.getType()).getDimSize(0);
  Value second = count == 1 ? k.splat(k.b.getI16IntegerAttr(0), lanes)
                            : widen(k.load(buffer, at + shape.rhsRun,
                                           panel.stored[vector], Form::stored),
                                    lanes);
  SmallVector<int64_t> order;
  for (int64_t lane = 0; lane < width; ++lane)
    order.append({lane, width + lane});
  Value pairs = vector::ShuffleOp::create(k.b, k.loc, first, second, order);
  return vector::BitCastOp::create(
      k.b, k.loc, VectorType::get(width, k.b.getI32Type()), pairs);
}

/// `lhs` gives the factors of an output, for as many lanes as panels have;
/// `count` of them are no zeros.
SmallVector<Value>
ContractionWriter::dotStep(const Steps &steps, Index rhs,
                           function_ref<Value(int64_t row, int64_t column)> lhs,
                           ArrayRef<Value> sums, int64_t count) {
  const Panel &panel = steps.panel;
  SmallVector<Value> results(sums), right;
  for (size_t v = 0; v < panel.vectors(); ++v)
    right.push_back(factors(loadRhsWords(panel, rhs, v, count)));
  for (int64_t r = 0; r < steps.rows; ++r) {
    for (int64_t c = 0; c < steps.columns; ++c) {
      Value words = lhs(r, c);
      for (size_t v = 0; v < panel.vectors(); ++v) {
        Value &sum = results[(r * steps.columns + c) * panel.vectors() + v];
        // The last vector of a panel may be a shorter one.
        sum =
            shape.dot->emit(k.b, k.loc, sum, firstLanes(words, sum), right[v]);
      }
    }
  }
  return results;
}

/// A vector of i32 out of a buffer of narrower numbers, from element `at` on.
Value ContractionWriter::loadWords(Value buffer, Index at, int64_t lanes) {
  auto element = cast<MemRefType>(buffer.getType()).getElementType();
  VectorType type = k.vectorType(lanes, k.b.getI32Type());
  int64_t count =
      type.getDimSize(0) * (32 / int64_t(element.getIntOrFloatBitWidth()));
  Value loaded =
      vector::LoadOp::create(k.b, k.loc, VectorType::get(count, element),
                             buffer, ValueRange{k.value(at)});
  return vector::BitCastOp::create(k.b, k.loc, type, loaded);
}
