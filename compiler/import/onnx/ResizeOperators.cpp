//===- ResizeOperators.cpp - Resize and Upsample --------------------------===//
//
// Sizes and scales that are constant become tables of weights. Those that are
// inputs of the model leave the result's shape to what the model states, and a
// table is computed by each run.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Resize.h"
#include "compiler/import/Spatial.h"
#include "compiler/import/onnx/Operators.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace edgec;
using namespace edgec::onnx;
using llvm::SmallVector;
using llvm::StringRef;
using mlir::Value;

namespace {
/// Numbers that the model gives as a constant or as an input.
struct Factors {
  std::vector<double> known;
  Value computed;

  explicit operator bool() const { return computed || !known.empty(); }
};
} // namespace

static bool isOneOf(NodeImport &n, StringRef name, StringRef value,
                    llvm::ArrayRef<StringRef> choices) {
  if (llvm::is_contained(choices, value))
    return true;
  n.error() << "attribute '" << name << "' is '" << value
            << "', but should be one of " << llvm::join(choices, ", ");
  return false;
}

/// One number per axis (or twice as many); nothing when the input is missing
/// or empty.
static Factors readFactors(NodeImport &n, unsigned index, StringRef meaning,
                           size_t count) {
  if (!n.hasInput(index) || n.type(index).getNumElements() == 0)
    return {};
  Factors factors;
  if (n.type(index).getNumElements() != int64_t(count)) {
    n.error() << "the " << meaning << " (input " << index << ") must have "
              << count << " elements, not " << n.type(index).getNumElements();
    return {};
  }
  if (!n.constant(index)) {
    factors.computed = n.operand(index);
    return factors;
  }
  if (auto numbers = n.numbers(index, meaning)) {
    factors.known = numbers->isReal()
                        ? numbers->reals
                        : std::vector<double>(numbers->integers.begin(),
                                              numbers->integers.end());
  }
  return factors;
}

static std::string text(double number) {
  std::string result;
  llvm::raw_string_ostream(result) << llvm::format("%g", number);
  return result;
}

/// Element `i` of a computed list.
static Value element(NodeImport &n, Value list, int64_t i) {
  return sliceAlong(n, list, 0, i, 1);
}

static std::optional<ResizeForm> readForm(NodeImport &n) {
  ResizeForm form;
  edge::Interpolation &how = form.interpolation;
  how.mode = n.string("mode", "nearest");
  bool fits = isOneOf(n, "mode", how.mode, {"nearest", "linear", "cubic"});
  if (n.opset < 11) {
    form.coordinates = "asymmetric";
    how.rounding = "floor";
    return fits ? std::optional(form) : std::nullopt;
  }
  form.coordinates = n.string("coordinate_transformation_mode", "half_pixel");
  how.rounding = n.string("nearest_mode", "round_prefer_floor");
  fits = fits &&
         isOneOf(n, "coordinate_transformation_mode", form.coordinates,
                 {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",
                  "align_corners", "asymmetric", "tf_half_pixel_for_nn",
                  "tf_crop_and_resize"}) &&
         isOneOf(n, "nearest_mode", how.rounding,
                 {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"});
  how.cubicCoefficient = n.real("cubic_coeff_a", -0.75F);
  how.excludeOutside = n.flag("exclude_outside", false) && how.mode == "cubic";
  how.antialias = n.flag("antialias", false) && how.mode != "nearest";
  form.extrapolation = n.real("extrapolation_value", 0);
  return fits ? std::optional(form) : std::nullopt;
}

/// All dimensions, or those that the attribute names, in its order.
static SmallVector<int64_t> readAxes(NodeImport &n) {
  SmallVector<int64_t> axes;
  if (auto list = n.list("axes")) {
    for (int64_t axis : *list)
      axes.push_back(n.normalizeAxis(axis, n.rank(0)));
    n.normalizeAxes(axes, n.rank(0));
    return axes;
  }
  return llvm::to_vector(llvm::seq<int64_t>(0, n.rank(0)));
}

/// The shape that the model states for the result.
static std::optional<SmallVector<int64_t>> statedShape(NodeImport &n,
                                                       StringRef meaning) {
  auto shape = n.declaredShape(0);
  if (shape && int64_t(shape->size()) == n.rank(0))
    return shape;
  n.error() << "the " << meaning
            << " are computed and the model does not state the result's shape; "
               "export it with constant "
            << meaning << ", or with the shape of '" << n.node.outputs[0]
            << "'";
  return std::nullopt;
}

static bool setScales(NodeImport &n, llvm::MutableArrayRef<ResizedAxis> axes,
                      const Factors &scales) {
  std::optional<SmallVector<int64_t>> stated;
  if (scales.computed) {
    stated = statedShape(n, "scales");
    if (!stated)
      return false;
  }
  for (auto [i, axis] : llvm::enumerate(axes)) {
    int64_t size = n.shape(0)[axis.axis];
    if (scales.computed) {
      axis.output = (*stated)[axis.axis];
      if (axis.output != size)
        axis.runtimeScale = element(n, scales.computed, int64_t(i));
      continue;
    }
    axis.scale = scales.known[i];
    // The product of floats, as ONNX's shape inference computes it.
    float product = float(axis.scale) * float(size);
    if (!(axis.scale > 0) || !(product >= 1) || product > 1e12F) {
      n.error() << "a scale of " << text(axis.scale) << " for a dimension of "
                << size << " elements; a result needs at least one";
      return false;
    }
    axis.output = int64_t(std::floor(product));
  }
  return true;
}

/// The one scale of all axes that fits `sizes` without distortion, at run time.
static Value commonScale(NodeImport &n, llvm::ArrayRef<ResizedAxis> axes,
                         Value sizes, bool smallest) {
  std::vector<float> factors;
  for (const ResizedAxis &axis : axes)
    factors.push_back(float(1.0 / double(n.shape(0)[axis.axis])));
  auto type = mlir::RankedTensorType::get({int64_t(axes.size())},
                                          n.builder.getF32Type());
  Value real = edge::CastOp::create(n.builder, n.loc, type, sizes);
  Value ratios =
      n.make<edge::MulOp>({real, floats(n, {int64_t(axes.size())}, factors)});
  auto attributes = {n.attr("axes", llvm::ArrayRef<int64_t>{0}),
                     n.attr("keep_dims", true)};
  return smallest ? n.make<edge::ReduceMinOp>({ratios}, attributes)
                  : n.make<edge::ReduceMaxOp>({ratios}, attributes);
}

static bool setSizes(NodeImport &n, llvm::MutableArrayRef<ResizedAxis> axes,
                     const Factors &sizes, bool antialias) {
  StringRef policy = n.string("keep_aspect_ratio_policy", "stretch");
  if (!isOneOf(n, "keep_aspect_ratio_policy", policy,
               {"stretch", "not_larger", "not_smaller"}))
    return false;
  bool stretches = policy == "stretch", smallest = policy == "not_larger";
  std::optional<SmallVector<int64_t>> stated;
  if (sizes.computed) {
    stated = statedShape(n, "sizes");
    if (!stated)
      return false;
  }
  Value runtimeScale;
  if (sizes.computed && !stretches) {
    if (antialias) {
      n.error() << "antialias with sizes that are computed and keep the aspect "
                   "ratio is not supported; export the model with constant "
                   "sizes";
      return false;
    }
    runtimeScale = commonScale(n, axes, sizes.computed, smallest);
  }
  std::optional<double> common;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    double size = double(n.shape(0)[axis.axis]);
    double wanted =
        sizes.computed ? double((*stated)[axis.axis]) : sizes.known[i];
    if (!(wanted >= 1) || wanted > 1e12) {
      n.error() << "a size of " << text(wanted) << " is not positive";
      return false;
    }
    axis.output = int64_t(wanted);
    axis.scale = wanted / size;
    axis.runtimeScale = runtimeScale;
    if (!common || (smallest ? axis.scale < *common : axis.scale > *common))
      common = axis.scale;
  }
  for (ResizedAxis &axis : axes) {
    if (stretches || sizes.computed)
      continue;
    axis.scale = *common;
    axis.output =
        int64_t(std::floor(*common * double(n.shape(0)[axis.axis]) + 0.5));
    if (axis.output < 1) {
      n.error() << "a scale of " << text(*common)
                << " leaves nothing of dimension " << axis.axis;
      return false;
    }
  }
  return true;
}

static void setRoi(NodeImport &n, llvm::MutableArrayRef<ResizedAxis> axes,
                   const Factors &roi) {
  size_t count = axes.size();
  for (auto [i, axis] : llvm::enumerate(axes)) {
    if (roi.computed) {
      axis.runtimeRoi =
          n.make<edge::ConcatOp>({element(n, roi.computed, int64_t(i)),
                                  element(n, roi.computed, int64_t(i + count))},
                                 {n.attr("axis", int64_t(0))});
    } else if (!roi.known.empty()) {
      axis.roiStart = roi.known[i];
      axis.roiEnd = roi.known[i + count];
    }
  }
}

/// Nothing happens along it.
static bool isKept(NodeImport &n, const ResizedAxis &axis) {
  return axis.output == n.shape(0)[axis.axis] && axis.scale == 1 &&
         !axis.runtimeScale && !axis.runtimeRoi && axis.roiStart == 0 &&
         axis.roiEnd == 1;
}

/// Along images' heights and widths with the channels last, so that vectors run
/// along the channels.
static void resizeImage(NodeImport &n, SmallVector<ResizedAxis> axes,
                        const ResizeForm &form) {
  llvm::erase_if(axes,
                 [&](const ResizedAxis &axis) { return isKept(n, axis); });
  int64_t rank = n.rank(0);
  bool isImage = rank >= 3 && llvm::all_of(axes, [](const ResizedAxis &axis) {
                   return axis.axis >= 2;
                 });
  Value x = n.operand(0);
  if (!isImage) {
    n.set(0, resize(n, x, axes, form));
    return;
  }
  auto last = llvm::to_vector(llvm::seq<int64_t>(1, rank));
  last[0] = 0;
  for (int64_t d = 2; d < rank; ++d)
    last[d - 1] = d;
  last.push_back(1);
  SmallVector<int64_t> first = {0, rank - 1};
  for (int64_t d = 1; d + 1 < rank; ++d)
    first.push_back(d);
  for (ResizedAxis &axis : axes)
    axis.axis -= 1;
  n.set(0, n.transpose(resize(n, n.transpose(x, last), axes, form), first));
}

static void importResize(NodeImport &n) {
  std::optional<ResizeForm> form = readForm(n);
  SmallVector<int64_t> numbers = readAxes(n);
  size_t count = numbers.size();
  unsigned first = n.opset < 11 ? 1 : 2;
  Factors scales = readFactors(n, first, "scales", count);
  Factors sizes = n.opset < 11 ? Factors{} : readFactors(n, 3, "sizes", count);
  bool crops = form && form->coordinates == "tf_crop_and_resize";
  Factors roi = crops ? readFactors(n, 1, "roi", 2 * count) : Factors{};
  if (!form || n.failed())
    return;
  if (bool(scales) == bool(sizes) || (crops && !roi)) {
    n.error() << "needs either scales or sizes"
              << (crops ? ", and for tf_crop_and_resize a roi" : "");
    return;
  }
  SmallVector<ResizedAxis> axes(count);
  for (size_t i = 0; i < count; ++i)
    axes[i].axis = numbers[i];
  bool known = scales ? setScales(n, axes, scales)
                      : setSizes(n, axes, sizes, form->interpolation.antialias);
  n.ignore({"keep_aspect_ratio_policy"});
  if (!known || n.failed())
    return;
  if (crops)
    setRoi(n, axes, roi);
  // The pixel that Resize 10 takes when it makes smaller is the one above.
  if (n.opset == 10 && llvm::any_of(axes, [](const ResizedAxis &axis) {
        return axis.scale < 1;
      }))
    form->interpolation.rounding = "ceil";
  resizeImage(n, axes, *form);
}

/// Scales are an attribute before version 9.
static void importUpsample(NodeImport &n) {
  std::optional<ResizeForm> form = readForm(n);
  if (!form)
    return;
  form->coordinates = "asymmetric";
  form->interpolation.rounding = "floor";
  size_t count = size_t(n.rank(0));
  Factors scales;
  if (n.opset >= 9) {
    scales = readFactors(n, 1, "scales", count);
  } else if (auto list = n.realList("scales"); list && list->size() == count) {
    scales.known.assign(list->begin(), list->end());
  }
  if (!scales && !n.failed())
    n.error() << "needs " << count << " scales";
  SmallVector<ResizedAxis> axes(count);
  for (size_t i = 0; i < count; ++i)
    axes[i].axis = int64_t(i);
  if (!n.failed() && setScales(n, axes, scales))
    resizeImage(n, axes, *form);
}

llvm::ArrayRef<Operator> onnx::resizeOperators() {
  static constexpr Operator rows[] = {
      {"Resize",
       {10, 19},
       1,
       4,
       importResize,
       nullptr,
       types::floats,
       "computed scales, sizes and roi need the result's stated shape; a "
       "computed scale of a dimension whose size stays is taken as 1"},
      {"Upsample",
       {7, 10},
       1,
       2,
       importUpsample,
       nullptr,
       types::floats,
       "scales are an attribute before 9; deprecated since 10"},
  };
  return rows;
}
