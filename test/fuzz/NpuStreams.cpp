//===- NpuStreams.cpp - hostile command streams ---------------------------===//
//
// See NpuStreams.h.
//
//===----------------------------------------------------------------------===//
#include "test/fuzz/NpuStreams.h"
#include "test/devices/NpuTile.h"
#include <algorithm>
#include <cstdio>

using namespace edgec::test;

//===-- seeds
//-------------------------------------------------------------===//

/// Pooling and elementwise commands on a ring, with tables and scratch memory.
static NpuSeed vectorSeed(int dtype, bool isSum) {
  NpuParameters machine;
  NpuSeed seed;
  Stream stream(machine);
  int64_t size = bytesOf(dtype);
  Bytes data(8192);
  for (size_t i = 0; i < data.size(); ++i)
    data[i] = uint8_t(i * 37);
  loadBytes(seed.constants, stream, data, 0);
  stream.load(Constants, 0, 24576, 1024);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
  stream.note(1);
  Program program = {
      micro(NPU_MICRO_DIV, 2, 0, 1),
      micro(NPU_MICRO_RESCALE_SINGLE, 3, 2, parameter(0), parameter(1)),
      micro(NPU_MICRO_TABLE, 4, 3),
      micro(NPU_MICRO_REQUANTIZE, 5, 4, parameter(2)),
      micro(NPU_MICRO_FADD, 6, 5, 4),
      micro(NPU_MICRO_ROUND_EVEN, 0, 6)};
  stream.add(NPU_OPCODE_POOL, isSum ? NPU_POOL_FLAG_SUM : 0,
             {{"inputHeight", 5},
              {"inputWidth", 6},
              {"inputChannels", 9},
              {"inputDtype", dtype},
              {"inputRowStride", 54 * size},
              {"inputPixelStride", 9 * size},
              {"inputRingRows", 6},
              {"inputRingFirst", 4},
              {"inputY0", -1},
              {"inputX0", -1},
              {"kernelHeight", 3},
              {"kernelWidth", 3},
              {"strideY", 2},
              {"strideX", 2},
              {"dilationY", 1},
              {"dilationX", 1},
              {"outputAddress", 16384},
              {"outputRowStride", 27 * size},
              {"outputPixelStride", 9 * size},
              {"outputHeight", 3},
              {"outputWidth", 3},
              {"outputChannels", 9},
              {"outputDtype", dtype},
              {"parametersAddress", 4096},
              {"parametersStride", 12},
              {"tableAddress", 6144},
              {"tableEntries", 100},
              {"tableDtype", dtype}},
             program);
  stream.order(NPU_UNIT_VECTOR, NPU_UNIT_STORE);
  stream.store(Scratch, 32, 16384, 81 * size);
  stream.order(NPU_UNIT_STORE, NPU_UNIT_LOAD);
  stream.load(Scratch, 32, 20480, 81 * size);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_VECTOR);
  stream.add(NPU_OPCODE_VECTOR, 0,
             {{"extent0", 2},
              {"extent1", 3},
              {"extent2", 3},
              {"extent3", 9},
              {"operand0Dtype", dtype},
              {"operand0Address", 20480 + 8 * size},
              {"operand0Stride1", 27 * size},
              {"operand0Stride2", 9 * size},
              {"operand0Stride3", -size},
              {"operand1Dtype", dtype},
              {"operand1Address", 16384},
              {"operand1Stride2", 9 * size},
              {"operand2Dtype", NPU_DTYPE_I32},
              {"operand2Address", 24576},
              {"operand2Stride0", 324},
              {"operand2Stride1", 108},
              {"operand2Stride2", 36},
              {"operand2Stride3", 4},
              {"outputDtype", NPU_DTYPE_I32},
              {"outputAddress", 24576},
              {"outputStride0", 324},
              {"outputStride1", 108},
              {"outputStride2", 36},
              {"outputStride3", 4}},
             {micro(NPU_MICRO_SHL, 0, 0, 1), micro(NPU_MICRO_MUL, 0, 0, 2)});
  stream.order(NPU_UNIT_VECTOR, NPU_UNIT_STORE);
  stream.transfer(NPU_OPCODE_STORE, Output, 0, 24576, 36, 18, 40, 36);
  stream.end();
  seed.stream = stream.finish();
  return seed;
}

std::vector<NpuSeed> edgec::test::npuSeeds() {
  std::vector<NpuSeed> seeds;
  for (unsigned i = 0; i < 40; ++i) {
    NpuSeed seed;
    seed.stream = tileStream(NpuParameters(), Tile(i), seed.constants);
    seeds.push_back(std::move(seed));
  }
  for (int dtype = NPU_DTYPE_I8; dtype <= NPU_DTYPE_I32; ++dtype)
    for (bool isSum : {false, true})
      seeds.push_back(vectorSeed(dtype, isSum));
  return seeds;
}

//===-- damage
//-------------------------------------------------------------===//

namespace {
class Mutator {
public:
  Mutator(Bytes &stream, std::mt19937 &random)
      : stream(stream), random(random) {}

  void mutate() {
    findCommands();
    if (commands.empty())
      return overwriteByte();
    switch (pick(10)) {
    case 0:
      return overwriteByte();
    case 1:
      return copyCommand();
    case 2:
      return dropCommand();
    case 3:
      return replaceMicro();
    case 4:
      return writeHeader();
    default:
      return writeCommandField();
    }
  }

private:
  size_t pick(size_t count) { return random() % count; }

  /// The commands' offsets, as far as their lengths lead.
  void findCommands() {
    commands.clear();
    for (size_t at = NPU_HEADER_BYTES; at + 4 <= stream.size();) {
      size_t length = 4 * size_t(stream[at + 2] | stream[at + 3] << 8);
      bool isKnown = stream[at] >= 1 && stream[at] <= NPU_COMMANDS_COUNT;
      if (!isKnown || length < fixedBytes(stream[at]) ||
          length > stream.size() - at)
        return;
      commands.push_back(at);
      at += length;
    }
  }

  size_t endOf(size_t command) const {
    return command + 4 * size_t(stream[command + 2] | stream[command + 3] << 8);
  }

  /// A value near what is there, at a border of its type, or any.
  int64_t newValue(int64_t old) {
    static const int64_t borders[] = {
        0,     1,     2,   3,   15,     16,      31,        32,       64,
        127,   128,   255, 256, 4095,   4096,    32767,     32768,    65535,
        65536, 65520, -1,  -2,  -65536, 1 << 30, INT32_MAX, INT32_MIN};
    switch (pick(6)) {
    case 0:
      return borders[pick(std::size(borders))];
    case 1:
      return int64_t(random());
    case 2:
      return old * 2;
    case 3:
      return old ^ int64_t(1) << pick(32);
    default:
      return old + int64_t(pick(9)) - 4;
    }
  }

  void writeNewValue(size_t command, const FieldTable &fields) {
    if (fields.empty())
      return;
    const FieldPlace &place =
        std::next(fields.begin(), ptrdiff_t(pick(fields.size())))->second;
    int64_t old = 0;
    for (unsigned i = 0; i < place.bytes; ++i)
      old |= int64_t(stream[command + place.offset + i]) << 8 * i;
    writeField(stream.data() + command, place, newValue(old));
  }

  void writeCommandField() {
    size_t command = commands[pick(commands.size())];
    if (pick(12) == 0) { // unit or flags
      stream[command + 1] = uint8_t(pick(9));
      return;
    }
    writeNewValue(command, fieldsOf(stream[command]));
  }

  void writeHeader() { writeNewValue(0, fieldsOf(0)); }

  void overwriteByte() {
    if (!stream.empty())
      stream[pick(stream.size())] = uint8_t(random());
  }

  void copyCommand() {
    size_t from = commands[pick(commands.size())];
    Bytes copy(stream.begin() + ptrdiff_t(from),
               stream.begin() + ptrdiff_t(endOf(from)));
    stream.insert(stream.begin() + ptrdiff_t(commands[pick(commands.size())]),
                  copy.begin(), copy.end());
  }

  void dropCommand() {
    size_t at = commands[pick(commands.size())];
    stream.erase(stream.begin() + ptrdiff_t(at),
                 stream.begin() + ptrdiff_t(endOf(at)));
  }

  void replaceMicro() {
    size_t command = commands[pick(commands.size())];
    size_t fixed = fixedBytes(stream[command]);
    size_t count = (endOf(command) - command - fixed) / 8;
    if (count == 0)
      return writeCommandField();
    uint8_t *code = &stream[command + fixed + 8 * pick(count)];
    code[0] = uint8_t(pick(NPU_MICRO_OPERATIONS_COUNT + 1));
    for (int i = 1; i < 5; ++i)
      code[i] = uint8_t(pick(i == 1 ? 17 : 33));
    if (pick(4) != 0) // what an operation does not use is 0
      cleanMicro(code);
  }

  static void cleanMicro(uint8_t *code) {
#define NPU_SOURCES(name, macro, code, sources) sources,
    static const unsigned sources[] = {NPU_MICRO_OPERATIONS(NPU_SOURCES) 0};
#undef NPU_SOURCES
    for (unsigned i = sources[code[0]]; i < 6; ++i)
      code[2 + i] = 0;
  }

  Bytes &stream;
  std::mt19937 &random;
  std::vector<size_t> commands;
};
} // namespace

void edgec::test::mutateNpuStream(Bytes &stream, std::mt19937 &random) {
  for (size_t i = 0, count = 1 + random() % 3; i < count; ++i)
    Mutator(stream, random).mutate();
  if (random() % 16 == 0)
    stream.resize(random() % (stream.size() + 1));
  if (random() % 16 != 0)
    sealNpuStream(stream);
}

void edgec::test::sealNpuStream(Bytes &stream) {
  if (stream.size() < NPU_HEADER_BYTES)
    return;
  int64_t count = 0;
  for (size_t at = NPU_HEADER_BYTES; at + 4 <= stream.size(); ++count)
    at += std::max<size_t>(4, 4 * size_t(stream[at + 2] | stream[at + 3] << 8));
  writeField(stream.data(), fieldsOf(0).at("totalBytes"),
             int64_t(stream.size()));
  writeField(stream.data(), fieldsOf(0).at("commandCount"), count);
  stream = Stream::seal(stream);
}

//===-- runs
//-------------------------------------------------------------===//

namespace {
constexpr size_t guardBytes = 256, bufferBytes[4] = {0, 2048, 4096, 16384};
constexpr uint8_t guardByte = 0x5c;
} // namespace

struct GuardedNpu::Memory {
  Bytes buffers[4]; // guard, contents, guard
};

GuardedNpu::GuardedNpu() : memory(new Memory) {
  NpuParameters machine;
  edge_npu_options options = {};
  options.check_races = 1;
  options.max_commands = 4096;
  options.max_cycles = 20000;
  edge_npu_create(machine.values.data(), NPU_PARAMETERS_COUNT, &options, &npu,
                  &error);
}

GuardedNpu::~GuardedNpu() {
  edge_npu_destroy(npu);
  delete memory;
}

static void expectUnchanged(const Bytes &before, const Bytes &after,
                            size_t begin, size_t end) {
  if (std::equal(before.begin() + ptrdiff_t(begin),
                 before.begin() + ptrdiff_t(end),
                 after.begin() + ptrdiff_t(begin)))
    return;
  std::fprintf(stderr, "the stream wrote where it must not\n");
  std::abort();
}

int32_t GuardedNpu::run(const Bytes &stream, const Bytes &constants) {
  edge_npu_buffer table[4];
  const uint32_t access[4] = {EDGE_NPU_READ, EDGE_NPU_READ | EDGE_NPU_WRITE,
                              EDGE_NPU_READ, EDGE_NPU_WRITE};
  Bytes before[4];
  for (int i = 0; i < 4; ++i) {
    size_t size = i == Constants ? constants.size() : bufferBytes[i];
    Bytes &buffer = memory->buffers[i];
    buffer.assign(size + 2 * guardBytes, guardByte);
    if (i == Constants)
      std::copy(constants.begin(), constants.end(),
                buffer.begin() + guardBytes);
    before[i] = buffer;
    table[i] = {buffer.data() + guardBytes, size, access[i], 0};
  }
  int32_t status = edge_npu_run(npu, stream.data(), stream.size(), table, 4,
                                nullptr, nullptr, &error);
  for (int i = 0; i < 4; ++i) {
    const Bytes &after = memory->buffers[i];
    bool isWritable = access[i] & EDGE_NPU_WRITE;
    if (!isWritable || status == EDGE_NPU_ERROR_REJECTED) {
      expectUnchanged(before[i], after, 0, after.size());
      continue;
    }
    expectUnchanged(before[i], after, 0, guardBytes);
    expectUnchanged(before[i], after, after.size() - guardBytes, after.size());
  }
  return status;
}
