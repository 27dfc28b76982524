//===- StructuredTensor.cpp - the tensor dialect --------------------------===//
//
// Operations that move elements, with offsets known or computed. What has no
// operator of its own (an offset from the run, a pad whose value depends on the
// place) is edge.generic.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/GenericBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace edgec;
using namespace edgec::structured;
using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::RankedTensorType;
using mlir::Value;
namespace arith = mlir::arith;
namespace tensor = mlir::tensor;

static RankedTensorType resultType(Conversion &c) {
  return mlir::cast<RankedTensorType>(c.op->getResult(0).getType());
}

static RankedTensorType typeOf(Value tensor) {
  return mlir::cast<RankedTensorType>(tensor.getType());
}

//===-- views and constants
//--------------------------------------------------===//

static Converted convertReshape(Conversion &c) {
  return {c.reshape(c.op->getOperand(0), resultType(c).getShape())};
}

/// Only ever between static shapes and those that were dynamic once.
static Converted convertCast(Conversion &c) {
  Value source = c.op->getOperand(0);
  if (source.getType() == c.op->getResult(0).getType())
    return {source};
  c.error() << "its operand " << source.getType()
            << " has another shape than its result; cast between equal static "
               "shapes only";
  return {};
}

/// Nobody may look at its elements, so any will do.
static Converted convertEmpty(Conversion &c) {
  return {c.splatOf(c.typeOf(resultType(c)), 0.0)};
}

static Converted convertConstant(Conversion &c) {
  auto constant = mlir::cast<arith::ConstantOp>(c.op);
  auto elements = mlir::dyn_cast<mlir::ElementsAttr>(constant.getValue());
  if (!elements)
    return {c.tensorOf(constant.getResult())};
  return {edge::ConstantOp::create(c.builder, c.loc, resultType(c), elements)};
}

static Converted convertSplat(Conversion &c) {
  return {
      c.broadcast(c.tensorOf(c.op->getOperand(0)), resultType(c).getShape())};
}

static Converted convertFromElements(Conversion &c) {
  SmallVector<Value> parts;
  for (Value element : c.op->getOperands())
    parts.push_back(c.reshape(c.tensorOf(element), {1}));
  if (llvm::is_contained(parts, Value()))
    return {};
  Value joined =
      parts.size() == 1
          ? parts.front()
          : c.make<edge::ConcatOp>(parts, {c.attr("axis", int64_t(0))});
  return {c.reshape(joined, resultType(c).getShape())};
}

static Converted convertConcat(Conversion &c) {
  auto concat = mlir::cast<tensor::ConcatOp>(c.op);
  SmallVector<Value> inputs(concat.getInputs());
  return {c.make<edge::ConcatOp>(
      inputs, {c.attr("axis", static_cast<int64_t>(concat.getDim()))})};
}

static Converted convertDim(Conversion &c) {
  auto dim = mlir::cast<tensor::DimOp>(c.op);
  RankedTensorType type = typeOf(dim.getSource());
  std::optional<int64_t> index = dim.getConstantIndex();
  if (!index || *index < 0 || *index >= type.getRank()) {
    c.error() << "its index is not a constant in [0, " << type.getRank()
              << "); ask for a known dimension";
    return {};
  }
  return {c.splatOf(c.typeOf(c.builder.getIndexType()),
                    static_cast<double>(type.getDimSize(*index)))};
}

//===-- elements and slices
//--------------------------------------------------===//

/// All offsets as numbers; none when one comes from the run.
static std::optional<SmallVector<int64_t>>
constants(ArrayRef<mlir::OpFoldResult> values) {
  return mlir::getConstantIntValues(values);
}

/// One element per point of `type`, computed from the indices in the region.
static Converted makePointwise(
    Conversion &c, RankedTensorType type,
    llvm::function_ref<Value(GenericBuilder &, ArrayRef<Value>)> make) {
  mlir::OpBuilder::InsertionGuard guard(c.builder);
  GenericBuilder generic(c, type.getShape());
  c.builder.setInsertionPointToEnd(generic.body.get());
  SmallVector<Value> indices(generic.body->getArguments());
  Value element = make(generic, indices);
  if (!element)
    return {};
  auto map = c.builder.getMultiDimIdentityMap(type.getRank());
  return generic.finish({type}, {map}, {}, {element});
}

/// An offset in a region: a constant, or a captured scalar.
static Value offsetValue(Conversion &c, GenericBuilder &generic,
                         mlir::OpFoldResult offset) {
  if (auto constant = mlir::getConstantIntValue(offset))
    return arith::ConstantIndexOp::create(c.builder, c.loc, *constant);
  return generic.capture(mlir::cast<Value>(offset));
}

static Converted convertExtract(Conversion &c) {
  auto extract = mlir::cast<tensor::ExtractOp>(c.op);
  RankedTensorType type = typeOf(extract.getTensor());
  SmallVector<mlir::OpFoldResult> indices(
      mlir::getAsOpFoldResult(extract.getIndices()));
  auto offsets = constants(indices);
  if (offsets) {
    SmallVector<int64_t> ones(type.getRank(), 1);
    Value element =
        c.make<edge::SliceOp>({extract.getTensor()},
                              {c.attr("offsets", *offsets),
                               c.attr("sizes", ones), c.attr("strides", ones)});
    return {c.reshape(element, {})};
  }
  return makePointwise(c, c.typeOf(type.getElementType()),
                       [&](GenericBuilder &generic, ArrayRef<Value>) -> Value {
                         SmallVector<Value> at;
                         for (mlir::OpFoldResult index : indices)
                           at.push_back(offsetValue(c, generic, index));
                         if (llvm::is_contained(at, Value()))
                           return nullptr;
                         Value table = generic.addWhole(extract.getTensor());
                         return tensor::ExtractOp::create(c.builder, c.loc,
                                                          table, at);
                       });
}

/// The slice's shape before dimensions of size 1 were dropped.
static Converted convertExtractSlice(Conversion &c) {
  auto slice = mlir::cast<tensor::ExtractSliceOp>(c.op);
  auto offsets = constants(slice.getMixedOffsets());
  auto sizes = constants(slice.getMixedSizes());
  auto strides = constants(slice.getMixedStrides());
  if (!sizes || !strides) {
    c.error() << "its sizes or strides are not constants; only offsets may be "
                 "computed";
    return {};
  }
  if (offsets) {
    Value result = c.make<edge::SliceOp>({slice.getSource()},
                                         {c.attr("offsets", *offsets),
                                          c.attr("sizes", *sizes),
                                          c.attr("strides", *strides)});
    return {c.reshape(result, resultType(c).getShape())};
  }
  RankedTensorType type = resultType(c).clone(*sizes);
  Converted whole = makePointwise(
      c, type, [&](GenericBuilder &generic, ArrayRef<Value> indices) -> Value {
        SmallVector<Value> at;
        for (auto [index, offset, stride] :
             llvm::zip_equal(indices, slice.getMixedOffsets(), *strides)) {
          Value start = offsetValue(c, generic, offset);
          if (!start)
            return nullptr;
          Value step = arith::ConstantIndexOp::create(c.builder, c.loc, stride);
          Value distance = arith::MulIOp::create(c.builder, c.loc, index, step);
          at.push_back(
              arith::AddIOp::create(c.builder, c.loc, start, distance));
        }
        Value table = generic.addWhole(slice.getSource());
        return tensor::ExtractOp::create(c.builder, c.loc, table, at);
      });
  if (whole.empty())
    return {};
  return {c.reshape(whole.front(), resultType(c).getShape())};
}

/// `box` put into `target` from `offsets` on, from the dimension `d` on: what
/// lies before and behind it is joined to it.
static Value insertBox(Conversion &c, Value target, Value box,
                       ArrayRef<int64_t> offsets, size_t d) {
  ArrayRef<int64_t> shape = typeOf(target).getShape(),
                    size = typeOf(box).getShape();
  while (d < shape.size() && shape[d] == size[d])
    ++d;
  if (d == shape.size())
    return box;
  auto part = [&](int64_t from, int64_t to) {
    SmallVector<int64_t> start(shape.size(), 0), extent(shape),
        ones(shape.size(), 1);
    start[d] = from;
    extent[d] = to - from;
    return c.make<edge::SliceOp>({target}, {c.attr("offsets", start),
                                            c.attr("sizes", extent),
                                            c.attr("strides", ones)});
  };
  int64_t from = offsets[d], to = offsets[d] + size[d];
  SmallVector<Value> parts;
  if (from > 0)
    parts.push_back(part(0, from));
  Value middle = part(from, to);
  if (!middle)
    return nullptr;
  parts.push_back(insertBox(c, middle, box, offsets, d + 1));
  if (to < shape[d])
    parts.push_back(part(to, shape[d]));
  return c.make<edge::ConcatOp>(parts,
                                {c.attr("axis", static_cast<int64_t>(d))});
}

/// Anywhere else: every element asks whether it lies in the box.
static Converted insertAnywhere(Conversion &c, tensor::InsertSliceOp insert,
                                Value box, ArrayRef<int64_t> strides) {
  return makePointwise(
      c, resultType(c),
      [&](GenericBuilder &generic, ArrayRef<Value> indices) -> Value {
        mlir::OpBuilder &b = c.builder;
        auto constant = [&](int64_t value) -> Value {
          return arith::ConstantIndexOp::create(b, c.loc, value);
        };
        Value isInside;
        SmallVector<Value> at;
        auto require = [&](arith::CmpIPredicate predicate, Value lhs,
                           Value rhs) {
          Value holds = arith::CmpIOp::create(b, c.loc, predicate, lhs, rhs);
          isInside =
              isInside
                  ? arith::AndIOp::create(b, c.loc, isInside, holds).getResult()
                  : holds;
        };
        for (auto [index, offset, stride, size] :
             llvm::zip_equal(indices, insert.getMixedOffsets(), strides,
                             typeOf(box).getShape())) {
          Value start = offsetValue(c, generic, offset);
          if (!start)
            return nullptr;
          Value distance = arith::SubIOp::create(b, c.loc, index, start);
          Value step = constant(stride);
          Value place = arith::DivSIOp::create(b, c.loc, distance, step);
          Value rest = arith::RemSIOp::create(b, c.loc, distance, step);
          require(arith::CmpIPredicate::eq, rest, constant(0));
          require(arith::CmpIPredicate::sge, distance, constant(0));
          require(arith::CmpIPredicate::slt, place, constant(size));
          at.push_back(place);
        }
        Value inside =
            tensor::ExtractOp::create(b, c.loc, generic.addWhole(box), at);
        Value outside = tensor::ExtractOp::create(
            b, c.loc, generic.addWhole(insert.getDest()), indices);
        if (!isInside)
          return inside;
        return arith::SelectOp::create(b, c.loc, isInside, inside, outside);
      });
}

/// One element anywhere: every other one stays.
static Converted convertInsert(Conversion &c) {
  auto insert = mlir::cast<tensor::InsertOp>(c.op);
  return makePointwise(
      c, resultType(c),
      [&](GenericBuilder &generic, ArrayRef<Value> indices) -> Value {
        mlir::OpBuilder &b = c.builder;
        Value element = generic.capture(insert.getScalar());
        Value old = tensor::ExtractOp::create(
            b, c.loc, generic.addWhole(insert.getDest()), indices);
        Value isHere = arith::ConstantOp::create(b, c.loc, b.getBoolAttr(true));
        for (auto [index, wanted] :
             llvm::zip_equal(indices, insert.getIndices())) {
          Value captured = generic.capture(wanted);
          if (!captured || !element)
            return nullptr;
          Value same = arith::CmpIOp::create(b, c.loc, arith::CmpIPredicate::eq,
                                             index, captured);
          isHere = arith::AndIOp::create(b, c.loc, isHere, same);
        }
        return arith::SelectOp::create(b, c.loc, isHere, element, old);
      });
}

static Converted convertInsertSlice(Conversion &c) {
  auto insert = mlir::cast<tensor::InsertSliceOp>(c.op);
  auto offsets = constants(insert.getMixedOffsets());
  auto sizes = constants(insert.getMixedSizes());
  auto strides = constants(insert.getMixedStrides());
  if (!sizes || !strides) {
    c.error() << "its sizes or strides are not constants; only offsets may be "
                 "computed";
    return {};
  }
  Value box = c.reshape(insert.getSource(), *sizes);
  if (!box)
    return {};
  bool isDense = llvm::all_of(*strides, [](int64_t s) { return s == 1; });
  ArrayRef<int64_t> shape = resultType(c).getShape();
  bool isWithin = offsets.has_value();
  for (size_t d = 0; isWithin && d < shape.size(); ++d)
    isWithin = (*offsets)[d] >= 0 && (*sizes)[d] <= shape[d] &&
               (*offsets)[d] <= shape[d] - (*sizes)[d];
  if (offsets && isDense && isWithin)
    return {insertBox(c, insert.getDest(), box, *offsets, 0)};
  return insertAnywhere(c, insert, box, *strides);
}

//===-- pads and generated tensors
//-------------------------------------------===//

/// A pad's value where it is the same everywhere.
static std::optional<float> constantPad(tensor::PadOp pad) {
  Value value = pad.getConstantPaddingValue();
  mlir::FloatAttr number;
  if (!value || !mlir::matchPattern(value, mlir::m_Constant(&number)) ||
      !number.getType().isF32())
    return std::nullopt;
  return number.getValue().convertToFloat();
}

static Converted convertPad(Conversion &c) {
  auto pad = mlir::cast<tensor::PadOp>(c.op);
  auto low = constants(pad.getMixedLowPad());
  auto high = constants(pad.getMixedHighPad());
  if (!low || !high) {
    c.error() << "its pads are not constants; write them as attributes";
    return {};
  }
  auto isNegative = [](int64_t size) { return size < 0; };
  if (llvm::any_of(*low, isNegative) || llvm::any_of(*high, isNegative)) {
    c.error() << "a pad is negative; use tensor.extract_slice to cut";
    return {};
  }
  if (std::optional<float> value = constantPad(pad)) {
    return {c.make<edge::PadOp>(
        {pad.getSource()},
        {c.attr("low", *low), c.attr("high", *high), c.attr("value", *value)})};
  }
  return makePointwise(
      c, resultType(c),
      [&](GenericBuilder &generic, ArrayRef<Value> indices) -> Value {
        mlir::OpBuilder &b = c.builder;
        mlir::IRMapping mapping;
        mapping.map(pad.getRegion().getArguments(), indices);
        SmallVector<Value> padding, at;
        if (!generic.cloneBody(pad.getRegion().front(), mapping, padding))
          return nullptr;
        Value isInside;
        for (auto [index, before, size] : llvm::zip_equal(
                 indices, *low, typeOf(pad.getSource()).getShape())) {
          Value start = arith::ConstantIndexOp::create(b, c.loc, before);
          Value limit = arith::ConstantIndexOp::create(b, c.loc, size);
          Value place = arith::SubIOp::create(b, c.loc, index, start);
          // Below the start the difference is a huge unsigned number.
          Value holds = arith::CmpIOp::create(
              b, c.loc, arith::CmpIPredicate::ult, place, limit);
          isInside =
              isInside
                  ? arith::AndIOp::create(b, c.loc, isInside, holds).getResult()
                  : holds;
          at.push_back(place);
        }
        Value inside = tensor::ExtractOp::create(
            b, c.loc, generic.addWhole(pad.getSource()), at);
        if (!isInside)
          return inside;
        return arith::SelectOp::create(b, c.loc, isInside, inside,
                                       padding.front());
      });
}

static Converted convertGenerate(Conversion &c) {
  auto generate = mlir::cast<tensor::GenerateOp>(c.op);
  return makePointwise(
      c, resultType(c),
      [&](GenericBuilder &generic, ArrayRef<Value> indices) -> Value {
        mlir::IRMapping mapping;
        mapping.map(generate.getBody().getArguments(), indices);
        SmallVector<Value> yielded;
        if (!generic.cloneBody(generate.getBody().front(), mapping, yielded))
          return nullptr;
        return yielded.front();
      });
}

static Converted convertSoftmax(Conversion &c) {
  auto softmax = mlir::cast<mlir::linalg::SoftmaxOp>(c.op);
  return {c.make<edge::SoftmaxOp>(
      {softmax.getInput()},
      {c.attr("axis", static_cast<int64_t>(softmax.getDimension()))})};
}

ArrayRef<StructuredOperator> structured::tensorOperators() {
  static constexpr StructuredOperator rows[] = {
      {"arith.constant", convertConstant},
      {"linalg.softmax", convertSoftmax},
      {"tensor.cast", convertCast, "between equal static shapes"},
      {"tensor.collapse_shape", convertReshape},
      {"tensor.concat", convertConcat},
      {"tensor.dim", convertDim},
      {"tensor.empty", convertEmpty},
      {"tensor.expand_shape", convertReshape},
      {"tensor.extract", convertExtract},
      {"tensor.extract_slice", convertExtractSlice, "offsets may be computed"},
      {"tensor.from_elements", convertFromElements},
      {"tensor.generate", convertGenerate},
      {"tensor.insert", convertInsert},
      {"tensor.insert_slice", convertInsertSlice, "offsets may be computed"},
      {"tensor.pad", convertPad, "constant pads"},
      {"tensor.reshape", convertReshape, "to a static shape"},
      {"tensor.splat", convertSplat},
  };
  return rows;
}
