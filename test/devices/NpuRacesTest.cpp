//===- NpuRacesTest.cpp - unsynchronised accesses are reported ------------===//
//
// The same few commands with and without the signals and waits that order them.
//
//===----------------------------------------------------------------------===//
#include "test/devices/NpuFixture.h"

using namespace edgec::test;

namespace {

class NpuRaces : public testing::Test {
protected:
  NpuRaces() : npu(machine, {1, 100, 0}), stream(machine) {}

  /// Copies 64 bytes in the vector unit.
  void copy(int64_t from, int64_t to) {
    stream.add(NPU_OPCODE_VECTOR, 0,
               {{"extent0", 1},
                {"extent1", 1},
                {"extent2", 1},
                {"extent3", 64},
                {"operand0Dtype", NPU_DTYPE_I8},
                {"operand0Address", from},
                {"operand0Stride3", 1},
                {"outputDtype", NPU_DTYPE_I8},
                {"outputAddress", to},
                {"outputStride3", 1}});
  }

  void expectOrdered() {
    stream.end();
    EXPECT_EQ(npu.run(stream.finish()), EDGE_NPU_OK) << npu.error.text;
  }
  void expectRace(const char *rule, uint32_t command, const char *text) {
    stream.end();
    EXPECT_EQ(npu.run(stream.finish()), EDGE_NPU_ERROR_RACE);
    EXPECT_STREQ(npu.error.rule, rule);
    EXPECT_EQ(npu.error.command, command);
    EXPECT_THAT(npu.error.text, testing::HasSubstr(text));
  }

  NpuParameters machine;
  Npu npu;
  Stream stream;
};

} // namespace

TEST_F(NpuRaces, ReadOfWhatIsBeingWritten) {
  stream.load(Input, 0, 0, 64);
  copy(0, 64);
  expectRace("R1", 1, "operand 0: 0x0 is read here, written by command 0");
}

TEST_F(NpuRaces, SignalAndWaitOrder) {
  stream.load(Input, 0, 0, 64);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
  copy(0, 64);
  stream.order(NPU_UNIT_VECTOR, NPU_UNIT_STORE);
  stream.store(Output, 0, 64, 64);
  expectOrdered();
}

TEST_F(NpuRaces, ASignalIsWorthNothingWithoutItsWait) {
  stream.load(Input, 0, 0, 64);
  stream.signal(NPU_UNIT_LOAD, 0);
  copy(0, 64);
  expectRace("R1", 2, "written by command 0");
}

TEST_F(NpuRaces, TheValueSaysWhichSignal) {
  stream.load(Input, 0, 0, 64);
  stream.signal(NPU_UNIT_LOAD, 0);
  stream.load(Input, 64, 64, 64);
  stream.signal(NPU_UNIT_LOAD, 0);
  stream.wait(NPU_UNIT_VECTOR, 0, 1);
  copy(0, 256);
  copy(64, 320); // needs the second signal
  expectRace("R1", 6, "0x40 is read here, written by command 2");
}

TEST_F(NpuRaces, OrderPassesThroughOtherUnits) {
  stream.load(Input, 0, 0, 64);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
  copy(0, 64);
  stream.order(NPU_UNIT_VECTOR, NPU_UNIT_STORE);
  stream.store(Output, 0, 0, 64); // the load is known through the vector unit
  expectOrdered();
}

TEST_F(NpuRaces, WriteOfWhatIsStillRead) {
  stream.load(Input, 0, 0, 64);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
  copy(0, 64);
  stream.load(Input, 64, 0, 64); // the next tile, too early
  expectRace("R1", 4, "rows: 0x0 is written here, read by command 3");
}

TEST_F(NpuRaces, DoubleBuffering) {
  for (int64_t tile = 0; tile < 6; ++tile) {
    if (tile >= 2) // the buffer's last reader is done
      stream.wait(NPU_UNIT_LOAD, 1, tile - 1);
    stream.load(Input, 64 * tile, tile % 2 * 64, 64);
    stream.signal(NPU_UNIT_LOAD, 0);
    stream.wait(NPU_UNIT_VECTOR, 0, tile + 1);
    copy(tile % 2 * 64, 1024 + 64 * tile);
    stream.signal(NPU_UNIT_VECTOR, 1);
  }
  expectOrdered();
}

TEST_F(NpuRaces, TwoWriters) {
  stream.load(Input, 0, 0, 64);
  stream.load(Input, 0, 256, 64);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
  copy(0, 64);
  stream.load(Input, 0, 120, 16); // the last eight bytes of 64 to 127
  expectRace("R1", 5, "0x70 is written here and by command 4");
}

TEST_F(NpuRaces, UnwrittenMemory) {
  stream.load(Input, 0, 0, 48);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
  copy(0, 64);
  expectRace("R2", 3, "nothing has written 0x30");
}

TEST_F(NpuRaces, ScratchMemory) {
  stream.load(Input, 0, 0, 64);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_STORE);
  stream.transfer(NPU_OPCODE_STORE, Scratch, 0, 0, 8, 4, 32);
  stream.transfer(NPU_OPCODE_LOAD, Scratch, 8, 256, 24, 4, 32); // between rows
  stream.load(Scratch, 200, 512, 64);                           // elsewhere
  stream.load(Scratch, 96, 1024, 8);                            // the last row
  expectRace("R3", 6, "buffer 1 at offset 96 is moved by command 3");
}

/// Rows that wrap around the stride of the others.
TEST_F(NpuRaces, ScratchRowsOverTheStride) {
  stream.load(Input, 0, 0, 128);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_STORE);
  stream.transfer(NPU_OPCODE_STORE, Scratch, 0, 0, 8, 4, 32);
  stream.transfer(NPU_OPCODE_LOAD, Scratch, 28, 256, 8, 3, 32);
  expectRace("R3", 4, "buffer 1 at offset 28 is moved by command 3");
}

TEST_F(NpuRaces, ScratchRowsUnderTheStride) {
  stream.load(Input, 0, 0, 128);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_STORE);
  stream.transfer(NPU_OPCODE_STORE, Scratch, 28, 0, 8, 3, 32);
  stream.transfer(NPU_OPCODE_LOAD, Scratch, 4, 256, 24, 4, 32); // between
  stream.transfer(NPU_OPCODE_LOAD, Scratch, 0, 256, 8, 4, 32);
  expectRace("R3", 5, "buffer 1 at offset 0 is moved by command 3");
}

TEST_F(NpuRaces, ScratchMemoryInOrder) {
  stream.load(Input, 0, 0, 64);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_STORE);
  stream.store(Scratch, 0, 0, 64);
  stream.order(NPU_UNIT_STORE, NPU_UNIT_LOAD);
  stream.load(Scratch, 0, 64, 64);
  expectOrdered();
}

TEST_F(NpuRaces, StreamsOfTooManyCommands) {
  for (int i = 0; i < 101; ++i)
    stream.signal(NPU_UNIT_LOAD, 0);
  stream.end();
  EXPECT_EQ(npu.run(stream.finish()), EDGE_NPU_ERROR_ARGUMENT);
}

/// Rows of a tile that the window does not reach may be written meanwhile.
TEST_F(NpuRaces, RowsOutOfReach) {
  stream.transfer(NPU_OPCODE_LOAD, Input, 0, 0, 64, 4);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
  stream.add(NPU_OPCODE_POOL, 0,
             {{"inputHeight", 4},
              {"inputWidth", 4},
              {"inputChannels", 16},
              {"inputDtype", NPU_DTYPE_I8},
              {"inputRowStride", 64},
              {"inputPixelStride", 16},
              {"inputY0", 1},
              {"inputX0", 2},
              {"kernelHeight", 2},
              {"kernelWidth", 1},
              {"strideY", 1},
              {"strideX", 1},
              {"dilationY", 1},
              {"dilationX", 1},
              {"outputAddress", 1024},
              {"outputHeight", 1},
              {"outputWidth", 1},
              {"outputChannels", 16},
              {"outputDtype", NPU_DTYPE_I8}});
  stream.load(Input, 0, 0, 96);   // row 0, pixels 0 and 1 of row 1
  stream.load(Input, 0, 112, 48); // pixel 3 of row 1, 0 and 1 of row 2
  stream.load(Input, 0, 176, 80); // the rest
  stream.load(Input, 0, 96, 16);  // pixel 2 of row 1
  expectRace("R1", 7, "0x60 is written here, read by command 3");
}

/// A ring's rows that are not in use may be written meanwhile.
TEST_F(NpuRaces, OtherRowsOfARing) {
  stream.transfer(NPU_OPCODE_LOAD, Input, 0, 0, 64, 4);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
  auto pool = [&](int64_t first) {
    stream.add(NPU_OPCODE_POOL, 0,
               {{"inputHeight", 2},
                {"inputWidth", 1},
                {"inputChannels", 64},
                {"inputDtype", NPU_DTYPE_I8},
                {"inputRowStride", 64},
                {"inputRingRows", 4},
                {"inputRingFirst", first},
                {"kernelHeight", 2},
                {"kernelWidth", 1},
                {"strideY", 1},
                {"strideX", 1},
                {"dilationY", 1},
                {"dilationX", 1},
                {"outputAddress", 1024},
                {"outputHeight", 1},
                {"outputWidth", 1},
                {"outputChannels", 64},
                {"outputDtype", NPU_DTYPE_I8}});
  };
  pool(3); // rows 3 and 0
  stream.load(Input, 0, 64, 128);
  pool(3);
  stream.load(Input, 0, 0, 64);
  expectRace("R1", 6, "0x0 is written here, read by command 5");
}
