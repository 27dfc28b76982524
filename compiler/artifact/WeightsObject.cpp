//===- WeightsObject.cpp - the weights as an ELF object -------------------===//
//
// ELF header | .rodata.edge_weights | .symtab | .strtab | .shstrtab | headers
//
// The header fields that say "this machine, this ABI" are copied from the code
// object: the linker refuses to join what differs in them.
//
//===----------------------------------------------------------------------===//
#include "compiler/artifact/WeightsObject.h"

#include "dialects/rt/Rt.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELFTypes.h"
#include <cstring>

using namespace edgec;
using namespace mlir;

llvm::Error
edgec::forEachPiece(ElementsAttr value,
                    llvm::function_ref<void(llvm::ArrayRef<char>)> consume) {
  Type element = value.getElementType();
  if (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() % 8 != 0) {
    std::string text;
    llvm::raw_string_ostream(text) << element;
    return llvm::createStringError("constants of type " + text +
                                   " have no byte layout yet");
  }
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return llvm::createStringError("the data of a constant is missing");
    consume(blob->getData());
    return llvm::Error::success();
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return llvm::createStringError("a constant is stored in an unknown way");
  if (!dense.isSplat()) {
    consume(dense.getRawData());
    return llvm::Error::success();
  }
  // A splat stores one element; write it in blocks.
  llvm::ArrayRef<char> one = dense.getRawData();
  constexpr int64_t blockElements = 1024;
  llvm::SmallVector<char, 0> block;
  for (int64_t i = 0; i < blockElements; ++i)
    block.append(one.begin(), one.end());
  for (int64_t left = value.getNumElements(); left > 0; left -= blockElements)
    consume(llvm::ArrayRef<char>(block).take_front(
        std::min(left, blockElements) * one.size()));
  return llvm::Error::success();
}

FailureOr<std::vector<PlacedConstant>> edgec::placedConstants(ModuleOp module) {
  std::vector<PlacedConstant> result;
  for (auto weights : module.getOps<rt::WeightsOp>()) {
    if (!weights.getOffset()) {
      weights.emitOpError("has no offset; run edge-plan-memory");
      return failure();
    }
    result.push_back(
        {static_cast<int64_t>(*weights.getOffset()), weights.getValue()});
  }
  llvm::sort(result, [](const PlacedConstant &a, const PlacedConstant &b) {
    return a.offset < b.offset;
  });
  return result;
}

namespace {

/// Strings one after the other, each ended by NUL; the first is empty.
class StringTable {
public:
  uint32_t add(llvm::StringRef text) {
    uint32_t at = bytes.size();
    bytes += text;
    bytes.push_back('\0');
    return at;
  }
  const std::string &data() const { return bytes; }

private:
  std::string bytes = std::string(1, '\0');
};

template <class ELFT> class Writer {
  using Header = typename ELFT::Ehdr;
  using Section = typename ELFT::Shdr;
  using Symbol = typename ELFT::Sym;

public:
  Writer(llvm::raw_ostream &stream, const Header &code, llvm::StringRef symbol,
         uint64_t sizeBytes)
      : stream(stream), code(code), sizeBytes(sizeBytes) {
    nameOfSymbol = symbolNames.add(symbol);
  }

  llvm::Error write(llvm::ArrayRef<PlacedConstant> constants) {
    layOut();
    writeHeader();
    if (llvm::Error error = writeData(constants))
      return error;
    padTo(symtabOffset);
    writeSymbols();
    emit(symbolNames.data());
    emit(sectionNames.data());
    padTo(headersOffset);
    writeSections();
    return llvm::Error::success();
  }

private:
  static constexpr uint64_t alignment = 64;
  // Sections in their order.
  enum { Null, Weights, Symtab, Strtab, Shstrtab, NoteStack, SectionCount };

  llvm::raw_ostream &stream;
  const Header &code;
  uint64_t sizeBytes;
  uint64_t written = 0;
  StringTable symbolNames, sectionNames;
  uint32_t nameOfSymbol;
  uint32_t nameOf[SectionCount] = {};
  uint64_t dataOffset, symtabOffset, strtabOffset, shstrtabOffset,
      headersOffset;

  void layOut() {
    nameOf[Weights] = sectionNames.add(".rodata.edge_weights");
    nameOf[Symtab] = sectionNames.add(".symtab");
    nameOf[Strtab] = sectionNames.add(".strtab");
    nameOf[Shstrtab] = sectionNames.add(".shstrtab");
    nameOf[NoteStack] = sectionNames.add(".note.GNU-stack");
    dataOffset = llvm::alignTo(sizeof(Header), alignment);
    symtabOffset = llvm::alignTo(dataOffset + sizeBytes, 8);
    strtabOffset = symtabOffset + 2 * sizeof(Symbol);
    shstrtabOffset = strtabOffset + symbolNames.data().size();
    headersOffset =
        llvm::alignTo(shstrtabOffset + sectionNames.data().size(), 8);
  }

  void emit(llvm::StringRef bytes) {
    stream << bytes;
    written += bytes.size();
  }
  template <class T> void emitStruct(const T &value) {
    emit(llvm::StringRef(reinterpret_cast<const char *>(&value), sizeof(T)));
  }
  void padTo(uint64_t offset) {
    stream.write_zeros(offset - written);
    written = offset;
  }

  void writeHeader() {
    Header header = code;
    header.e_type = llvm::ELF::ET_REL;
    header.e_entry = 0;
    header.e_phoff = 0;
    header.e_phentsize = 0;
    header.e_phnum = 0;
    header.e_shoff = headersOffset;
    header.e_ehsize = sizeof(Header);
    header.e_shentsize = sizeof(Section);
    header.e_shnum = SectionCount;
    header.e_shstrndx = Shstrtab;
    emitStruct(header);
    padTo(dataOffset);
  }

  llvm::Error writeData(llvm::ArrayRef<PlacedConstant> constants) {
    for (const PlacedConstant &constant : constants) {
      padTo(dataOffset + constant.offset);
      llvm::Error error =
          forEachPiece(constant.value, [&](llvm::ArrayRef<char> piece) {
            emit(llvm::StringRef(piece.data(), piece.size()));
          });
      if (error)
        return error;
    }
    if (written > dataOffset + sizeBytes)
      return llvm::createStringError(
          "a constant is larger than its place in the weights");
    return llvm::Error::success();
  }

  void writeSymbols() {
    Symbol symbol;
    std::memset(&symbol, 0, sizeof(symbol));
    emitStruct(symbol);
    symbol.st_name = nameOfSymbol;
    symbol.setBindingAndType(llvm::ELF::STB_GLOBAL, llvm::ELF::STT_OBJECT);
    symbol.setVisibility(llvm::ELF::STV_HIDDEN);
    symbol.st_shndx = Weights;
    symbol.st_size = sizeBytes;
    emitStruct(symbol);
  }

  Section section(int index, uint32_t type, uint64_t offset, uint64_t size,
                  uint64_t align) {
    Section result;
    std::memset(&result, 0, sizeof(result));
    result.sh_name = nameOf[index];
    result.sh_type = type;
    result.sh_offset = offset;
    result.sh_size = size;
    result.sh_addralign = align;
    return result;
  }

  void writeSections() {
    Section null;
    std::memset(&null, 0, sizeof(null));
    emitStruct(null);
    Section weights = section(Weights, llvm::ELF::SHT_PROGBITS, dataOffset,
                              sizeBytes, alignment);
    weights.sh_flags = llvm::ELF::SHF_ALLOC;
    emitStruct(weights);
    Section symtab = section(Symtab, llvm::ELF::SHT_SYMTAB, symtabOffset,
                             2 * sizeof(Symbol), 8);
    symtab.sh_link = Strtab;
    symtab.sh_info = 1; // the first global symbol
    symtab.sh_entsize = sizeof(Symbol);
    emitStruct(symtab);
    emitStruct(section(Strtab, llvm::ELF::SHT_STRTAB, strtabOffset,
                       symbolNames.data().size(), 1));
    emitStruct(section(Shstrtab, llvm::ELF::SHT_STRTAB, shstrtabOffset,
                       sectionNames.data().size(), 1));
    // Without it a linker would make the stack executable.
    emitStruct(
        section(NoteStack, llvm::ELF::SHT_PROGBITS, headersOffset, 0, 1));
  }
};

template <class ELFT>
llvm::Error writeAs(llvm::raw_ostream &stream, llvm::MemoryBufferRef code,
                    llvm::StringRef symbol, uint64_t sizeBytes,
                    llvm::ArrayRef<PlacedConstant> constants) {
  typename ELFT::Ehdr header;
  if (code.getBufferSize() < sizeof(header))
    return llvm::createStringError("the code object is truncated");
  std::memcpy(&header, code.getBufferStart(), sizeof(header));
  return Writer<ELFT>(stream, header, symbol, sizeBytes).write(constants);
}

} // namespace

llvm::Error
edgec::writeWeightsObject(llvm::raw_ostream &stream, llvm::MemoryBufferRef code,
                          llvm::StringRef symbol, uint64_t sizeBytes,
                          llvm::ArrayRef<PlacedConstant> constants) {
  llvm::StringRef bytes = code.getBuffer();
  if (bytes.size() < llvm::ELF::EI_NIDENT || !bytes.starts_with("\x7f"
                                                                "ELF")) {
    return llvm::createStringError(
        "artifacts are ELF files, and the target's code is not: choose a "
        "target such as x86_64, aarch64 or riscv64");
  }
  if (bytes[llvm::ELF::EI_DATA] != llvm::ELF::ELFDATA2LSB)
    return llvm::createStringError(
        "artifacts are little-endian, and the target is not");
  if (bytes[llvm::ELF::EI_CLASS] == llvm::ELF::ELFCLASS64)
    return writeAs<llvm::object::ELF64LE>(stream, code, symbol, sizeBytes,
                                          constants);
  return writeAs<llvm::object::ELF32LE>(stream, code, symbol, sizeBytes,
                                        constants);
}
