//===- ShapeRanges.cpp - sizes that a run chooses -------------------------===//
//
// Ranges are collected as axes of a grid, then the grid is walked from its
// largest corner downwards.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/ShapeRanges.h"
#include "compiler/import/Elements.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <map>
#include <tuple>

using namespace edgec;

namespace {
/// A size of its own: its range, and which of the equal ranges in an input.
using Axis = std::tuple<int64_t, int64_t, unsigned>;

/// Where the size of an axis goes.
struct Place {
  size_t shape, dimension, axis;
};
} // namespace

/// Finds the axes and where each is used.
static std::vector<Axis> collectAxes(llvm::ArrayRef<InputShape> shapes,
                                     std::vector<Place> &places) {
  std::vector<Axis> axes;
  for (auto [index, shape] : llvm::enumerate(shapes)) {
    std::map<std::pair<int64_t, int64_t>, unsigned> occurrences;
    for (size_t d = 0; d < shape.least.size(); ++d) {
      int64_t least = shape.least[d], most = shape.dimensions[d];
      if (least == most)
        continue;
      Axis axis{least, most, occurrences[{least, most}]++};
      auto known = llvm::find(axes, axis);
      places.push_back({index, d, size_t(known - axes.begin())});
      if (known == axes.end())
        axes.push_back(axis);
    }
  }
  return axes;
}

llvm::Expected<std::vector<std::vector<InputShape>>>
edgec::expandRanges(llvm::ArrayRef<InputShape> shapes) {
  std::vector<Place> places;
  std::vector<Axis> axes = collectAxes(shapes, places);
  int64_t count = 1;
  std::vector<int64_t> sizes;
  for (auto [least, most, number] : axes) {
    // No more than 2^31 a range, so the product stays in 64 bits.
    count *= most - least + 1;
    if (count > maxShapeVariants) {
      return llvm::createStringError(
          "-shape asks for more than %lld combinations of sizes, and each is "
          "compiled by itself; narrow the ranges",
          static_cast<long long>(maxShapeVariants));
    }
    sizes.push_back(most);
  }
  std::vector<std::vector<InputShape>> result;
  for (int64_t i = 0; i < count; ++i) {
    result.emplace_back(shapes.begin(), shapes.end());
    for (InputShape &shape : result.back())
      shape.least.clear();
    for (const Place &place : places)
      result.back()[place.shape].dimensions[place.dimension] =
          sizes[place.axis];
    // One down, the last axis fastest.
    for (size_t axis = axes.size(); axis-- > 0;) {
      auto [least, most, number] = axes[axis];
      if (sizes[axis]-- > least)
        break;
      sizes[axis] = most;
    }
  }
  return result;
}

std::string edgec::describeShapes(llvm::ArrayRef<InputShape> shapes) {
  return llvm::join(llvm::map_range(shapes,
                                    [](const InputShape &shape) {
                                      return "-shape=" + shape.input + "=" +
                                             shapeText(shape.dimensions);
                                    }),
                    " ");
}
