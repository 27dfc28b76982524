//===- DrawGraph.cpp - where each kernel runs, as a graph -----------------===//
//
// Each kernel stands one row below the last of what it reads, near the columns
// of what it reads.
//
//===----------------------------------------------------------------------===//
#include "compiler/report/Drawings.h"

#include "llvm/Support/Format.h"

using namespace edgec;
using namespace edgec::place;

namespace {
constexpr double boxWidth = 176, boxHeight = 34, columnStep = 192, rowStep = 58,
                 margin = 8;

/// Where each kernel stands.
struct Layout {
  std::vector<unsigned> rows, columns;
  unsigned rowCount = 0, columnCount = 0;

  double left(size_t kernel) const {
    return margin + columnStep * columns[kernel];
  }
  double top(size_t kernel) const { return margin + rowStep * rows[kernel]; }
};
} // namespace

/// The first free column at or behind the wanted one, else before it.
static unsigned freeColumn(std::vector<bool> &isTaken, unsigned wanted) {
  while (wanted < isTaken.size() && isTaken[wanted])
    ++wanted;
  if (wanted >= isTaken.size())
    isTaken.resize(wanted + 1, false);
  isTaken[wanted] = true;
  return wanted;
}

static Layout layOut(llvm::ArrayRef<KernelPlacement> kernels) {
  Layout layout;
  std::vector<std::vector<bool>> taken;
  for (const KernelPlacement &kernel : kernels) {
    unsigned row = 0;
    double sum = 0;
    for (unsigned producer : kernel.producers) {
      row = std::max(row, layout.rows[producer] + 1);
      sum += layout.columns[producer];
    }
    if (taken.size() <= row)
      taken.resize(row + 1);
    double mean =
        kernel.producers.empty() ? 0 : sum / double(kernel.producers.size());
    unsigned column = freeColumn(taken[row], unsigned(mean));
    layout.rows.push_back(row);
    layout.columns.push_back(column);
    layout.rowCount = std::max(layout.rowCount, row + 1);
    layout.columnCount = std::max(layout.columnCount, column + 1);
  }
  return layout;
}

static void drawEdge(llvm::raw_ostream &stream, const Layout &layout,
                     unsigned from, unsigned to) {
  double x0 = layout.left(from) + boxWidth / 2,
         y0 = layout.top(from) + boxHeight, x1 = layout.left(to) + boxWidth / 2,
         y1 = layout.top(to);
  double bend = (y1 - y0) / 2;
  // Past the boxes between.
  double aside = layout.rows[to] > layout.rows[from] + 1 &&
                         layout.columns[from] == layout.columns[to]
                     ? columnStep * 0.52
                     : 0;
  stream << llvm::format("<path class='edge' d='M%.1f %.1f C%.1f %.1f %.1f "
                         "%.1f %.1f %.1f'/>\n",
                         x0, y0, x0 + aside, y0 + bend, x1 + aside, y1 - bend,
                         x1, y1);
}

static void drawKernel(llvm::raw_ostream &stream, const Report &report,
                       const Layout &layout, size_t index) {
  const KernelPlacement &kernel = report.placement.kernels[index];
  double x = layout.left(index), y = layout.top(index);
  std::string node = kernel.nodes.empty() ? "" : kernel.nodes.front();
  std::string where = report.placement.processors[kernel.processor];
  if (kernel.region)
    where += ", region " + std::to_string(*kernel.region);
  stream << "<g><title>" << escaped(kernel.kernel) << "\n"
         << escaped(llvm::join(kernel.nodes, "\n")) << "\non " << escaped(where)
         << ": " << escaped(kernel.reason) << "</title>"
         << llvm::format("<rect class='box %s' x='%.1f' y='%.1f' width='%.0f' "
                         "height='%.0f' rx='6'/>",
                         colourOf(kernel.processor).c_str(), x, y, boxWidth,
                         boxHeight)
         << llvm::format("<text x='%.1f' y='%.1f' class='name'>", x + 8, y + 14)
         << escaped(shortened(kernel.kernel, 23)) << "</text>"
         << llvm::format("<text x='%.1f' y='%.1f' class='small'>", x + 8,
                         y + 27)
         << escaped(shortened(node, 22)) << "</text>";
  if (kernel.region) {
    stream << llvm::format("<text x='%.1f' y='%.1f' class='small end'>",
                           x + boxWidth - 6, y + 27)
           << *kernel.region << "</text>";
  }
  stream << "</g>\n";
}

void edgec::drawGraph(llvm::raw_ostream &stream, const Report &report) {
  const auto &kernels = report.placement.kernels;
  if (kernels.empty())
    return;
  Layout layout = layOut(kernels);
  double width = 2 * margin + columnStep * layout.columnCount,
         height = 2 * margin + rowStep * layout.rowCount;
  stream << llvm::format("<svg class='fixed' viewBox='0 0 %.0f %.0f' "
                         "width='%.0f' height='%.0f' role='img' "
                         "aria-label='the graph of kernels'>\n",
                         width, height, width, height);
  for (unsigned index = 0; index < kernels.size(); ++index)
    for (unsigned producer : kernels[index].producers)
      drawEdge(stream, layout, producer, index);
  for (size_t index = 0; index < kernels.size(); ++index)
    drawKernel(stream, report, layout, index);
  stream << "</svg>\n";
}
