//===- FrontierPlot.cpp - error over time and size, drawn -----------------===//
//
// Two panels side by side. Pointing at a dot tells its layer and numbers; the
// dot that was taken is larger.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/FrontierPlot.h"

#include "llvm/Support/Format.h"
#include <cmath>
#include <functional>

using namespace edgec;

namespace {
/// Numbers from `low` to `high` on a line of `pixels` from `begin`.
struct Axis {
  double low, high, begin, pixels;
  double place(double value) const {
    return begin + (value - low) / (high - low) * pixels;
  }
};

/// One panel: what lies along x, and where.
struct Panel {
  const char *title;
  std::function<double(const FrontierPoint &)> x;
  double left;
};
} // namespace

static constexpr double width = 380, height = 300, margin = 60;

/// A range with room around it that is never empty.
static Axis makeAxis(llvm::ArrayRef<double> values, double begin,
                     double pixels) {
  double low = values.front(), high = values.front();
  for (double value : values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  double room = high > low ? 0.05 * (high - low) : 1;
  return {low - room, high + room, begin, pixels};
}

/// The text of a model's names inside of XML.
static std::string escaped(llvm::StringRef text) {
  std::string result;
  for (char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else
      result += c;
  }
  return result;
}

static void drawAxes(llvm::raw_ostream &stream, const Panel &panel,
                     const Axis &x, const Axis &y) {
  double bottom = margin + height;
  stream << llvm::format("<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' "
                         "fill='none' stroke='#888'/>\n",
                         panel.left, margin, width, height)
         << llvm::format("<text x='%.1f' y='%.1f' text-anchor='middle'>",
                         panel.left + width / 2, bottom + 40)
         << panel.title << "</text>\n";
  constexpr int ticks = 4;
  for (int i = 0; i <= ticks; ++i) {
    double at = x.low + (x.high - x.low) * i / ticks;
    stream << llvm::format("<text x='%.1f' y='%.1f' text-anchor='middle'>"
                           "%.3g</text>\n",
                           x.place(at), bottom + 18, at);
    double error = y.low + (y.high - y.low) * i / ticks;
    stream << llvm::format("<text x='%.1f' y='%.1f' text-anchor='end'>"
                           "%.1e</text>\n",
                           panel.left - 6, y.place(error) + 4, error);
  }
}

static void drawPanel(llvm::raw_ostream &stream, const Panel &panel,
                      llvm::ArrayRef<FrontierPoint> frontier) {
  std::vector<double> xs, ys;
  for (const FrontierPoint &point : frontier) {
    xs.push_back(panel.x(point));
    ys.push_back(point.error.relative());
  }
  Axis x = makeAxis(xs, panel.left, width);
  // Pixels count downwards.
  Axis y = makeAxis(ys, margin + height, -height);
  drawAxes(stream, panel, x, y);
  stream << "<polyline fill='none' stroke='#36c' points='";
  for (size_t i = 0; i < frontier.size(); ++i)
    stream << llvm::format("%.1f,%.1f ", x.place(xs[i]), y.place(ys[i]));
  stream << "'/>\n";
  for (size_t i = 0; i < frontier.size(); ++i) {
    const FrontierPoint &point = frontier[i];
    stream << llvm::format("<circle cx='%.1f' cy='%.1f' r='%d' fill='%s'>",
                           x.place(xs[i]), y.place(ys[i]),
                           point.isTaken ? 7 : 4,
                           point.isTaken ? "#c33" : "#36c")
           << "<title>" << point.integerLayers << " layers, "
           << llvm::format("%.4g, error %.2e", xs[i], ys[i])
           << (point.added.empty() ? "" : "; with ") << escaped(point.added)
           << "</title></circle>\n";
  }
}

std::string edgec::drawFrontier(llvm::ArrayRef<FrontierPoint> frontier) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  constexpr double step = width + 2 * margin;
  stream << llvm::format("<svg xmlns='http://www.w3.org/2000/svg' width='%.0f' "
                         "height='%.0f' font-family='sans-serif' "
                         "font-size='11'>\n",
                         2 * step, height + 2 * margin)
         << "<rect width='100%' height='100%' fill='white'/>\n"
         << llvm::format("<text x='%.1f' y='30' font-size='14'>", margin)
         << "relative error of the outputs as more layers compute on "
            "integers</text>\n";
  bool hasClock = frontier.front().clockMegahertz > 0;
  drawPanel(stream,
            {hasClock ? "predicted microseconds" : "predicted cycles",
             [&](const FrontierPoint &point) {
               return double(point.cycles) /
                      double(std::max<int64_t>(1, point.clockMegahertz));
             },
             margin},
            frontier);
  drawPanel(stream,
            {"weights, KB",
             [](const FrontierPoint &point) {
               return double(point.sizeBytes) / 1000;
             },
             margin + step},
            frontier);
  stream << "</svg>\n";
  return text;
}
