//===- SealTest.cpp - damaged artifacts
//------------------------------------===//
//
// Whatever happens to the file of an artifact outside of its weights, the
// runtime refuses it before any of it runs.
//
//===----------------------------------------------------------------------===//
#include "compiler/Compiler.h"
#include "edge/runtime.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cstring>
#include <fstream>
#include <random>

using namespace edgec;

namespace {
class Seal : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("seal", "so", path));
    auto artifact = compile({EDGEC_DIGITS_MODEL}, CompileOptions());
    ASSERT_TRUE(bool(artifact)) << llvm::toString(artifact.takeError());
    llvm::Error error = artifact->write(path);
    ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
    auto file = llvm::MemoryBuffer::getFile(path);
    ASSERT_TRUE(bool(file));
    bytes = (*file)->getBuffer().str();
    std::memcpy(&seal, bytes.data() + bytes.size() - sizeof(seal),
                sizeof(seal));
  }
  void TearDown() override { llvm::sys::fs::remove(path); }

  edge_status load(const std::string &content) {
    std::ofstream(path.str().str(), std::ios::binary) << content;
    edge_artifact *artifact = nullptr;
    edge_status status = edge_model_load(path.c_str(), &artifact, &message);
    edge_model_unload(artifact);
    return status;
  }

  llvm::SmallString<128> path;
  std::string bytes;
  edge_seal seal;
  edge_message message;
};
} // namespace

TEST_F(Seal, LeavesTheWeightsOut) {
  EXPECT_EQ(load(bytes), EDGE_OK) << message.text;
  EXPECT_GT(seal.skip_bytes, 40000U);
  std::string changed = bytes;
  changed[seal.skip_offset + seal.skip_bytes / 2] ^= 1;
  EXPECT_EQ(load(changed), EDGE_OK) << message.text;
}

TEST_F(Seal, TellsEveryChangedByte) {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    size_t at = random() % bytes.size();
    // Without its magic the seal is none, and the file is as whole as before.
    if ((at >= seal.skip_offset && at < seal.skip_offset + seal.skip_bytes) ||
        (at >= bytes.size() - sizeof(seal) &&
         at < bytes.size() - sizeof(seal) + sizeof(seal.magic)))
      continue;
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ (1 << random() % 8));
    EXPECT_NE(load(changed), EDGE_OK) << "byte " << at;
  }
}

TEST_F(Seal, TellsItsOwnChangedBytes) {
  for (size_t at = sizeof(seal.magic); at < sizeof(seal); ++at) {
    std::string changed = bytes;
    changed[bytes.size() - sizeof(seal) + at] ^= 1;
    EXPECT_NE(load(changed), EDGE_OK) << "byte " << at << " of the seal";
  }
}

TEST_F(Seal, TellsACutFile) {
  for (size_t size : {size_t(16), size_t(64), bytes.size() / 4}) {
    EXPECT_EQ(load(bytes.substr(0, size)), EDGE_ERROR_NOT_AN_ARTIFACT);
    EXPECT_THAT(message.text, testing::HasSubstr("edgec"));
  }
}
