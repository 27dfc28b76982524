//===- Seal.cpp - a sum over a shared object ------------------------------===//
//
// The weights are found by their symbol, whose address a segment brings to an
// offset in the file. The file is read through a mapping: it may be large.
//
//===----------------------------------------------------------------------===//
#include "compiler/artifact/Seal.h"
#include "runtime/include/edge/model.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/ELF.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstring>
#include <fstream>

using namespace edgec;
using llvm::StringRef;
using Elf = llvm::object::ELF64LE;
using ElfFile = llvm::object::ELFFile<Elf>;

/// The address of `symbol`; nothing if the file has none of the name.
static llvm::Expected<std::optional<uint64_t>> addressOf(const ElfFile &file,
                                                         StringRef symbol) {
  auto sections = file.sections();
  if (!sections)
    return sections.takeError();
  for (const Elf::Shdr &section : *sections) {
    if (section.sh_type != llvm::ELF::SHT_SYMTAB)
      continue;
    auto symbols = file.symbols(&section);
    auto names = file.getStringTableForSymtab(section);
    if (!symbols || !names)
      return llvm::joinErrors(symbols.takeError(), names.takeError());
    for (const Elf::Sym &candidate : *symbols) {
      auto name = candidate.getName(*names);
      if (!name)
        return name.takeError();
      if (*name == symbol)
        return std::optional<uint64_t>(candidate.st_value);
    }
  }
  return std::optional<uint64_t>();
}

/// Where in the file `bytes` bytes at `address` lie; nothing if nowhere.
static llvm::Expected<std::optional<uint64_t>>
offsetOf(const ElfFile &file, uint64_t address, uint64_t bytes) {
  auto segments = file.program_headers();
  if (!segments)
    return segments.takeError();
  for (const Elf::Phdr &segment : *segments) {
    if (segment.p_type == llvm::ELF::PT_LOAD && address >= segment.p_vaddr &&
        address + bytes <= segment.p_vaddr + segment.p_filesz)
      return std::optional<uint64_t>(address - segment.p_vaddr +
                                     segment.p_offset);
  }
  return std::optional<uint64_t>();
}

/// Where the weights lie in the file; an empty range if they cannot be found,
/// which costs time and nothing else.
static llvm::Expected<std::pair<uint64_t, uint64_t>>
findWeights(StringRef bytes, StringRef weights, uint64_t weightsBytes) {
  std::pair<uint64_t, uint64_t> none{0, 0};
  if (weightsBytes == 0)
    return none;
  auto file = ElfFile::create(bytes);
  if (!file)
    return file.takeError();
  auto address = addressOf(*file, weights);
  if (!address)
    return address.takeError();
  if (!*address)
    return none;
  auto offset = offsetOf(*file, **address, weightsBytes);
  if (!offset)
    return offset.takeError();
  return *offset ? std::make_pair(**offset, weightsBytes) : none;
}

static uint32_t addRange(uint32_t crc, StringRef bytes) {
  return llvm::crc32(crc, llvm::arrayRefFromStringRef(bytes));
}

llvm::Error edgec::sealShared(StringRef path, StringRef weights,
                              uint64_t weightsBytes) {
  edge_seal seal = {};
  std::memcpy(seal.magic, EDGE_SEAL_MAGIC, sizeof(seal.magic));
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return llvm::createStringError(buffer.getError(), "cannot read '%s'",
                                   path.str().c_str());
  StringRef bytes = (*buffer)->getBuffer();
  auto skipped = findWeights(bytes, weights, weightsBytes);
  if (!skipped)
    return skipped.takeError();
  seal.skip_offset = skipped->first;
  seal.skip_bytes = skipped->second;
  uint32_t crc = addRange(0, bytes.take_front(seal.skip_offset));
  crc = addRange(crc, bytes.drop_front(seal.skip_offset + seal.skip_bytes));
  StringRef own(reinterpret_cast<const char *>(&seal),
                offsetof(edge_seal, crc));
  seal.crc = addRange(crc, own);
  buffer->reset();

  std::ofstream file(path.str(), std::ios::binary | std::ios::app);
  file.write(reinterpret_cast<const char *>(&seal), sizeof(seal));
  if (!file.flush())
    return llvm::createStringError("cannot write '" + path + "'");
  return llvm::Error::success();
}
