//===- ReportPage.cpp - a report as a page of HTML ------------------------===//
//
// See ReportPage.h. The drawings show at a glance what the tables say in
// numbers, so that nothing is told by colour or by pointing alone.
//
//===----------------------------------------------------------------------===//
#include "compiler/report/ReportPage.h"

#include "compiler/report/Drawings.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/Format.h"
#include <limits>
#include <map>
#include <set>

using namespace edgec;
using namespace edgec::place;

std::string edgec::escaped(llvm::StringRef text) {
  std::string valid = llvm::json::fixUTF8(text), result;
  for (char c : valid) {
    bool isControl = (unsigned char)c < 0x20 && c != '\n' && c != '\t';
    if (isControl || c == 0x7f)
      result += "\xEF\xBF\xBD";
    else if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '"')
      result += "&quot;";
    else if (c == '\'')
      result += "&#39;";
    else
      result += c;
  }
  return result;
}

std::string edgec::shortened(llvm::StringRef text, size_t length) {
  std::string valid = llvm::json::fixUTF8(text);
  // Where characters begin.
  std::vector<size_t> begins;
  for (size_t i = 0; i < valid.size(); ++i)
    if ((valid[i] & 0xC0) != 0x80)
      begins.push_back(i);
  if (begins.size() <= length)
    return valid;
  size_t head = length / 2, tail = length - head - 1;
  return valid.substr(0, begins[head]) + "\xE2\x80\xA6" +
         valid.substr(begins[begins.size() - tail]);
}

std::string edgec::colourOf(unsigned processor) {
  constexpr unsigned colours = 6;
  return "p" + std::to_string(processor % colours);
}

std::string edgec::describeBytes(double bytes) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (bytes >= 1e6)
    stream << llvm::format("%.2f MB", bytes / 1e6);
  else if (bytes >= 1e3)
    stream << llvm::format("%.1f KB", bytes / 1e3);
  else
    stream << llvm::format("%.0f B", bytes);
  return text;
}

static constexpr llvm::StringLiteral style = R"(
:root{color-scheme:light dark;--ink:#1c2430;--paper:#fff;--card:#f3f5f8;--line:#d5dae1;--soft:#5d6878;
--p0:#7d8aa0;--p1:#2f7de1;--p2:#d97a1e;--p3:#2c9a6b;--p4:#a34fc4;--p5:#c8434b}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--paper:#14181e;--card:#1e242c;--line:#343c48;--soft:#9aa6b6;
--p0:#8b97aa;--p1:#5a9cf0;--p2:#e5974b;--p3:#4cba8a;--p4:#bd7ddb;--p5:#e06b72}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1100px;padding:16px;font:15px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:1.4em;margin:.2em 0;overflow-wrap:anywhere}h2{font-size:1.15em;margin:1.6em 0 .4em}p{margin:.3em 0;color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:10px;margin:14px 0}
.card{background:var(--card);border-radius:10px;padding:10px 12px}.card b{display:block;font-size:1.25em}
.scroll{overflow:auto;max-height:80vh;border:1px solid var(--line);border-radius:10px;margin:8px 0;background:var(--card)}
svg{display:block;width:100%;min-width:640px}svg.fixed{width:auto;min-width:0}
svg text{fill:var(--ink);font:12px system-ui,sans-serif}svg .small{fill:var(--soft);font-size:11px}
svg .end{text-anchor:end}svg .middle{text-anchor:middle}
.box{fill:var(--paper);stroke-width:2.5}.bar{stroke:var(--paper);stroke-width:.4}
.edge,.grid,.roof{fill:none;stroke:var(--line)}.edge{stroke:var(--soft);opacity:.55}.roof{stroke:var(--ink);stroke-width:1.5}
.p0{--c:var(--p0)}.p1{--c:var(--p1)}.p2{--c:var(--p2)}.p3{--c:var(--p3)}.p4{--c:var(--p4)}.p5{--c:var(--p5)}
.bar{fill:var(--c)}.box{stroke:var(--c)}.key{border-left:12px solid var(--c);padding-left:6px;margin-right:14px;white-space:nowrap}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{padding:4px 8px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{position:sticky;top:0;background:var(--card);color:var(--soft);font-weight:600}
td.t,th.t{text-align:left;white-space:normal;min-width:110px;overflow-wrap:anywhere}
)";

namespace {
class Page {
public:
  explicit Page(const Report &report)
      : report(report), placement(report.placement), stream(text) {}

  std::string write();

private:
  void card(llvm::StringRef name, const std::string &value,
            const std::string &more);
  void cards();
  void key();
  void processors();
  void kernels();
  void kernelRow(const KernelPlacement &kernel);
  void steps();
  void memory();
  void jobs();
  void jobLayers(const ReportJob &job);
  void rooflines();
  template <typename Draw>
  void figure(llvm::StringRef title, llvm::StringRef meaning, Draw draw);
  void heads(const std::vector<llvm::StringRef> &names);
  void cell(const std::string &value, bool isText = false) {
    stream << (isText ? "<td class='t'>" : "<td>") << escaped(value) << "</td>";
  }

  /// Names of TFLite's nodes are whole paragraphs.
  void nameCell(const std::string &value) {
    constexpr size_t most = 60;
    stream << "<td class='t' title='" << escaped(value) << "'>"
           << escaped(shortened(value, most)) << "</td>";
  }

  const Report &report;
  const Placement &placement;
  std::string text;
  llvm::raw_string_ostream stream;
};
} // namespace

static std::string times(double ratio) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.2f times", ratio);
  return text;
}

void Page::card(llvm::StringRef name, const std::string &value,
                const std::string &more) {
  stream << "<div class='card'>" << escaped(name) << "<b>" << escaped(value)
         << "</b><p>" << escaped(more) << "</p></div>\n";
}

void Page::cards() {
  stream << "<div class='cards'>\n";
  const Prediction &placed = placement.placed;
  card("time of a run", describeTime(placed.nanoseconds),
       placed.nanoseconds > 0
           ? llvm::formatv("{0:f1} per second", 1e9 / placed.nanoseconds).str()
           : "");
  card("energy of a run", describeEnergy(placed.nanojoules), "estimated");
  card("memory for results", describeBytes(double(report.memory.arenaBytes)),
       describeBytes(double(report.memory.liveBytes)) + " alive at once");
  card("weights", describeBytes(double(report.memory.weightsBytes)),
       "as they are stored");
  if (placement.processors.size() > 1) {
    card("processor alone", describeTime(placement.onHost.nanoseconds),
         times(placement.onHost.nanoseconds /
               std::max(placed.nanoseconds, 1e-9)));
    card("all that accelerators support there",
         describeTime(placement.onDevices.nanoseconds),
         times(placement.onDevices.nanoseconds /
               std::max(placed.nanoseconds, 1e-9)));
  }
  stream << "</div>\n";
}

void Page::key() {
  stream << "<p>";
  for (auto [index, name] : llvm::enumerate(placement.processors))
    stream << "<span class='key " << colourOf(unsigned(index)) << "'>"
           << escaped(name) << "</span>";
  stream << "</p>\n";
}

template <typename Draw>
void Page::figure(llvm::StringRef title, llvm::StringRef meaning, Draw draw) {
  std::string drawing;
  llvm::raw_string_ostream inner(drawing);
  draw(inner);
  if (drawing.empty())
    return;
  stream << "<h2>" << escaped(title) << "</h2>\n<p>" << escaped(meaning)
         << "</p>\n<div class='scroll'>" << drawing << "</div>\n";
}

void Page::heads(const std::vector<llvm::StringRef> &names) {
  stream << "<div class='scroll'><table><thead><tr>";
  for (llvm::StringRef name : names) {
    bool isText = name.consume_front("=");
    stream << (isText ? "<th class='t'>" : "<th>") << escaped(name) << "</th>";
  }
  stream << "</tr></thead><tbody>\n";
}

void Page::processors() {
  stream << "<h2>Processors</h2>\n";
  heads({"=name", "busy", "of the run", "energy", "kernels", "submissions",
         "operations", "memory traffic", "of its peak"});
  double run = std::max(placement.placed.nanoseconds, 1e-9);
  for (const ReportProcessor &processor : report.processors) {
    double peak = std::max(processor.integerOperationsPerSecond,
                           processor.floatOperationsPerSecond);
    double reached = processor.busyNanoseconds > 0 && peak > 0
                         ? double(processor.operations) /
                               processor.busyNanoseconds * 1e9 / peak
                         : 0;
    stream << "<tr>";
    cell(processor.name + (processor.machine == processor.name
                               ? ""
                               : " (" + processor.machine + ")"),
         true);
    cell(describeTime(processor.busyNanoseconds));
    cell(llvm::formatv("{0:f1} %", 100 * processor.busyNanoseconds / run));
    cell(describeEnergy(processor.nanojoules));
    cell(std::to_string(processor.kernels));
    cell(std::to_string(processor.submissions));
    cell(llvm::formatv("{0:f2} M", double(processor.operations) / 1e6));
    cell(describeBytes(processor.memoryBytes));
    cell(llvm::formatv("{0:f1} %", 100 * reached));
    stream << "</tr>\n";
  }
  stream << "</tbody></table></div>\n";
}

void Page::kernelRow(const KernelPlacement &kernel) {
  stream << "<tr>";
  cell(kernel.kernel, true);
  nameCell(llvm::join(kernel.nodes, ", "));
  cell(placement.processors[kernel.processor] +
       (kernel.region ? " #" + std::to_string(*kernel.region) : ""));
  for (const KernelOption &option : kernel.options)
    cell(option.isPossible() ? describeTime(option.cost.nanoseconds) : "no");
  const Cost &cost = kernel.options[kernel.processor].cost;
  cell(describeEnergy(cost.nanojoules));
  cell(llvm::formatv("{0:f3} M", double(kernel.operations) / 1e6));
  cell(describeBytes(double(kernel.tensorBytes)));
  cell(kernel.reason, true);
  stream << "</tr>\n";
}

void Page::kernels() {
  stream << "<h2>Kernels</h2>\n<p>What each would take alone on each "
            "processor, a launch included.</p>\n";
  std::vector<llvm::StringRef> names = {"=kernel", "=nodes", "runs on"};
  names.insert(names.end(), placement.processors.begin(),
               placement.processors.end());
  for (llvm::StringRef name : {"energy", "operations", "tensors", "=why"})
    names.push_back(name);
  heads(names);
  for (const KernelPlacement &kernel : placement.kernels)
    kernelRow(kernel);
  stream << "</tbody></table></div>\n";
}

void Page::steps() {
  if (report.steps.empty())
    return;
  stream << "<h2>The program</h2>\n<p>What the processor does, in this "
            "order, with its copies and what is fused further.</p>\n";
  heads({"step", "=name", "=nodes", "processor", "time", "cycles", "operations",
         "least traffic"});
  for (auto [index, step] : llvm::enumerate(report.steps)) {
    const ReportProcessor &processor = report.processors[step.processor];
    stream << "<tr>";
    cell(std::to_string(index));
    cell(step.name, true);
    nameCell(step.layers);
    cell(processor.name);
    cell(step.isWait ? "" : describeTime(step.nanoseconds));
    cell(step.isWait ? ""
                     : llvm::formatv("{0:f0}", step.nanoseconds *
                                                   processor.clockHertz / 1e9)
                           .str());
    cell(step.isWait ? "" : std::to_string(step.operations));
    cell(step.isWait ? "" : std::to_string(step.bytes));
    stream << "</tr>\n";
  }
  stream << "</tbody></table></div>\n";
}

namespace {
/// What a submission does for one layer.
struct LayerWork {
  std::map<std::string, double> busyNanoseconds;
  double begin = std::numeric_limits<double>::infinity(), end = 0,
         memoryBytes = 0;
  int64_t macs = 0;
};
} // namespace

/// A row for each layer, with the share of the array's peak that its MACs
/// reach while it is under way.
void Page::jobLayers(const ReportJob &job) {
  if (job.commands.empty())
    return;
  llvm::MapVector<llvm::StringRef, LayerWork> layers;
  std::set<std::string> units;
  for (const ReportCommand &command : job.commands) {
    LayerWork &layer = layers[command.layer];
    layer.busyNanoseconds[command.unit] +=
        command.endNanoseconds - command.beginNanoseconds;
    layer.begin = std::min(layer.begin, command.beginNanoseconds);
    layer.end = std::max(layer.end, command.endNanoseconds);
    layer.memoryBytes += command.memoryBytes;
    layer.macs += command.macs;
    units.insert(command.unit);
  }
  const ReportProcessor &device = report.processors[job.processor];
  std::vector<std::string> names = {"=layer", "from", "to", "cycles"};
  for (const std::string &unit : units)
    names.push_back(unit);
  for (const char *name : {"memory traffic", "MACs", "of the peak"})
    names.push_back(name);
  heads({names.begin(), names.end()});
  for (const auto &[name, layer] : layers) {
    double time = layer.end - layer.begin;
    double peak = device.integerOperationsPerSecond / 2 * time / 1e9;
    stream << "<tr>";
    nameCell(name.str());
    cell(describeTime(layer.begin));
    cell(describeTime(layer.end));
    cell(llvm::formatv("{0:f0}", time * device.clockHertz / 1e9));
    for (const std::string &unit : units) {
      auto busy = layer.busyNanoseconds.find(unit);
      cell(busy == layer.busyNanoseconds.end() ? ""
                                               : describeTime(busy->second));
    }
    cell(describeBytes(layer.memoryBytes));
    cell(std::to_string(layer.macs));
    cell(
        layer.macs == 0 || !(peak > 0)
            ? ""
            : llvm::formatv("{0:f1} %", 100 * double(layer.macs) / peak).str());
    stream << "</tr>\n";
  }
  stream << "</tbody></table></div>\n";
}

void Page::jobs() {
  for (const ReportJob &job : report.jobs) {
    figure("Submission " + job.name + " on " +
               report.processors[job.processor].name,
           describeTime(job.nanoseconds) + ", " +
               describeEnergy(job.nanojoules) + ", " +
               describeBytes(double(job.scratchBytes)) +
               " of scratch memory: what its units do, and what lies in its "
               "own memory",
           [&](llvm::raw_ostream &inner) { drawJob(inner, report, job); });
    jobLayers(job);
  }
}

void Page::rooflines() {
  for (unsigned index = 0; index < report.processors.size(); ++index) {
    figure(
        "Roofline of " + report.processors[index].name,
        "A dot is a kernel or a submission; the line is what arithmetic "
        "and memory allow.",
        [&](llvm::raw_ostream &inner) { drawRoofline(inner, report, index); });
  }
}

std::string Page::write() {
  stream << "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>\n"
            "<meta name='viewport' content='width=device-width, "
            "initial-scale=1'>\n"
            // Nothing is fetched and nothing runs, whatever a name may say.
            "<meta http-equiv='Content-Security-Policy' content=\"default-src "
            "'none'; style-src 'unsafe-inline'\">\n<title>"
         << escaped(report.model) << " - EdgeC</title>\n<style>" << style
         << "</style></head><body>\n<h1>" << escaped(report.model)
         << "</h1>\n<p>Placed for the least "
         << objectiveName(placement.objective)
         << ". All times and energies are predictions.</p>\n";
  cards();
  key();
  figure("Timeline", "What each processor does in a run.",
         [&](llvm::raw_ostream &inner) { drawTimeline(inner, report); });
  processors();
  figure("Placement over the graph",
         "Each kernel in the colour of its processor, with the number of its "
         "region.",
         [&](llvm::raw_ostream &inner) { drawGraph(inner, report); });
  figure("Memory over the run",
         "Buffers of the arena by address, in the colour of who writes them.",
         [&](llvm::raw_ostream &inner) { drawArena(inner, report); });
  rooflines();
  jobs();
  kernels();
  steps();
  stream << "</body></html>\n";
  return std::move(text);
}

std::string edgec::writeReportPage(const Report &report) {
  return Page(report).write();
}
