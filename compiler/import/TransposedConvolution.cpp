//===- TransposedConvolution.cpp - as a convolution and a shuffle ---------===//
//
// With stride s, result element u = Y * s + r takes from input element Y - t
// the filter element t * s + r, so the s results of one Y are s output channels
// of a convolution over the input whose filter is w[t * s + r], t reversed:
//
//   [N, H, W, C] -> conv2d, no stride -> [N, H', W', groups * sh * sw * O]
//   -> transpose to [N, H', sh, W', sw, groups * O] -> cut to the result
//
// No zeros are inserted into the input, and the convolution is dense.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Spatial.h"
#include "llvm/Support/MathExtras.h"

using namespace edgec;
using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::Value;

/// More elements of a reordered filter are a fault of the model.
static constexpr int64_t mostFilterElements = int64_t(1) << 27;

static ArrayRef<int64_t> shapeOf(Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

namespace {
/// One spatial dimension.
struct Phases {
  /// input elements, filter elements with the dilation's holes, stride
  int64_t input, reach, stride;
  /// first result, and how many
  int64_t first, size;

  /// taps of every phase
  int64_t taps() const { return llvm::divideCeil(reach, stride); }
  /// The groups of `stride` results that contain the wanted ones.
  int64_t begin() const { return first / stride; }
  int64_t end() const { return (first + size - 1) / stride + 1; }
  /// Zeros around the input; negative: elements to cut.
  int64_t before() const { return taps() - 1 - begin(); }
  int64_t after() const { return end() - input; }
};

class Writer {
public:
  Writer(OpMaker &m, ArrayRef<Phases> dims, int64_t groups)
      : m(m), dims(dims), groups(groups) {
    for (const Phases &dim : dims)
      phases *= dim.stride;
  }

  Value filter(Value filter, ArrayRef<int64_t> dilations);
  Value bias(Value bias);
  Value cutInput(Value input, Window &window);
  Value shuffle(Value result);

private:
  OpMaker &m;
  ArrayRef<Phases> dims;
  int64_t groups, phases = 1;
};
} // namespace

/// [C, O, k...] to [groups * phases * O, taps..., C / groups].
Value Writer::filter(Value filter, ArrayRef<int64_t> dilations) {
  int64_t channels = shapeOf(filter)[0], outputs = shapeOf(filter)[1];
  SmallVector<int64_t> shape = {groups, channels / groups, outputs};
  for (size_t d = 0; filter && d < dims.size(); ++d) {
    int64_t axis = 2 + int64_t(d), length = dims[d].taps() * dims[d].stride;
    if (dilations[d] > 1) {
      SmallVector<int64_t> holes(shapeOf(filter));
      holes.insert(holes.begin() + axis + 1, 1);
      Value spread =
          padAlong(m, m.reshape(filter, holes), axis + 1, 0, dilations[d] - 1);
      holes[axis] *= dilations[d];
      holes.erase(holes.begin() + axis + 1);
      filter = sliceAlong(m, m.reshape(spread, holes), axis, 0, dims[d].reach);
    }
    filter = padAlong(m, filter, axis, 0, length - dims[d].reach);
    shape.append({dims[d].taps(), dims[d].stride});
  }
  filter = m.reshape(filter, shape);
  SmallVector<int64_t> permutation = {0}, result = {groups * phases * outputs};
  for (size_t d = 0; d < dims.size(); ++d) {
    int64_t axis = 3 + 2 * int64_t(d);
    int64_t taps = dims[d].taps();
    filter = sliceAlong(m, filter, axis, taps - 1, taps, taps > 1 ? -1 : 1);
    permutation.push_back(axis + 1);
    result.push_back(taps);
  }
  permutation.push_back(2);
  for (size_t d = 0; d < dims.size(); ++d)
    permutation.push_back(3 + 2 * int64_t(d));
  permutation.push_back(1);
  result.push_back(channels / groups);
  return m.reshape(m.transpose(filter, permutation), result);
}

/// Every phase has the same.
Value Writer::bias(Value bias) {
  if (!bias || phases == 1)
    return bias;
  int64_t outputs = shapeOf(bias)[0] / groups;
  Value repeated = m.broadcast(m.reshape(bias, {groups, 1, outputs}),
                               {groups, phases, outputs});
  return m.reshape(repeated, {groups * phases * outputs});
}

Value Writer::cutInput(Value input, Window &window) {
  for (size_t d = 0; d < dims.size(); ++d) {
    int64_t low = std::max<int64_t>(0, -dims[d].before());
    int64_t high = std::max<int64_t>(0, -dims[d].after());
    input = sliceAlong(m, input, 1 + d, low, dims[d].input - low - high);
    window.before[d] = std::max<int64_t>(0, dims[d].before());
    window.after[d] = std::max<int64_t>(0, dims[d].after());
    window.size[d] = dims[d].taps();
  }
  return input;
}

/// [N, y..., groups * phases * O] to the result.
Value Writer::shuffle(Value result) {
  if (!result)
    return nullptr;
  SmallVector<int64_t> split(shapeOf(result).drop_back()), merged(split);
  int64_t outputs = shapeOf(result).back() / groups / phases;
  size_t rank = dims.size();
  split.push_back(groups);
  SmallVector<int64_t> permutation = {0};
  for (size_t d = 0; d < rank; ++d) {
    split.push_back(dims[d].stride);
    merged[1 + d] *= dims[d].stride;
    permutation.append({int64_t(1 + d), int64_t(2 + rank + d)});
  }
  split.push_back(outputs);
  permutation.append({int64_t(1 + rank), int64_t(2 + 2 * rank)});
  merged.push_back(groups * outputs);
  if (phases > 1)
    result =
        m.reshape(m.transpose(m.reshape(result, split), permutation), merged);
  for (size_t d = 0; d < rank; ++d) {
    result = sliceAlong(m, result, 1 + d,
                        dims[d].first - dims[d].begin() * dims[d].stride,
                        dims[d].size);
  }
  return result;
}

/// One problem, or none.
static bool checkPhases(OpMaker &m, ArrayRef<Phases> dims,
                        ArrayRef<int64_t> filter) {
  int64_t elements = filter[0] * filter[1];
  for (const Phases &dim : dims) {
    if (dim.size < 1 || -dim.before() - dim.after() >= dim.input ||
        -dim.before() >= dim.input || -dim.after() >= dim.input) {
      m.error() << "the pads leave nothing of " << dim.input
                << " input elements with a stride of " << dim.stride
                << " and a window of " << dim.reach;
      return false;
    }
    int64_t length = dim.taps() * dim.stride;
    elements = length > mostFilterElements / elements ? mostFilterElements + 1
                                                      : elements * length;
    if (elements > mostFilterElements) {
      m.error() << "a filter of shape " << shapeText(filter)
                << " with a stride of " << dim.stride << " and a window of "
                << dim.reach << " is too large";
      return false;
    }
  }
  return true;
}

Value edgec::convolveTransposed(OpMaker &m, Value input, Value filter,
                                Value bias, const TransposedWindow &window,
                                int64_t groups) {
  if (!input || !filter || m.failed())
    return nullptr;
  SmallVector<Phases> dims;
  for (size_t d = 0; d < window.strides.size(); ++d) {
    dims.push_back({shapeOf(input)[1 + d],
                    (shapeOf(filter)[2 + d] - 1) * window.dilations[d] + 1,
                    window.strides[d], window.before[d], window.sizes[d]});
  }
  if (!checkPhases(m, dims, shapeOf(filter)))
    return nullptr;
  Writer writer(m, dims, groups);
  Window dense = Window::ones(dims.size());
  Value cut = writer.cutInput(input, dense);
  Value result = convolve(m, cut, writer.filter(filter, window.dilations),
                          writer.bias(bias), dense, groups);
  return writer.shuffle(result);
}
