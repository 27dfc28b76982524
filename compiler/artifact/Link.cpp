//===- Link.cpp - LLD as a library ----------------------------------------===//
//
// LLD keeps its state in globals, so links run one after the other. Its
// messages are caught and become the error, and the options of the program that
// compiles keep their values.
//
//===----------------------------------------------------------------------===//
#include "compiler/artifact/Link.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"
#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace edgec;

/// The symbols that LLD's messages name as undefined: "'a', 'b'".
static std::string undefinedSymbols(llvm::StringRef messages) {
  llvm::SetVector<llvm::StringRef> symbols;
  constexpr llvm::StringLiteral complaint = "undefined symbol: ";
  while (!messages.empty()) {
    messages = messages.split(complaint).second;
    llvm::StringRef symbol = messages.take_until(llvm::isSpace);
    if (!symbol.empty())
      symbols.insert(symbol);
  }
  std::string text;
  for (llvm::StringRef symbol : symbols)
    text += (text.empty() ? "'" : ", '") + symbol.str() + "'";
  return text;
}

namespace {
/// Hides the program's command-line options from LLD, which would set all of
/// them back to their defaults.
class HiddenOptions {
public:
  HiddenOptions() : options(registered()) { registered().clear(); }
  ~HiddenOptions() { registered() = std::move(options); }
  HiddenOptions(const HiddenOptions &) = delete;
  HiddenOptions &operator=(const HiddenOptions &) = delete;

private:
  using Options = std::decay_t<decltype(llvm::cl::getRegisteredOptions())>;
  static Options &registered() { return llvm::cl::getRegisteredOptions(); }
  Options options;
};
} // namespace

/// Written in one piece, a file lies in large pieces of the page cache, whose
/// neighbouring pages share no sets of the second-level cache. Page by page, as
/// a mapped file is, weights evict each other: a run of resnet50's quantized
/// model takes up to 1.3 times as long.
static llvm::Error runLinker(llvm::ArrayRef<std::string> arguments) {
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  llvm::SmallVector<const char *> argv = {"ld.lld", "--no-mmap-output-file"};
  for (const std::string &argument : arguments)
    argv.push_back(argument.c_str());
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  HiddenOptions hidden;
  lld::Result result =
      lld::lldMain(argv, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode == 0)
    return llvm::Error::success();
  if (std::string missing = undefinedSymbols(messages); !missing.empty()) {
    return llvm::createStringError("no object defines " + missing +
                                   "; give the files of the custom operators' "
                                   "C functions with -link=FILE");
  }
  return llvm::createStringError("linking failed: " +
                                 llvm::StringRef(messages).trim().str());
}

llvm::Error edgec::linkShared(llvm::ArrayRef<std::string> objects,
                              llvm::StringRef modelName,
                              llvm::StringRef buildId, llvm::StringRef output) {
  std::vector<std::string> arguments = {
      "-shared", "-z", "defs",
      // The descriptor holds addresses: read-only once they are relocated.
      "-z", "relro", "-z", "now", "-z", "noexecstack", "--hash-style=gnu",
      "--eh-frame-hdr", "--build-id=0x" + buildId.str(),
      ("--defsym=edge_model=edge_model_" + modelName).str(), "-o",
      output.str()};
  arguments.insert(arguments.end(), objects.begin(), objects.end());
  return runLinker(arguments);
}

llvm::Error edgec::linkRelocatable(llvm::ArrayRef<std::string> objects,
                                   llvm::StringRef output) {
  std::vector<std::string> arguments = {"-r", "-o", output.str()};
  arguments.insert(arguments.end(), objects.begin(), objects.end());
  return runLinker(arguments);
}
