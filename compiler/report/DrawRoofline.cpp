//===- DrawRoofline.cpp - speed below what would be possible --------------===//
//
// Both axes are logarithmic: operations per byte of memory traffic, and
// operations per second. The roof is the lower one of what the arithmetic units
// and the memory allow.
//
//===----------------------------------------------------------------------===//
#include "compiler/report/Drawings.h"

#include "llvm/Support/Format.h"
#include <cmath>

using namespace edgec;
using namespace edgec::place;

namespace {
struct Dot {
  double operationsPerByte = 0, operationsPerSecond = 0;
  std::string title;
};

constexpr double width = 900, height = 300, left = 96, top = 12,
                 plotWidth = width - left - 16, plotHeight = height - top - 44;

/// Powers of ten from `low` to `high`.
struct LogAxis {
  int low, high;
  double begin, pixels;

  double place(double value) const {
    return begin + pixels * (std::log10(value) - low) / (high - low);
  }
};
} // namespace

static Dot makeDot(const Report &report, const PlacedWork &work) {
  Dot dot;
  double operations = 0, tensors = 0;
  for (unsigned index : work.kernels) {
    const KernelPlacement &kernel = report.placement.kernels[index];
    operations += double(kernel.operations);
    tensors += double(kernel.tensorBytes);
    dot.title += kernel.kernel + "\n";
  }
  // Of a processor's kernels what they read and write, wherever it lies.
  double bytes = work.region ? work.cost.memoryBytes : tensors;
  dot.operationsPerByte = bytes > 0 ? operations / bytes : 0;
  dot.operationsPerSecond =
      work.cost.nanoseconds > 0 ? operations / work.cost.nanoseconds * 1e9 : 0;
  return dot;
}

static LogAxis makeAxis(double low, double high, double begin, double pixels) {
  LogAxis axis{int(std::floor(std::log10(low))),
               int(std::ceil(std::log10(high))), begin, pixels};
  if (axis.high <= axis.low)
    axis.high = axis.low + 1;
  return axis;
}

static void drawGrid(llvm::raw_ostream &stream, const LogAxis &x,
                     const LogAxis &y) {
  for (int power = x.low; power <= x.high; ++power) {
    stream << llvm::format("<path class='grid' d='M%.1f %.1fV%.1f'/><text "
                           "class='small middle' x='%.1f' y='%.1f'>%g</text>\n",
                           x.place(std::pow(10, power)), top, top + plotHeight,
                           x.place(std::pow(10, power)), top + plotHeight + 16,
                           std::pow(10, power));
  }
  for (int power = y.low; power <= y.high; ++power) {
    stream << llvm::format(
        "<path class='grid' d='M%.1f %.1fH%.1f'/><text "
        "class='small end' x='%.1f' y='%.1f'>%g G/s</text>\n",
        left, y.place(std::pow(10, power)), left + plotWidth, left - 6,
        y.place(std::pow(10, power)) + 4, std::pow(10, power - 9));
  }
  stream << llvm::format("<text class='small middle' x='%.1f' y='%.1f'>"
                         "operations per byte</text>\n",
                         left + plotWidth / 2, height - 6);
}

void edgec::drawRoofline(llvm::raw_ostream &stream, const Report &report,
                         unsigned processor) {
  const ReportProcessor &figures = report.processors[processor];
  double peak = std::max(figures.integerOperationsPerSecond,
                         figures.floatOperationsPerSecond);
  double bandwidth = figures.memoryBytesPerSecond;
  std::vector<Dot> dots;
  for (const PlacedWork &work : report.placement.timeline) {
    if (work.processor != processor)
      continue;
    Dot dot = makeDot(report, work);
    if (dot.operationsPerByte > 0 && dot.operationsPerSecond > 0)
      dots.push_back(std::move(dot));
  }
  if (dots.empty() || !(peak > 0) || !(bandwidth > 0))
    return;
  double ridge = peak / bandwidth, lowX = ridge / 10, highX = ridge * 10,
         lowY = peak / 1000;
  for (const Dot &dot : dots) {
    lowX = std::min(lowX, dot.operationsPerByte);
    highX = std::max(highX, dot.operationsPerByte);
    lowY = std::min(lowY, dot.operationsPerSecond);
  }
  LogAxis x = makeAxis(lowX, highX, left, plotWidth);
  // Pixels count downwards.
  LogAxis y = makeAxis(lowY, peak, top + plotHeight, -plotHeight);
  stream << llvm::format("<svg viewBox='0 0 %.0f %.0f' role='img' "
                         "aria-label='roofline of ",
                         width, height)
         << escaped(figures.name) << "'>\n";
  drawGrid(stream, x, y);
  double first = std::max(std::pow(10, x.low), std::pow(10, y.low) / bandwidth);
  stream << llvm::format("<path class='roof' d='M%.1f %.1fL%.1f %.1fH%.1f'/>\n",
                         x.place(first), y.place(first * bandwidth),
                         x.place(ridge), y.place(peak), left + plotWidth);
  for (const Dot &dot : dots) {
    stream << llvm::format("<circle class='bar %s' cx='%.1f' cy='%.1f' "
                           "r='4'><title>",
                           colourOf(processor).c_str(),
                           x.place(dot.operationsPerByte),
                           y.place(dot.operationsPerSecond))
           << escaped(dot.title)
           << llvm::format("%.3g G/s at %.3g operations per byte",
                           dot.operationsPerSecond / 1e9, dot.operationsPerByte)
           << "</title></circle>\n";
  }
  stream << "</svg>\n";
}
