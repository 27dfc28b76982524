//===- NpuRulesTest.cpp - every rule of the data sheet, broken ------------===//
//
// A stream that uses every command runs; then each field in turn gets a value
// that breaks one rule, and the error must name the rule and the command. The
// buffers must not have changed.
//
//===----------------------------------------------------------------------===//
#include "test/devices/NpuFixture.h"

using namespace edgec::test;

namespace {

enum Step {
  LoadIn,
  LoadWeights,
  Signal,
  WaitMac,
  Mac,
  Note,
  Vector,
  Pool,
  Store,
  End,
  Steps
};

/// The base stream, its command `step` changed. The programs use a parameter, a
/// table and a constant.
struct Sample {
  NpuParameters machine;
  Fields macFields = {{"inputHeight", 4},
                      {"inputWidth", 4},
                      {"inputChannels", 8},
                      {"inputDtype", NPU_DTYPE_I8},
                      {"weightDtype", NPU_DTYPE_I8},
                      {"inputRowStride", 32},
                      {"inputPixelStride", 8},
                      {"inputRingRows", 4},
                      {"kernelHeight", 1},
                      {"kernelWidth", 1},
                      {"strideY", 1},
                      {"strideX", 1},
                      {"dilationY", 1},
                      {"dilationX", 1},
                      {"weightsAddress", 1024},
                      {"weightsBytes", 64},
                      {"outputAddress", 8192},
                      {"outputRowStride", 32},
                      {"outputPixelStride", 8},
                      {"outputHeight", 4},
                      {"outputWidth", 4},
                      {"outputChannels", 8},
                      {"outputDtype", NPU_DTYPE_I8},
                      {"residualDtype", NPU_DTYPE_I8},
                      {"residualAddress", 4096},
                      {"residualRowStride", 32},
                      {"residualPixelStride", 8},
                      {"parametersAddress", 2048},
                      {"parametersStride", 8},
                      {"tableAddress", 3072},
                      {"tableEntries", 256},
                      {"tableDtype", NPU_DTYPE_I8}};
  Fields vectorFields = {{"extent0", 1},
                         {"extent1", 4},
                         {"extent2", 4},
                         {"extent3", 8},
                         {"operand0Dtype", NPU_DTYPE_I8},
                         {"operand0Address", 8192},
                         {"operand0Stride1", 32},
                         {"operand0Stride2", 8},
                         {"operand0Stride3", 1},
                         {"outputDtype", NPU_DTYPE_I16},
                         {"outputAddress", 12288},
                         {"outputStride1", 64},
                         {"outputStride2", 16},
                         {"outputStride3", 2},
                         {"parametersAddress", 2048},
                         {"parametersStride", 8},
                         {"tableAddress", 3072},
                         {"tableEntries", 256},
                         {"tableDtype", NPU_DTYPE_I8}};
  Fields poolFields = {{"inputAddress", 12288},
                       {"inputHeight", 4},
                       {"inputWidth", 4},
                       {"inputChannels", 8},
                       {"inputDtype", NPU_DTYPE_I16},
                       {"inputRowStride", 64},
                       {"inputPixelStride", 16},
                       {"kernelHeight", 2},
                       {"kernelWidth", 2},
                       {"strideY", 2},
                       {"strideX", 2},
                       {"dilationY", 1},
                       {"dilationX", 1},
                       {"outputAddress", 16384},
                       {"outputRowStride", 32},
                       {"outputPixelStride", 16},
                       {"outputHeight", 2},
                       {"outputWidth", 2},
                       {"outputChannels", 8},
                       {"outputDtype", NPU_DTYPE_I16},
                       {"parametersAddress", 2048},
                       {"parametersStride", 8},
                       {"tableAddress", 3072},
                       {"tableEntries", 256},
                       {"tableDtype", NPU_DTYPE_I8}};
  Program program = {micro(NPU_MICRO_ADD, 0, 0, parameter(1)),
                     micro(NPU_MICRO_TABLE, 0, 0), microConst(1, 5)};
  unsigned macFlags = 0;

  Stream stream;
  std::vector<size_t> offsets;

  void add(unsigned opcode, unsigned byte1, const Fields &fields,
           const Program &micros = {}) {
    stream.add(opcode, byte1, fields, micros);
    offsets.push_back(stream.last);
  }
  void addTransfer(unsigned opcode, int64_t buffer, int64_t address,
                   int64_t bytes, int64_t rows) {
    stream.transfer(opcode, buffer, 0, address, bytes, rows);
    offsets.push_back(stream.last);
  }

  Sample() : stream(machine) {
    stream.header("semaphoreCount", 3);
    stream.header("constantsBytes", 4096);
    stream.header("scratchBytes", 1024);
    addTransfer(NPU_OPCODE_LOAD, Input, 0, 128, 8);
    addTransfer(NPU_OPCODE_LOAD, Constants, 1024, 2048, 2);
    add(NPU_OPCODE_SIGNAL, NPU_UNIT_LOAD, {{"semaphore", 0}});
    add(NPU_OPCODE_WAIT, NPU_UNIT_MAC, {{"semaphore", 0}, {"value", 1}});
    add(NPU_OPCODE_MAC, macFlags, macFields, program);
    add(NPU_OPCODE_NOTE, 0, {{"value", 77}});
    add(NPU_OPCODE_VECTOR, 0, vectorFields, program);
    add(NPU_OPCODE_POOL, 0, poolFields, program);
    addTransfer(NPU_OPCODE_STORE, Output, 16384, 16, 4);
    add(NPU_OPCODE_END, 0, {});
  }

  void setByte(Step step, unsigned at, unsigned value) {
    stream.bytes[offsets[step] + at] = uint8_t(value);
  }
  void set(Step step, const std::string &field, int64_t value) {
    uint8_t *command = stream.bytes.data() + offsets[step];
    writeField(command, fieldsOf(command[0]).at(field), value);
  }
};

struct Outcome {
  int32_t status;
  edge_npu_error error;
  bool untouched;
};

Outcome runSample(Sample &sample) {
  Npu npu(sample.machine);
  npu.buffers[Output].assign(4096, 0xee);
  Bytes before = npu.buffers[Output];
  int32_t status = npu.run(sample.stream.finish());
  return {status, npu.error, before == npu.buffers[Output]};
}

void expectRejected(Sample &sample, const std::string &rule, Step step) {
  Outcome run = runSample(sample);
  EXPECT_EQ(run.status, EDGE_NPU_ERROR_REJECTED);
  EXPECT_EQ(run.error.rule, rule) << run.error.text;
  EXPECT_EQ(run.error.command, step == Steps ? UINT32_MAX : uint32_t(step));
  EXPECT_TRUE(run.untouched);
  EXPECT_STRNE(run.error.text, "");
}

struct Case {
  const char *rule;
  Step step;
  const char *field;
  int64_t value;
};

} // namespace

TEST(NpuRules, TheSampleRuns) {
  Sample sample;
  Outcome run = runSample(sample);
  EXPECT_EQ(run.status, EDGE_NPU_OK) << run.error.text;
  EXPECT_FALSE(run.untouched);
}

TEST(NpuRules, Fields) {
  const Case cases[] = {
      {"S5", Mac, "reserved", 1},
      {"S5", Vector, "reserved", 1},
      {"S5", Pool, "reserved", 1},
      {"S5", Pool, "reserved0", 1},
      {"S12", Signal, "semaphore", 3},
      {"S12", WaitMac, "semaphore", 3},
      {"S13", WaitMac, "semaphore", 1},
      {"S13", WaitMac, "value", 0},
      {"S13", WaitMac, "value", 2},
      {"D1", LoadIn, "buffer", 4},
      {"D1", LoadIn, "buffer", Output},
      {"D1", Store, "buffer", Input},
      {"D1", Store, "buffer", Constants},
      {"D2", LoadIn, "rows", 0},
      {"D2", Store, "rowBytes", 0},
      {"D3", LoadIn, "bufferOffset", 3073},
      {"D3", LoadIn, "bufferStride", 600},
      {"D3", LoadIn, "bufferStride", 0xffffffff},
      {"D3", Store, "bufferOffset", 0xffffffff},
      {"D3", Store, "rows", 0xffffffff},
      {"T5", LoadIn, "sramAddress", 65536},
      {"T5", LoadIn, "sramStride", 0xffffffff},
      {"T5", Store, "sramAddress", 65536 - 63},
      {"T6", LoadIn, "sramStride", 127},
      {"T6", LoadIn, "sramStride", 0},
      {"T6", Store, "bufferStride", 15},
      {"T1", Mac, "inputHeight", 0},
      {"T1", Mac, "inputWidth", 0},
      {"T1", Mac, "inputChannels", 0},
      {"T1", Mac, "kernelHeight", 0},
      {"T1", Mac, "kernelWidth", 0},
      {"T1", Mac, "strideY", 0},
      {"T1", Mac, "strideX", 0},
      {"T1", Mac, "dilationY", 0},
      {"T1", Mac, "dilationX", 0},
      {"T1", Mac, "outputHeight", 0},
      {"T1", Mac, "outputWidth", 0},
      {"T1", Mac, "outputChannels", 0},
      {"T1", Pool, "kernelHeight", 0},
      {"T1", Pool, "strideX", 0},
      {"T1", Vector, "extent0", 0},
      {"T1", Vector, "extent1", 0},
      {"T1", Vector, "extent2", 0},
      {"T1", Vector, "extent3", 0},
      {"T2", Mac, "inputDtype", NPU_DTYPE_NONE},
      {"T2", Mac, "inputDtype", NPU_DTYPE_I16},
      {"T2", Mac, "weightDtype", NPU_DTYPE_I32},
      {"T2", Mac, "outputDtype", NPU_DTYPE_NONE},
      {"T2", Mac, "outputDtype", NPU_DTYPES_COUNT},
      {"T2", Mac, "residualDtype", NPU_DTYPES_COUNT},
      {"T2", Pool, "inputDtype", NPU_DTYPE_NONE},
      {"T2", Pool, "outputDtype", 255},
      {"T2", Vector, "operand0Dtype", NPU_DTYPES_COUNT},
      {"T2", Vector, "operand1Dtype", NPU_DTYPES_COUNT},
      {"T2", Vector, "operand2Dtype", 255},
      {"T2", Vector, "outputDtype", NPU_DTYPE_NONE},
      {"T3", Mac, "inputRingFirst", 4},
      {"T3", Mac, "inputRingRows", 3},
      {"T3", Pool, "inputRingRows", 3},
      {"T4", Mac, "weightsAddress", 1032},
      {"T4", Mac, "parametersAddress", 2050},
      {"T4", Vector, "outputAddress", 12289},
      {"T4", Vector, "outputStride2", 17},
      {"T4", Pool, "inputAddress", 12289},
      {"T4", Pool, "inputRowStride", 65},
      {"T4", Pool, "outputPixelStride", 17},
      {"T5", Mac, "inputAddress", 65536 - 127},
      {"T5", Mac, "inputAddress", 0xffffffff},
      {"T5", Mac, "inputRowStride", 0xffffffff},
      {"T5", Mac, "inputPixelStride", 0xffffffff},
      {"T5", Mac, "weightsAddress", 65536 - 48},
      {"T5", Mac, "outputAddress", 65536 - 127},
      {"T5", Mac, "outputRowStride", 0x80000000},
      {"T5", Mac, "residualAddress", 65536 - 127},
      {"T5", Mac, "parametersAddress", 65536 - 60},
      {"T5", Mac, "parametersStride", 0xffffffff},
      {"T5", Mac, "tableAddress", 65536 - 255},
      {"T5", Vector, "operand0Address", 65536 - 127},
      {"T5", Vector, "operand0Stride1", -8192},
      {"T5", Vector, "operand0Stride1", INT32_MIN},
      {"T5", Vector, "extent1", 0xffffffff},
      {"T5", Vector, "outputStride1", 0xfffffffe},
      {"T5", Pool, "inputAddress", 65536 - 254},
      {"T5", Pool, "outputAddress", 65536 - 62},
      {"T6", Mac, "outputPixelStride", 7},
      {"T6", Mac, "outputRowStride", 31},
      {"T6", Mac, "outputRowStride", 0},
      {"T6", Vector, "outputStride3", 0},
      {"T6", Vector, "outputStride2", 14},
      {"T6", Vector, "outputStride1", 16},
      {"T6", Pool, "outputPixelStride", 14},
      {"T7", Mac, "inputAddress", 8190},
      {"T7", Mac, "weightsAddress", 8192},
      {"T7", Mac, "residualAddress", 8191},
      {"T7", Mac, "parametersAddress", 8192},
      {"T7", Mac, "tableAddress", 8000},
      {"T7", Vector, "operand0Address", 12288}, // other element size
      {"T7", Pool, "outputAddress", 12288},
      {"W1", Mac, "weightEncoding", NPU_ENCODINGS_COUNT},
      {"W2", Mac, "weightsBytes", 63},
      {"W2", Mac, "weightsBytes", 65},
      {"W2", Mac, "weightsBytes", 0},
      {"W3", Mac, "kernelHeight", 9000},
      {"W4", Pool, "inputChannels", 7},
      {"W5", Mac, "padValue", 128},
      {"W5", Mac, "inputZeroPoint", -129},
      {"W5", Mac, "weightZeroPoint", 255},
      {"P3", Mac, "resultRegister", NPU_LIMIT_REGISTERS},
      {"P3", Vector, "resultRegister", 255},
      {"P3", Pool, "resultRegister", NPU_LIMIT_REGISTERS},
      {"P4", Mac, "tableEntries", 0},
      {"P4", Vector, "tableEntries", NPU_LIMIT_MAX_TABLE_ENTRIES + 1},
      {"P4", Pool, "tableDtype", NPU_DTYPE_NONE},
      {"P4", Mac, "tableDtype", NPU_DTYPES_COUNT},
      {"S10", Mac, "programLength", 2},
      {"S10", Vector, "programLength", 4},
      {"S10", Pool, "programLength", 255},
  };
  for (const Case &test : cases) {
    SCOPED_TRACE(std::string(test.rule) + " " + test.field + " = " +
                 std::to_string(test.value));
    Sample sample;
    sample.set(test.step, test.field, test.value);
    expectRejected(sample, test.rule, test.step);
  }
}

TEST(NpuRules, Frames) {
  const struct {
    const char *rule;
    Step step;
    unsigned byte, value;
  } cases[] = {
      {"S9", Signal, 0, 0},
      {"S9", Signal, 0, 10},
      {"S9", End, 0, 255},
      {"S10", LoadIn, 2, 7},
      {"S10", LoadIn, 2, 9},
      {"S10", Pool, 2, 255},
      {"S10", End, 2, 2},
      {"S10", End, 2, 0},
      {"S11", Signal, 1, 4},
      {"S11", WaitMac, 1, 255},
      {"S11", LoadIn, 1, 1},
      {"S11", Mac, 1, NPU_MAC_FLAGS + 1},
      {"S11", Pool, 1, NPU_POOL_FLAGS + 1},
      {"S11", Vector, 1, 1},
      {"S11", Note, 1, 1},
      {"S11", End, 1, 1},
      // Micro-operations: codes, registers, sources, unused bytes.
      {"P1", Mac, NPU_MAC_BYTES, NPU_MICRO_OPERATIONS_COUNT},
      {"P2", Mac, NPU_MAC_BYTES + 1, 16},
      {"P2", Mac, NPU_MAC_BYTES + 2, 32},
      {"P2", Mac, NPU_MAC_BYTES + 3, 32},
      {"P2", Mac, NPU_MAC_BYTES + 4, 1},
      {"P2", Mac, NPU_MAC_BYTES + 7, 1},
      {"P2", Mac, NPU_MAC_BYTES + 8 + 3, 1},
      {"P2", Mac, NPU_MAC_BYTES + 16 + 2, 1},
      {"P1", Vector, NPU_VECTOR_BYTES, 255},
      {"P2", Pool, NPU_POOL_BYTES + 1, 255},
  };
  for (const auto &test : cases) {
    SCOPED_TRACE(std::string(test.rule) + " byte " + std::to_string(test.byte) +
                 " = " + std::to_string(test.value));
    Sample sample;
    sample.setByte(test.step, test.byte, test.value);
    expectRejected(sample, test.rule, test.step);
  }
}

TEST(NpuRules, Header) {
  const struct {
    const char *rule, *field;
    int64_t value;
  } cases[] = {
      {"S2", "magic", NPU_MAGIC + 1},
      {"S3", "formatVersion", NPU_FORMAT_VERSION + 1},
      {"S3", "headerBytes", 60},
      {"S1", "totalBytes", 64},
      {"S4", "macRows", 16},
      {"S4", "macColumns", 16},
      {"S4", "sramBytes", 65536 * 2},
      {"S4", "vectorLanes", 16},
      {"S4", "semaphoreCount", 33},
      {"S5", "reserved0", 1},
      {"S5", "reserved4", 1},
      {"S6", "crc32", 0},
      {"S7", "bufferCount", 3},
      {"S7", "bufferCount", 5},
      {"S7", "constantsBytes", 4097},
      {"S7", "scratchBytes", 4097},
      {"S8", "commandCount", 9},
  };
  for (const auto &test : cases) {
    SCOPED_TRACE(std::string(test.rule) + " " + test.field);
    Sample sample;
    Bytes stream = sample.stream.finish();
    writeField(stream.data(), fieldsOf(0).at(test.field), test.value);
    Npu npu(sample.machine);
    EXPECT_EQ(npu.run(stream), EDGE_NPU_ERROR_REJECTED);
    EXPECT_STREQ(npu.error.rule, test.rule) << npu.error.text;
    EXPECT_EQ(npu.error.command, UINT32_MAX);
  }
}

TEST(NpuRules, EveryTruncationIsRejected) {
  Sample sample;
  Bytes whole = sample.stream.finish();
  Npu npu(sample.machine);
  for (size_t size = 0; size < whole.size(); ++size) {
    Bytes part(whole.begin(), whole.begin() + ptrdiff_t(size));
    ASSERT_EQ(npu.run(part), EDGE_NPU_ERROR_REJECTED) << size;
    if (size < NPU_HEADER_BYTES || size % 4 != 0)
      continue;
    writeField(part.data(), fieldsOf(0).at("totalBytes"), int64_t(size));
    ASSERT_EQ(npu.run(Stream::seal(part)), EDGE_NPU_ERROR_REJECTED) << size;
  }
}

TEST(NpuRules, TheEndIsLast) {
  Sample sample;
  sample.stream.end();
  Outcome run = runSample(sample);
  EXPECT_STREQ(run.error.rule, "S8") << run.error.text;
}

TEST(NpuRules, OneUnitSignalsASemaphore) {
  Sample sample;
  sample.setByte(WaitMac, 0, NPU_OPCODE_SIGNAL); // too long for one
  expectRejected(sample, "S10", WaitMac);
  NpuParameters machine;
  Stream stream(machine);
  stream.signal(NPU_UNIT_MAC, 5);
  stream.signal(NPU_UNIT_MAC, 5);
  stream.signal(NPU_UNIT_LOAD, 5);
  stream.end();
  Npu npu(machine);
  EXPECT_EQ(npu.run(stream.finish()), EDGE_NPU_ERROR_REJECTED);
  EXPECT_STREQ(npu.error.rule, "S14");
  EXPECT_EQ(npu.error.command, 2u);
}

TEST(NpuRules, DepthwiseAndRaw) {
  {
    Sample sample;
    sample.setByte(Mac, 1, NPU_MAC_FLAG_DEPTHWISE);
    sample.set(Mac, "outputChannels", 12);
    expectRejected(sample, "W4", Mac);
  }
  {
    Sample sample;
    sample.setByte(Mac, 1, NPU_MAC_FLAG_DEPTHWISE);
    sample.set(Mac, "weightEncoding", NPU_ENCODING_BLOCK_SPARSE);
    expectRejected(sample, "W1", Mac);
  }
  {
    Sample sample;
    sample.setByte(Mac, 1, NPU_MAC_FLAG_RAW);
    expectRejected(sample, "W6", Mac);
  }
  {
    Sample sample;
    sample.setByte(Mac, 1, NPU_MAC_FLAG_ACCUMULATE);
    sample.set(Mac, "accumulatorAddress", 8190);
    expectRejected(sample, "T4", Mac);
    sample.set(Mac, "accumulatorAddress", 8188);
    expectRejected(sample, "T7", Mac);
    sample.set(Mac, "accumulatorAddress", 65536 - 28);
    expectRejected(sample, "T5", Mac);
  }
}

/// What is coded wrongly shows only when the command runs.
TEST(NpuRules, DamagedWeights) {
  const struct {
    const char *rule;
    int64_t encoding;
    Bytes code;
  } cases[] = {
      {"X1", NPU_ENCODING_ZERO_RUNS, {0, 62}},
      {"X1", NPU_ENCODING_ZERO_RUNS, {0, 64}},
      {"X1", NPU_ENCODING_ZERO_RUNS, {1, 0, 61, 0}},
      {"X2", NPU_ENCODING_BLOCK_SPARSE, {1, 0, 0, 0}},
      {"X2", NPU_ENCODING_BLOCK_SPARSE, {2, 0, 0, 0}},
      {"X2", NPU_ENCODING_BLOCK_SPARSE, {0, 0, 0, 0, 1}},
  };
  for (const auto &test : cases) {
    Sample sample;
    sample.set(Mac, "weightEncoding", test.encoding);
    sample.set(Mac, "weightsBytes", int64_t(test.code.size()));
    Npu npu(sample.machine);
    std::copy(test.code.begin(), test.code.end(),
              npu.buffers[Constants].begin());
    EXPECT_EQ(npu.run(sample.stream.finish()), EDGE_NPU_ERROR_FAULT);
    EXPECT_STREQ(npu.error.rule, test.rule) << npu.error.text;
    EXPECT_EQ(npu.error.command, uint32_t(Mac));
  }
}

TEST(NpuRules, ErrorsNameTheNote) {
  Sample sample;
  sample.set(Vector, "extent0", 0);
  EXPECT_EQ(runSample(sample).error.note, 77u);
  Sample before;
  before.set(Mac, "strideX", 0);
  EXPECT_EQ(runSample(before).error.note, UINT32_MAX);
}

TEST(NpuRules, MachineParameters) {
  edge_npu_simulator *npu = nullptr;
  edge_npu_error error;
  NpuParameters machine;
  EXPECT_EQ(edge_npu_create(machine.values.data(), NPU_PARAMETERS_COUNT - 1,
                            nullptr, &npu, &error),
            EDGE_NPU_ERROR_ARGUMENT);
  EXPECT_EQ(npu, nullptr);
  const struct {
    unsigned index;
    uint64_t value;
  } cases[] = {{NPU_PARAMETER_MAC_ROWS, 0},
               {NPU_PARAMETER_MAC_COLUMNS, 65},
               {NPU_PARAMETER_SRAM_BYTES, UINT64_MAX},
               {NPU_PARAMETER_SRAM_BYTES, 65552},
               {NPU_PARAMETER_QUEUE_DEPTH, 65},
               {NPU_PARAMETER_DISPATCH_CYCLES, 0},
               {NPU_PARAMETER_CLOCK_KILOHERTZ, 1}};
  for (const auto &test : cases) {
    NpuParameters wrong;
    wrong[test.index] = test.value;
    EXPECT_EQ(edge_npu_create(wrong.values.data(), NPU_PARAMETERS_COUNT,
                              nullptr, &npu, &error),
              EDGE_NPU_ERROR_ARGUMENT)
        << test.index;
    EXPECT_THAT(error.text, testing::HasSubstr("machine parameter"));
  }
}
