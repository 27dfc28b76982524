//===- BytecodeCheck.cpp - what MLIR's bytecode reader does not check -----===//
//
// The format is that of mlir.llvm.org/docs/BytecodeFormat:
//
//   bytecode: "ML\xEFR" version:varint producer:NUL-terminated section*
//   section:  id:byte (its highest bit: aligned) length:varint
//             [alignment:varint padding] data
//   section 3, offsets of attributes and types:
//             attributes:varint types:varint group*
//   group:    dialect:varint entries:varint (offset:varint)*
//
// Groups fill the attributes first, then the types. The reader stops when a
// table is full, but not within a group.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/BytecodeCheck.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include <optional>

using llvm::StringRef;

namespace {
/// Reads from the front; nothing once the bytes are over.
class Reader {
public:
  explicit Reader(StringRef bytes) : bytes(bytes) {}

  bool isAtEnd() const { return at == bytes.size(); }

  std::optional<uint8_t> byte() {
    if (at >= bytes.size())
      return std::nullopt;
    return uint8_t(bytes[at++]);
  }

  /// The first byte's trailing zeros count the bytes that follow it; eight of
  /// them follow a zero.
  std::optional<uint64_t> number() {
    std::optional<uint8_t> first = byte();
    if (!first)
      return std::nullopt;
    int more = *first ? llvm::countr_zero(*first) : 8;
    uint64_t value = more == 8 ? 0 : *first;
    if (bytes.size() - at < size_t(more))
      return std::nullopt;
    for (int i = 0; i < more; ++i) {
      int shift = 8 * (more == 8 ? i : i + 1);
      value |= uint64_t(uint8_t(bytes[at++])) << shift;
    }
    return more == 8 ? value : value >> (more + 1);
  }

  std::optional<StringRef> take(uint64_t size) {
    if (size > bytes.size() - at)
      return std::nullopt;
    StringRef part = bytes.substr(at, size);
    at += size;
    return part;
  }

  bool skipText() {
    size_t end = bytes.find('\0', at);
    if (end == StringRef::npos)
      return false;
    at = end + 1;
    return true;
  }

  bool align(uint64_t alignment) {
    if (!llvm::isPowerOf2_64(alignment) || alignment > bytes.size())
      return false;
    at = std::min<size_t>(llvm::alignTo(at, alignment), bytes.size());
    return true;
  }

private:
  StringRef bytes;
  size_t at = 0;
};
} // namespace

/// Whether a table of `size` entries is filled by whole groups.
static bool isFilledByGroups(Reader &reader, uint64_t size) {
  for (uint64_t filled = 0; filled < size;) {
    auto dialect = reader.number(), entries = reader.number();
    // The end comes to the reader as well, before it writes anything.
    if (!dialect || !entries)
      return true;
    if (*entries > size - filled)
      return false;
    for (uint64_t i = 0; i < *entries; ++i)
      if (!reader.number())
        return true;
    filled += *entries;
    // Groups of nothing do not bring the end nearer: the bytes do.
  }
  return true;
}

bool edgec::hasOverfullTable(StringRef bytecode) {
  constexpr size_t magicSize = 4;
  constexpr uint8_t offsets = 3, isAligned = 0x80;
  Reader reader(bytecode);
  if (!reader.take(magicSize) || !reader.number() || !reader.skipText())
    return false;
  while (!reader.isAtEnd()) {
    std::optional<uint8_t> id = reader.byte();
    std::optional<uint64_t> length = reader.number();
    if (!id || !length)
      return false;
    if (*id & isAligned) {
      std::optional<uint64_t> alignment = reader.number();
      if (!alignment || !reader.align(*alignment))
        return false;
    }
    std::optional<StringRef> data = reader.take(*length);
    if (!data)
      return false;
    if ((*id & ~isAligned) != offsets)
      continue;
    Reader table(*data);
    auto attributes = table.number(), types = table.number();
    if (!attributes || !types)
      return false;
    return !isFilledByGroups(table, *attributes) ||
           !isFilledByGroups(table, *types);
  }
  return false;
}
