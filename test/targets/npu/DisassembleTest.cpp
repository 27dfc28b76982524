//===- DisassembleTest.cpp - command streams as text ----------------------===//
//
// Every command and every field is printed by its name; damaged streams are
// printed as far as they go, and streams are found within other files.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Disassemble.h"
#include "test/devices/NpuStream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <random>

using namespace edgec;
using namespace edgec::test;
using testing::HasSubstr;

static std::string textOf(const Bytes &stream, std::string *error = nullptr) {
  std::string text;
  llvm::raw_string_ostream os(text);
  std::string message = llvm::toString(npu::disassemble(stream, os));
  if (error)
    *error = message;
  else
    EXPECT_EQ(message, "");
  return text;
}

static Bytes sampleStream() {
  NpuParameters machine;
  Stream stream(machine);
  stream.load(2, 16, 256, 64);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_MAC);
  stream.note(7);
  stream.add(NPU_OPCODE_MAC, NPU_MAC_FLAG_DEPTHWISE | NPU_MAC_FLAG_ACCUMULATE,
             {{"inputDtype", NPU_DTYPE_U8},
              {"inputY0", -1},
              {"padValue", -128},
              {"weightEncoding", NPU_ENCODING_ZERO_RUNS},
              {"outputAddress", 0x1234}},
             {microConst(3, -5), micro(NPU_MICRO_ADD, 0, 0, parameter(1)),
              micro(NPU_MICRO_RESCALE_DOUBLE, 15, 0, parameter(15), 3)});
  stream.add(NPU_OPCODE_POOL, NPU_POOL_FLAG_SUM, {});
  stream.end();
  return stream.finish();
}

TEST(NpuDisassemble, CommandsAndPrograms) {
  std::string text = textOf(sampleStream());
  EXPECT_THAT(text, HasSubstr("header formatVersion=1 headerBytes=64 "));
  EXPECT_THAT(text, HasSubstr("commandCount=7"));
  EXPECT_THAT(text, HasSubstr("     0  0x000040  load buffer=2 "
                              "bufferOffset=16 sramAddress=0x100 rowBytes=64 "
                              "rows=1 bufferStride=64 sramStride=64\n"));
  EXPECT_THAT(text, HasSubstr("signal load semaphore=2\n"));
  EXPECT_THAT(text, HasSubstr("wait mac semaphore=2 value=1\n"));
  EXPECT_THAT(text, HasSubstr("note value=7\n"));
  EXPECT_THAT(text, HasSubstr("mac depthwise accumulate inputAddress=0x0"));
  EXPECT_THAT(text, HasSubstr("inputDtype=u8 weightDtype=none"));
  EXPECT_THAT(text, HasSubstr("inputY0=-1 "));
  EXPECT_THAT(text, HasSubstr("padValue=-128 "));
  EXPECT_THAT(text, HasSubstr("weightEncoding=zero_runs "));
  EXPECT_THAT(text, HasSubstr("outputAddress=0x1234 "));
  EXPECT_THAT(text, HasSubstr("0  const r3 = -5\n"));
  EXPECT_THAT(text, HasSubstr("1  add r0 = r0, p1\n"));
  EXPECT_THAT(text, HasSubstr("2  rescale_double r15 = r0, p15, r3\n"));
  EXPECT_THAT(text, HasSubstr("pool sum inputAddress"));
}

/// Each field's own value appears behind its name.
TEST(NpuDisassemble, EveryFieldHasItsPlace) {
#define NPU_CHECK_FIELD(name, macro, offset, type) names.push_back(#name);
#define NPU_CHECK_COMMAND(command, MACRO, opcode, bytes)                       \
  {                                                                            \
    std::vector<std::string> names;                                            \
    NPU_##MACRO##_FIELDS(NPU_CHECK_FIELD) NpuParameters machine;               \
    Stream stream(machine);                                                    \
    Fields fields;                                                             \
    int64_t value = 100;                                                       \
    for (const std::string &name : names)                                      \
      if (name != "programLength")                                             \
        fields.emplace_back(name, ++value);                                    \
    stream.add(opcode, 0, fields);                                             \
    std::string text = textOf(stream.finish());                                \
    for (const auto &[name, number] : fields) {                                \
      std::string hex = llvm::utohexstr(uint64_t(number), true);               \
      bool isAddress = llvm::StringRef(name).ends_with("Address");             \
      EXPECT_THAT(                                                             \
          text, HasSubstr(" " + name + "=" +                                   \
                          (isAddress ? "0x" + hex : std::to_string(number)))); \
    }                                                                          \
  }
  NPU_COMMANDS(NPU_CHECK_COMMAND)
#undef NPU_CHECK_COMMAND
#undef NPU_CHECK_FIELD
}

TEST(NpuDisassemble, DamagedStreams) {
  Bytes stream = sampleStream();
  std::string error;
  EXPECT_EQ(textOf(Bytes(10), &error), "");
  EXPECT_THAT(error, HasSubstr("a header has 64"));
  EXPECT_EQ(textOf(Bytes(64), &error), "");
  EXPECT_THAT(error, HasSubstr("does not begin with ENPU"));
  Bytes opcode = stream;
  opcode[64 + 32] = 99;
  EXPECT_THAT(textOf(opcode, &error), HasSubstr("load buffer=2"));
  EXPECT_THAT(error, HasSubstr("byte 96: there is no opcode 99"));
  Bytes cut(stream.begin(), stream.end() - 8);
  textOf(cut, &error);
  EXPECT_THAT(error, HasSubstr("pool of 88 bytes, expected at least 88 and at "
                               "most 84"));
  Bytes bit = stream;
  bit[70] ^= 1;
  textOf(bit, &error);
  EXPECT_THAT(error, HasSubstr("damaged: the checksum is"));
}

TEST(NpuDisassemble, StreamsInAFile) {
  Bytes stream = sampleStream(), file(100, 0xcd);
  file.insert(file.end(), stream.begin(), stream.end());
  file.insert(file.end(), {'E', 'N', 'P', 'U', 1, 0, 64, 0});
  file.insert(file.end(), stream.begin(), stream.end());
  Bytes damaged = stream;
  damaged[80] ^= 1;
  file.insert(file.end(), damaged.begin(), damaged.end());
  std::vector<npu::StreamPlace> places = npu::findStreams(file);
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[0].offset, 100u);
  EXPECT_EQ(places[1].offset, 108u + stream.size());
  EXPECT_EQ(places[1].bytes, stream.size());
}

/// Whatever the bytes are, nothing is read beyond them (for the sanitizers).
TEST(NpuDisassemble, MutatedStreams) {
  std::mt19937 random(1);
  Bytes stream = sampleStream();
  for (int i = 0; i < 20000; ++i) {
    Bytes mutated = stream;
    for (unsigned k = 0; k < 1 + random() % 4; ++k)
      mutated[random() % mutated.size()] = uint8_t(random());
    mutated.resize(random() % 4 ? mutated.size() : random() % mutated.size());
    std::string error;
    textOf(mutated, &error);
    npu::findStreams(mutated);
  }
}
