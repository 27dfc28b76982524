//===- BuildId.cpp - a name for exactly these bytes -----------------------===//
//
// BLAKE3 over the module's text without its weights, then over the weights'
// bytes where they lie.
//
//===----------------------------------------------------------------------===//
#include "compiler/artifact/BuildId.h"

#include "compiler/artifact/WeightsObject.h"
#include "dialects/rt/Rt.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/BLAKE3.h"

using namespace edgec;
using namespace mlir;

namespace {
/// A stream whose text goes into a hash.
class HashStream : public llvm::raw_ostream {
public:
  explicit HashStream(llvm::BLAKE3 &hash) : hash(hash) { SetBufferSize(65536); }
  ~HashStream() override { flush(); }

private:
  llvm::BLAKE3 &hash;
  uint64_t position = 0;
  void write_impl(const char *text, size_t size) override {
    hash.update(llvm::StringRef(text, size));
    position += size;
  }
  uint64_t current_pos() const override { return position; }
};
} // namespace

std::string edgec::computeBuildId(ModuleOp module) {
  llvm::BLAKE3 hash;
  {
    HashStream stream(hash);
    stream << "edgec ABI 1, LLVM " << LLVM_VERSION_STRING << "\n";
    stream << module->getAttrDictionary() << "\n";
    OpPrintingFlags flags;
    // Otherwise each print verifies and numbers the whole module.
    flags.assumeVerified().useLocalScope();
    flags.elideLargeElementsAttrs(0).elideLargeResourceString(0);
    for (Operation &op : *module.getBody()) {
      if (auto weights = dyn_cast<rt::WeightsOp>(op))
        stream << weights.getOffset() << weights.getValue().getType() << "\n";
      else
        op.print(stream, flags);
    }
  }
  for (auto weights : module.getOps<rt::WeightsOp>()) {
    // A constant without bytes is refused when the weights are written.
    llvm::consumeError(
        forEachPiece(weights.getValue(), [&](llvm::ArrayRef<char> piece) {
          hash.update(llvm::StringRef(piece.data(), piece.size()));
        }));
  }
  llvm::BLAKE3Result<20> result = hash.final<20>();
  return llvm::toHex(llvm::ArrayRef<uint8_t>(result), /*LowerCase=*/true);
}
