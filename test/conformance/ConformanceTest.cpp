//===- ConformanceTest.cpp - ONNX's backend tests ------------------------===//
//
// The names in expected-passes.txt must pass; every one is a test of its own.
// All others must end in a diagnostic: a wrong answer is an error wherever it
// appears, and so is a test that passes without being in the list, because then
// nothing would notice when it stops passing. EDGEC_CONFORMANCE_REPORT=FILE
// writes the result of every test there.
//
//===----------------------------------------------------------------------===//
#include "test/conformance/BackendTest.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"
#include <cstdlib>
#include <map>

using namespace edgec::test;
using llvm::StringRef;

/// Folders of each test by name ("node/test_add"): one per source that has it.
static std::map<std::string, std::vector<std::string>> findTests() {
  std::map<std::string, std::vector<std::string>> tests;
  llvm::SmallVector<StringRef> sources;
  StringRef(EDGEC_BACKEND_TESTS).split(sources, ':', -1, /*KeepEmpty=*/false);
  for (StringRef source : sources)
    for (const char *suite :
         {"node", "pytorch-converted", "pytorch-operator", "simple"}) {
      std::error_code code;
      for (llvm::sys::fs::directory_iterator it(source + suite, code), end;
           !code && it != end; it.increment(code))
        if (llvm::sys::fs::exists(it->path() + "/model.onnx"))
          tests[suite + ("/" + StringRef(it->path()).rsplit('/').second).str()]
              .push_back(it->path());
    }
  return tests;
}

static llvm::StringSet<> readExpected() {
  llvm::StringSet<> names;
  auto file = llvm::MemoryBuffer::getFile(EDGEC_EXPECTED_PASSES);
  llvm::SmallVector<StringRef> lines;
  if (file)
    (*file)->getBuffer().split(lines, '\n');
  for (StringRef line : lines)
    if (line = line.split('#').first.trim(); !line.empty())
      names.insert(line);
  return names;
}

namespace {
class ExpectedPass : public testing::Test {
public:
  explicit ExpectedPass(std::vector<std::string> folders)
      : folders(std::move(folders)) {}
  void TestBody() override {
    if (folders.empty())
      GTEST_SKIP() << "no folder of backend tests has it";
    // Sources hold the same test in different opsets; one we support is enough.
    bool passed = false, noneFits = true;
    std::string reasons;
    for (const std::string &folder : folders) {
      BackendResult result = runBackendTest(folder);
      EXPECT_NE(result.kind, BackendResult::Wrong)
          << folder << ": " << result.reason;
      passed |= result.kind == BackendResult::Pass;
      StringRef reason = result.reason;
      noneFits &= reason.contains("model uses opset") ||
                  reason.starts_with("not comparable");
      reasons += folder + ": " + result.reason + "\n";
    }
    // The distribution's set, alone without ours, is older.
    if (noneFits)
      GTEST_SKIP() << reasons;
    EXPECT_TRUE(passed) << reasons;
  }

private:
  std::vector<std::string> folders;
};

/// Registers a test for each expected pass before main() runs.
struct Registration {
  Registration() {
    auto tests = findTests();
    auto expected = readExpected();
    std::vector<std::string> names;
    for (const auto &entry : expected)
      names.push_back(entry.getKey().str());
    llvm::sort(names);
    for (const std::string &name : names) {
      std::string identifier = name;
      for (char &c : identifier)
        if (!llvm::isAlnum(c))
          c = '_';
      auto folders = tests[name];
      testing::RegisterTest("OnnxBackend", identifier.c_str(), nullptr, nullptr,
                            __FILE__, __LINE__, [=]() -> testing::Test * {
                              return new ExpectedPass(folders);
                            });
    }
  }
} registration;
} // namespace

TEST(Conformance, AllOthersAreRefusedWithAReason) {
  auto tests = findTests();
  if (tests.empty())
    GTEST_SKIP() << "no ONNX backend tests here; install libonnx-testdata";
  auto expected = readExpected();
  const char *reportPath = std::getenv("EDGEC_CONFORMANCE_REPORT");
  std::error_code code;
  llvm::raw_fd_ostream report(reportPath ? reportPath : "/dev/null", code);
  unsigned refused = 0;
  for (const auto &[name, folders] : tests) {
    if (expected.contains(name) && !reportPath)
      continue;
    for (const std::string &folder : folders) {
      BackendResult result = runBackendTest(folder);
      const char *kinds[] = {"pass", "unsupported", "WRONG"};
      report << kinds[result.kind] << "\t" << name << "\t" << folder << "\t"
             << StringRef(result.reason).split('\n').first << "\n";
      report.flush();
      refused += result.kind == BackendResult::Unsupported;
      EXPECT_NE(result.kind, BackendResult::Wrong)
          << folder << ": " << result.reason;
      EXPECT_FALSE(result.kind == BackendResult::Pass &&
                   !expected.contains(name))
          << name << " passes: add it to expected-passes.txt";
      if (result.kind == BackendResult::Unsupported)
        EXPECT_FALSE(result.reason.empty()) << folder;
    }
  }
  RecordProperty("refused", int(refused));
}
