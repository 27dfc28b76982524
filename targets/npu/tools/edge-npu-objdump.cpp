//===- edge-npu-objdump.cpp - prints the NPU's command streams ------------===//
//
//   edge-npu-objdump FILE            a raw stream, or all in an artifact
//   edge-npu-objdump -stream=1 FILE  the second one only
//   edge-npu-objdump -raw=OUT FILE   writes its bytes, the first one without
//   -stream
//
// Exit code 0; 1 if a stream is damaged or there is none; 2 for wrong usage.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Disassemble.h"

#include "npu_constants.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/WithColor.h"

using namespace edgec;
using llvm::ArrayRef;
namespace cl = llvm::cl;

namespace {
struct CommandLine {
  cl::OptionCategory category{"edge-npu-objdump options"};
  cl::opt<std::string> file{cl::Positional, cl::Required, cl::desc("FILE"),
                            cl::cat(category)};
  cl::opt<int> stream{"stream", cl::init(-1),
                      cl::desc("print this stream only, the first is 0"),
                      cl::cat(category)};
  cl::opt<std::string> raw{"raw", cl::value_desc("OUT"),
                           cl::desc("write its bytes (the first one's) to OUT"),
                           cl::cat(category)};
};
} // namespace

static int fail(const llvm::Twine &message) {
  llvm::WithColor::error(llvm::errs(), "edge-npu-objdump") << message << "\n";
  return 1;
}

static int writeRaw(const std::string &path, ArrayRef<uint8_t> bytes) {
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (!error) {
    os.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    os.close();
    error = os.error();
    os.clear_error();
  }
  return error ? fail("cannot write '" + path + "': " + error.message()) : 0;
}

static int run(const CommandLine &line) {
  auto buffer = llvm::MemoryBuffer::getFile(line.file, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fail("cannot read '" + line.file +
                "': " + buffer.getError().message());
  llvm::StringRef text = (*buffer)->getBuffer();
  ArrayRef<uint8_t> file(reinterpret_cast<const uint8_t *>(text.data()),
                         text.size());
  // A file of one stream is printed even if it is damaged.
  std::vector<npu::StreamPlace> places;
  if (text.starts_with("ENPU"))
    places.push_back({0, file.size()});
  else
    places = npu::findStreams(file);
  if (places.empty())
    return fail("no command stream in '" + line.file + "'");
  if (line.stream >= int(places.size()) || line.stream < -1)
    return fail("'" + line.file + "' has " + llvm::Twine(places.size()) +
                " streams, there is no number " + llvm::Twine(line.stream));
  int status = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    if (line.stream >= 0 && size_t(line.stream) != i)
      continue;
    ArrayRef<uint8_t> stream = file.slice(places[i].offset, places[i].bytes);
    if (!line.raw.empty())
      return writeRaw(line.raw, stream);
    llvm::outs() << llvm::formatv("stream {0} at {1:x} of {2}\n", i,
                                  places[i].offset, line.file);
    if (llvm::Error error = npu::disassemble(stream, llvm::outs())) {
      llvm::outs().flush();
      status = fail(line.file + ": stream " + llvm::Twine(i) + ": " +
                    llvm::toString(std::move(error)));
    }
  }
  return status;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  CommandLine line;
  cl::HideUnrelatedOptions(line.category);
  if (!cl::ParseCommandLineOptions(
          argc, argv, "prints the NPU's command streams\n", &llvm::errs()))
    return 2;
  return run(line);
}
