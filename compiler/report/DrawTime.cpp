//===- DrawTime.cpp - time and memory, drawn ------------------------------===//
//
// Rectangles over time: what processors do, what lies in the arena, and what
// lies in an accelerator's memory.
//
//===----------------------------------------------------------------------===//
#include "compiler/report/Drawings.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/Format.h"

using namespace edgec;
using namespace edgec::place;

static constexpr double width = 900, left = 96, right = 12,
                        plot = width - left - right;

namespace {
/// A drawing of rectangles whose x is time (or steps).
class Chart {
public:
  Chart(llvm::raw_ostream &stream, double height, double last,
        llvm::StringRef label)
      : stream(stream), last(last > 0 ? last : 1) {
    stream << llvm::format("<svg viewBox='0 0 %.0f %.0f' role='img' "
                           "aria-label='",
                           width, height)
           << escaped(label) << "'>\n";
  }
  ~Chart() { stream << "</svg>\n"; }

  double x(double value) const { return left + plot * value / last; }

  void rectangle(double from, double to, double top, double height,
                 llvm::StringRef style, const std::string &title) {
    // What is short shall still be seen.
    constexpr double least = 0.6;
    stream << llvm::format("<rect class='%s' x='%.2f' y='%.2f' width='%.2f' "
                           "height='%.2f'><title>",
                           style.str().c_str(), x(from), top,
                           std::max(x(to) - x(from), least),
                           std::max(height, least))
           << escaped(title) << "</title></rect>\n";
  }

  void rowName(double y, llvm::StringRef name) {
    stream << llvm::format("<text class='small' x='4' y='%.1f'>", y)
           << escaped(shortened(name, 15)) << "</text>\n";
  }

  /// Five numbers along x.
  template <typename Describe> void axis(double y, Describe describe) {
    constexpr int ticks = 4;
    for (int i = 0; i <= ticks; ++i) {
      double value = last * i / ticks;
      stream << llvm::format("<path class='grid' d='M%.1f 6V%.1f'/><text "
                             "class='small %s' x='%.1f' y='%.1f'>",
                             x(value), y - 12, i == ticks ? "end" : "middle",
                             x(value), y)
             << describe(value) << "</text>\n";
    }
  }

private:
  llvm::raw_ostream &stream;
  double last;
};
} // namespace

void edgec::drawTimeline(llvm::raw_ostream &stream, const Report &report) {
  const Placement &placement = report.placement;
  if (placement.timeline.empty())
    return;
  constexpr double rowStep = 34, bar = 24;
  double height = rowStep * double(placement.processors.size()) + 30;
  Chart chart(stream, height, placement.placed.nanoseconds, "timeline");
  chart.axis(height - 8, describeTime);
  for (auto [index, name] : llvm::enumerate(placement.processors))
    chart.rowName(rowStep * double(index) + 24, name);
  for (const PlacedWork &work : placement.timeline) {
    std::string title;
    for (unsigned kernel : work.kernels)
      title += placement.kernels[kernel].kernel + "\n";
    title += describeTime(work.endNanoseconds - work.beginNanoseconds) +
             " from " + describeTime(work.beginNanoseconds);
    chart.rectangle(work.beginNanoseconds, work.endNanoseconds,
                    rowStep * work.processor + 8, bar,
                    "bar " + colourOf(work.processor), title);
  }
}

void edgec::drawArena(llvm::raw_ostream &stream, const Report &report) {
  const ReportMemory &memory = report.memory;
  if (memory.buffers.empty())
    return;
  constexpr double height = 300, area = height - 40;
  double perByte = area / double(std::max<int64_t>(memory.arenaBytes, 1));
  Chart chart(stream, height, double(report.steps.size()), "arena");
  chart.axis(height - 8, [](double step) {
    return "step " + std::to_string(int64_t(step));
  });
  chart.rowName(16, describeBytes(double(memory.arenaBytes)));
  chart.rowName(8 + area, "0");
  for (const ReportBuffer &buffer : memory.buffers) {
    double bytes = double(buffer.sizeBytes);
    chart.rectangle(buffer.firstStep, buffer.lastStep + 1.0,
                    8 + area - perByte * (double(buffer.offsetBytes) + bytes),
                    perByte * bytes, "bar " + colourOf(buffer.processor),
                    buffer.name + "\n" + describeBytes(bytes) + " at " +
                        std::to_string(buffer.offsetBytes) + ", steps " +
                        std::to_string(buffer.firstStep) + " to " +
                        std::to_string(buffer.lastStep));
  }
}

static void drawUnits(llvm::raw_ostream &stream, const ReportJob &job,
                      double last) {
  // In the order in which they first appear.
  llvm::MapVector<llvm::StringRef, std::vector<const ReportCommand *>> units;
  for (const ReportCommand &command : job.commands)
    units[command.unit].push_back(&command);
  constexpr double rowStep = 26, bar = 18;
  double height = rowStep * double(units.size()) + 30;
  Chart chart(stream, height, last, "units of " + job.name);
  chart.axis(height - 8, describeTime);
  double row = 0;
  for (const auto &[unit, commands] : units) {
    chart.rowName(rowStep * row + 20, unit);
    for (const ReportCommand *command : commands) {
      chart.rectangle(command->beginNanoseconds, command->endNanoseconds,
                      rowStep * row + 8, bar, "bar " + colourOf(job.processor),
                      command->name + " " + command->layer + "\n" +
                          describeTime(command->endNanoseconds -
                                       command->beginNanoseconds));
    }
    ++row;
  }
}

static void drawLocalMemory(llvm::raw_ostream &stream, const Report &report,
                            const ReportJob &job, double last) {
  constexpr double height = 240, area = height - 40;
  int64_t bytes = report.processors[job.processor].localBytes;
  for (const ReportLocalBuffer &buffer : job.localBuffers)
    bytes = std::max(bytes, buffer.offsetBytes + buffer.sizeBytes);
  double perByte = area / double(std::max<int64_t>(bytes, 1));
  Chart chart(stream, height, last, "memory of " + job.name);
  chart.axis(height - 8, describeTime);
  chart.rowName(16, describeBytes(double(bytes)));
  chart.rowName(8 + area, "0");
  for (const ReportLocalBuffer &buffer : job.localBuffers) {
    chart.rectangle(
        buffer.beginNanoseconds, buffer.endNanoseconds,
        8 + area - perByte * double(buffer.offsetBytes + buffer.sizeBytes),
        perByte * double(buffer.sizeBytes), "bar " + colourOf(job.processor),
        buffer.name + "\n" + describeBytes(double(buffer.sizeBytes)) + " at " +
            std::to_string(buffer.offsetBytes));
  }
}

void edgec::drawJob(llvm::raw_ostream &stream, const Report &report,
                    const ReportJob &job) {
  double last = 0;
  for (const ReportCommand &command : job.commands)
    last = std::max(last, command.endNanoseconds);
  for (const ReportLocalBuffer &buffer : job.localBuffers)
    last = std::max(last, buffer.endNanoseconds);
  if (!job.commands.empty())
    drawUnits(stream, job, last);
  if (!job.localBuffers.empty())
    drawLocalMemory(stream, report, job, last);
}
