//===- Resize.cpp - resizing as resampling along each dimension -----------===//
//
//   resize [1, 4, 4, C] to [1, 8, 8, C]
// becomes
//   resample (resample %x, %table {axis = 1}), %table {axis = 2}
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Resize.h"
#include "dialects/edge/Spatial.h"

using namespace edgec;
using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::Value;

static ArrayRef<int64_t> shapeOf(Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

Value edgec::floats(OpMaker &m, ArrayRef<int64_t> shape,
                    ArrayRef<float> elements) {
  auto type = mlir::RankedTensorType::get(shape, m.builder.getF32Type());
  return edge::ConstantOp::create(m.builder, m.loc, type,
                                  mlir::DenseElementsAttr::get(type, elements));
}

/// Every result element is the input's at the same place.
static bool isIdentity(const edge::ResampleTable &table, int64_t size) {
  if (table.columns != 1 || int64_t(table.elements.size()) != size)
    return false;
  for (int64_t i = 0; i < size; ++i)
    if (table.elements[i] != float(i))
      return false;
  return true;
}

Value edgec::resample(OpMaker &m, Value x, int64_t axis,
                      const edge::ResampleTable &table) {
  if (!x || m.failed() || isIdentity(table, shapeOf(x)[axis]))
    return m.failed() ? Value() : x;
  int64_t rows = int64_t(table.elements.size()) / table.columns;
  Value constant = floats(m, {rows, table.columns}, table.elements);
  return m.make<edge::ResampleOp>({x, constant}, {m.attr("axis", axis)});
}

Value edgec::pick(OpMaker &m, Value x, int64_t axis,
                  ArrayRef<int64_t> indices) {
  return resample(m, x, axis,
                  {1, std::vector<float>(indices.begin(), indices.end())});
}

static Value runtimeTable(OpMaker &m, int64_t size, const ResizedAxis &axis,
                          const ResizeForm &form) {
  const edge::Interpolation &how = form.interpolation;
  Value scale = axis.runtimeScale ? m.reshape(axis.runtimeScale, {1})
                                  : floats(m, {1}, {float(axis.scale)});
  Value roi = axis.runtimeRoi
                  ? axis.runtimeRoi
                  : floats(m, {2}, {float(axis.roiStart), float(axis.roiEnd)});
  return m.make<edge::ResizeTableOp>(
      {scale, roi},
      {m.attr("input_size", size), m.attr("output_size", axis.output),
       m.attr("mode", how.mode), m.attr("coordinates", form.coordinates),
       m.attr("rounding", how.rounding),
       m.attr("cubic_coefficient", float(how.cubicCoefficient)),
       m.attr("exclude_outside", how.excludeOutside),
       m.attr("antialias", how.antialias),
       m.attr("extrapolation", form.extrapolation)});
}

/// More elements along one dimension cannot be told apart in a table.
static constexpr int64_t mostElements = int64_t(1) << 24;

Value edgec::resize(OpMaker &m, Value x, ArrayRef<ResizedAxis> axes,
                    const ResizeForm &form) {
  if (!x || m.failed())
    return nullptr;
  SmallVector<ResizedAxis> order(axes);
  SmallVector<int64_t> before(shapeOf(x));
  llvm::sort(order, [&](const ResizedAxis &a, const ResizedAxis &b) {
    double growthA = double(a.output) / double(before[a.axis]);
    double growthB = double(b.output) / double(before[b.axis]);
    return growthA != growthB ? growthA < growthB : a.axis < b.axis;
  });
  for (const ResizedAxis &axis : order) {
    int64_t size = before[axis.axis];
    if (std::max(size, axis.output) > mostElements) {
      m.error() << "a dimension of " << std::max(size, axis.output)
                << " elements; at most 2^24 can be resized";
      return nullptr;
    }
    if (axis.runtimeScale || axis.runtimeRoi) {
      x = m.make<edge::ResampleOp>({x, runtimeTable(m, size, axis, form)},
                                   {m.attr("axis", axis.axis)});
      continue;
    }
    x = resample(
        m, x, axis.axis,
        edge::resizeTable({size, axis.output, axis.scale, axis.roiStart,
                           axis.roiEnd, form.extrapolation},
                          form.coordinates, form.interpolation));
  }
  return x;
}
