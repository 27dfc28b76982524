//===- ReportPageTest.cpp - pages that hostile names cannot break ---------===//
#include "compiler/report/ReportPage.h"
#include "compiler/report/Drawings.h"
#include "gmock/gmock.h"

using namespace edgec;
using namespace edgec::place;
using testing::HasSubstr;
using testing::Not;

namespace {
const std::string hostile = "</title><script>alert('x')</script>\"&\x01\xff";

/// Two kernels, on the processor and on an accelerator.
Report makeReport(const std::string &name) {
  Report report;
  report.model = name;
  Placement &placement = report.placement;
  placement.processors = {"cpu", name};
  placement.placed = {300, 20};
  placement.onHost = {600, 40};
  placement.onDevices = {400, 30};
  for (unsigned i : {0, 1}) {
    KernelPlacement kernel;
    kernel.kernel = name;
    kernel.nodes = {name, name};
    if (i == 1)
      kernel.producers = {0};
    kernel.operations = 1000;
    kernel.tensorBytes = 100;
    kernel.processor = i;
    if (i == 1)
      kernel.region = 0;
    kernel.options = {{"", {300, 20, 0}}, {i == 0 ? name : "", {100, 10, 50}}};
    kernel.reason = name;
    placement.kernels.push_back(kernel);
    PlacedWork work;
    work.processor = i;
    work.region = kernel.region;
    work.kernels = {i};
    work.beginNanoseconds = 200.0 * i;
    work.endNanoseconds = 200.0 + 100 * i;
    work.cost = {i == 0 ? 200.0 : 100.0, 10, 50};
    placement.timeline.push_back(work);
    ReportProcessor processor;
    processor.name = placement.processors[i];
    processor.machine = name;
    processor.clockHertz = 1e9;
    processor.integerOperationsPerSecond = 1e12;
    processor.memoryBytesPerSecond = 1e9;
    report.processors.push_back(processor);
    report.steps.push_back({name, name, i, 100, 1000, 100, false});
    report.memory.buffers.push_back({name, 64 * i, 64, i, i, i});
  }
  report.memory.arenaBytes = 128;
  ReportJob job;
  job.name = job.layers = name;
  job.processor = 1;
  job.commands = {{name, name, name, 0, 50, 10, 100}};
  job.localBuffers = {{name, 0, 64, 0, 50}};
  report.jobs.push_back(job);
  return report;
}

/// Whether every element that is opened is closed, in order.
bool isBalanced(llvm::StringRef page) {
  std::vector<std::string> open;
  while (true) {
    page = page.drop_until([](char c) { return c == '<'; });
    if (page.empty())
      return open.empty();
    auto [tag, rest] = page.drop_front().split('>');
    page = rest;
    bool isClosed = tag.consume_back("/") || tag.starts_with("!") ||
                    tag.starts_with("meta");
    llvm::StringRef name =
        tag.take_until([](char c) { return c == ' ' || c == '\n'; });
    if (name.consume_front("/")) {
      if (open.empty() || open.back() != name)
        return false;
      open.pop_back();
    } else if (!isClosed) {
      open.push_back(name.str());
    }
  }
}

size_t count(llvm::StringRef text, llvm::StringRef part) {
  return text.count(part);
}
} // namespace

TEST(ReportPageTest, EscapesText) {
  EXPECT_EQ(escaped("<a b='c' & \"d\">"),
            "&lt;a b=&#39;c&#39; &amp; &quot;d&quot;&gt;");
  EXPECT_EQ(escaped(llvm::StringRef("\x00\x1b\x7f", 3)),
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  // Bytes that are no UTF-8.
  EXPECT_EQ(escaped("a\xff"), "a\xEF\xBF\xBD");
}

TEST(ReportPageTest, ShortensAtCharacters) {
  EXPECT_EQ(shortened("abcdefghij", 10), "abcdefghij");
  EXPECT_EQ(shortened("abcdefghijk", 10), "abcde\xE2\x80\xA6hijk");
  EXPECT_EQ(shortened("\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4", 3),
            "\xC3\xA4\xE2\x80\xA6\xC3\xA4");
}

TEST(ReportPageTest, HoldsEverything) {
  std::string page = writeReportPage(makeReport("model"));
  EXPECT_TRUE(isBalanced(page));
  for (const char *title :
       {"Timeline", "Processors", "Placement over the graph",
        "Memory over the run", "Roofline of cpu", "Roofline of model",
        "Submission model on model", "Kernels", "The program"})
    EXPECT_THAT(page, HasSubstr("<h2>" + std::string(title) + "</h2>"));
  EXPECT_EQ(count(page, "<svg"), 7u);
  EXPECT_THAT(page, HasSubstr("2.00 times"));
  // The layer of the submission: 50 cycles, 100 MACs of 25000 that could be.
  EXPECT_THAT(page, HasSubstr("<td>50</td><td>50.0 ns</td><td>10 B</td>"
                              "<td>100</td><td>0.4 %</td>"));
}

TEST(ReportPageTest, NeedsNothingElse) {
  std::string page = writeReportPage(makeReport("model"));
  for (const char *reference : {"http:", "https:", "src=", "href=", "url(",
                                "@import", "<script", "<link", "<iframe"})
    EXPECT_THAT(page, Not(HasSubstr(reference)));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("name='viewport'"));
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme:dark"));
}

TEST(ReportPageTest, HostileNamesStayText) {
  std::string page = writeReportPage(makeReport(hostile));
  EXPECT_TRUE(isBalanced(page));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)"));
  // As many elements as with a harmless name.
  EXPECT_EQ(count(page, "<"), count(writeReportPage(makeReport("model")), "<"));
}

TEST(ReportPageTest, LongNamesAreShortened) {
  std::string name(300, 'n');
  std::string page = writeReportPage(makeReport(name));
  EXPECT_THAT(page, HasSubstr("<td class='t' title='" + name + ", " + name +
                              "'>" + std::string(30, 'n') + "\xE2\x80\xA6"));
}

TEST(ReportPageTest, NothingIsNotANumber) {
  Report report = makeReport("model");
  report.placement.placed = report.placement.onHost = {};
  for (PlacedWork &work : report.placement.timeline)
    work.beginNanoseconds = work.endNanoseconds = work.cost.nanoseconds = 0;
  for (ReportProcessor &processor : report.processors)
    processor = ReportProcessor();
  report.memory.arenaBytes = 0;
  for (const Report &each : {report, Report()}) {
    std::string page = writeReportPage(each);
    EXPECT_TRUE(isBalanced(page));
    EXPECT_THAT(page, Not(HasSubstr("nan")));
    EXPECT_THAT(page, Not(HasSubstr("inf")));
  }
}

TEST(ReportTest, IsJson) {
  std::string text = llvm::formatv("{0:2}", makeReport(hostile).json()).str();
  auto parsed = llvm::json::parse(text);
  ASSERT_TRUE(bool(parsed));
  const llvm::json::Object *root = parsed->getAsObject();
  EXPECT_EQ(root->getArray("processors")->size(), 2u);
  EXPECT_EQ(root->getObject("placement")->getArray("kernels")->size(), 2u);
  EXPECT_EQ(root->getObject("memory")->getInteger("arena_bytes"), 128);
  const llvm::json::Object *job = (*root->getArray("jobs"))[0].getAsObject();
  EXPECT_EQ(job->getArray("commands")->size(), 1u);
}
