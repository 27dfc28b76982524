//===- WeightsObjectTest.cpp - the weights as an ELF object ---------------===//
//
// What is written is read back by LLVM's own reader, for 64-bit and 32-bit
// targets, and holds every constant at its offset.
//
//===----------------------------------------------------------------------===//
#include "compiler/artifact/WeightsObject.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Object/ELFTypes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cstring>

using namespace edgec;
using namespace mlir;
using testing::HasSubstr;

namespace {

/// The start of a code object of some target.
template <class ELFT>
std::string codeHeader(uint16_t machine, uint32_t flags, char elfClass) {
  typename ELFT::Ehdr header;
  std::memset(&header, 0, sizeof(header));
  std::memcpy(header.e_ident,
              "\x7f"
              "ELF",
              4);
  header.e_ident[llvm::ELF::EI_CLASS] = elfClass;
  header.e_ident[llvm::ELF::EI_DATA] = llvm::ELF::ELFDATA2LSB;
  header.e_ident[llvm::ELF::EI_VERSION] = llvm::ELF::EV_CURRENT;
  header.e_machine = machine;
  header.e_version = llvm::ELF::EV_CURRENT;
  header.e_flags = flags;
  return std::string(reinterpret_cast<const char *>(&header), sizeof(header));
}

class WeightsObject : public testing::Test {
protected:
  MLIRContext context;
  Builder b{&context};

  ElementsAttr dense(llvm::ArrayRef<float> values) {
    return DenseElementsAttr::get(
        RankedTensorType::get({int64_t(values.size())}, b.getF32Type()),
        values);
  }
  ElementsAttr splat(float value, int64_t count) {
    return DenseElementsAttr::get(
        RankedTensorType::get({count}, b.getF32Type()), value);
  }
  ElementsAttr resource(llvm::ArrayRef<float> values) {
    auto bytes = llvm::ArrayRef<char>(
        reinterpret_cast<const char *>(values.data()), values.size() * 4);
    return DenseResourceElementsAttr::get(
        RankedTensorType::get({int64_t(values.size())}, b.getF32Type()), "r",
        HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, 4));
  }

  std::string write(llvm::StringRef code, uint64_t size,
                    llvm::ArrayRef<PlacedConstant> constants) {
    std::string bytes;
    llvm::raw_string_ostream stream(bytes);
    llvm::Error error =
        writeWeightsObject(stream, llvm::MemoryBufferRef(code, "code"),
                           "edge_weights_m", size, constants);
    EXPECT_FALSE(static_cast<bool>(error)) << llvm::toString(std::move(error));
    return bytes;
  }
};

/// The content of the weights' section.
std::string weightsOf(llvm::StringRef bytes, std::string &symbol) {
  auto file = llvm::cantFail(llvm::object::ObjectFile::createObjectFile(
      llvm::MemoryBufferRef(bytes, "weights")));
  std::string content;
  for (const llvm::object::SectionRef &section : file->sections())
    if (llvm::cantFail(section.getName()) == ".rodata.edge_weights") {
      content = llvm::cantFail(section.getContents()).str();
      EXPECT_EQ(section.getAlignment().value(), 64u);
    }
  for (const llvm::object::SymbolRef &entry : file->symbols())
    symbol += llvm::cantFail(entry.getName()).str();
  return content;
}

TEST_F(WeightsObject, HoldsEveryConstantAtItsOffset) {
  std::string code = codeHeader<llvm::object::ELF64LE>(llvm::ELF::EM_RISCV, 5,
                                                       llvm::ELF::ELFCLASS64);
  std::string bytes = write(
      code, 320,
      {{0, dense({1, 2, 3})}, {64, splat(4, 33)}, {256, resource({5, 6})}});
  std::string symbol;
  std::string content = weightsOf(bytes, symbol);
  ASSERT_EQ(content.size(), 320u);
  EXPECT_EQ(symbol, "edge_weights_m");
  float values[80];
  std::memcpy(values, content.data(), sizeof(values));
  EXPECT_EQ(values[0], 1);
  EXPECT_EQ(values[2], 3);
  EXPECT_EQ(values[3], 0);
  EXPECT_EQ(values[16], 4);
  EXPECT_EQ(values[48], 4);
  EXPECT_EQ(values[49], 0);
  EXPECT_EQ(values[64], 5);
  EXPECT_EQ(values[65], 6);
  // The ABI in the header is the code's.
  llvm::object::ELF64LE::Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  EXPECT_EQ(header.e_machine, llvm::ELF::EM_RISCV);
  EXPECT_EQ(header.e_flags, 5u);
  EXPECT_EQ(header.e_type, llvm::ELF::ET_REL);
}

TEST_F(WeightsObject, ThirtyTwoBitTargets) {
  std::string code = codeHeader<llvm::object::ELF32LE>(
      llvm::ELF::EM_ARM, 0x05000000, llvm::ELF::ELFCLASS32);
  std::string symbol;
  std::string content = weightsOf(write(code, 64, {{0, dense({7})}}), symbol);
  ASSERT_EQ(content.size(), 64u);
  float value;
  std::memcpy(&value, content.data(), 4);
  EXPECT_EQ(value, 7);
}

TEST_F(WeightsObject, LargeSplatsAreWrittenWhole) {
  std::string code = codeHeader<llvm::object::ELF64LE>(llvm::ELF::EM_X86_64, 0,
                                                       llvm::ELF::ELFCLASS64);
  std::string symbol;
  std::string content =
      weightsOf(write(code, 4 * 5000, {{0, splat(3, 5000)}}), symbol);
  ASSERT_EQ(content.size(), 20000u);
  float last;
  std::memcpy(&last, content.data() + 19996, 4);
  EXPECT_EQ(last, 3);
}

TEST_F(WeightsObject, Refusals) {
  auto errorOf = [&](llvm::StringRef code, ElementsAttr value, uint64_t size) {
    std::string bytes;
    llvm::raw_string_ostream stream(bytes);
    return llvm::toString(
        writeWeightsObject(stream, llvm::MemoryBufferRef(code, "code"), "w",
                           size, {PlacedConstant{0, value}}));
  };
  std::string code = codeHeader<llvm::object::ELF64LE>(llvm::ELF::EM_X86_64, 0,
                                                       llvm::ELF::ELFCLASS64);
  EXPECT_THAT(errorOf("MZ", dense({1}), 64), HasSubstr("artifacts are ELF"));
  EXPECT_THAT(errorOf(code.substr(0, 20), dense({1}), 64),
              HasSubstr("truncated"));
  EXPECT_THAT(errorOf(code, splat(1, 100), 64), HasSubstr("larger than"));
  ElementsAttr bits =
      DenseElementsAttr::get(RankedTensorType::get({8}, b.getI1Type()), true);
  EXPECT_THAT(errorOf(code, bits, 64), HasSubstr("no byte layout"));
}

} // namespace
