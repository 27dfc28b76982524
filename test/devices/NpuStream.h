//===- NpuStream.h - command streams written by hand -----------*- C++ -*-===//
//
// Builds streams for the simulator's tests from the generated constants. Fields
// are named as in the data sheet; what is not named is 0, or what a plain tile
// has: strides and dilations of 1, and so on.
//
//   Stream stream(machine);
//   stream.load({{"buffer", 2}, {"rowBytes", 64}});
//   stream.end();
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_DEVICES_NPUSTREAM_H
#define EDGEC_TEST_DEVICES_NPUSTREAM_H

#include "npu_constants.h"
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace edgec::test {

/// Machine parameters by the specification's order; npu-64 unless changed.
struct NpuParameters {
  std::vector<uint64_t> values = {
      8,  8,  65536, 8,  8,      8,    4,   50,  1,    16,     2,
      16, 32, 16,    12, 250000, 2000, 300, 100, 1250, 100000, 2000};
  uint64_t &operator[](unsigned index) { return values[index]; }
  uint64_t operator[](unsigned index) const { return values[index]; }
};

struct FieldPlace {
  unsigned offset, bytes;
};

inline unsigned typeBytes(const std::string &type) {
  return type == "u8" ? 1 : type == "u16" || type == "i16" ? 2 : 4;
}

using FieldTable = std::map<std::string, FieldPlace>;

/// The fields of one command or of the header.
inline const FieldTable &fieldsOf(unsigned opcode) {
#define NPU_PLACE(name, macro, offset, type)                                   \
  {#name, {offset, typeBytes(#type)}},
#define NPU_TABLE(name, macro, code, bytes)                                    \
  {code, {NPU_##macro##_FIELDS(NPU_PLACE)}},
  static const std::map<unsigned, FieldTable> tables = {
      NPU_COMMANDS(NPU_TABLE){0, {NPU_HEADER_FIELDS(NPU_PLACE)}}};
#undef NPU_TABLE
#undef NPU_PLACE
  return tables.at(opcode);
}

inline unsigned fixedBytes(unsigned opcode) {
#define NPU_LENGTH(name, macro, code, bytes) {code, bytes},
  static const std::map<unsigned, unsigned> lengths = {
      NPU_COMMANDS(NPU_LENGTH)};
#undef NPU_LENGTH
  return lengths.at(opcode);
}

using Fields = std::vector<std::pair<std::string, int64_t>>;
using Bytes = std::vector<uint8_t>;

/// One micro-operation: op dst, a, b, c. A parameter j is source 16 + j.
inline uint64_t micro(unsigned op, unsigned dst, unsigned a = 0, unsigned b = 0,
                      unsigned c = 0) {
  return op | uint64_t(dst) << 8 | uint64_t(a) << 16 | uint64_t(b) << 24 |
         uint64_t(c) << 32;
}
inline uint64_t microConst(unsigned dst, int32_t value) {
  return NPU_MICRO_CONST | uint64_t(dst) << 8 | uint64_t(uint32_t(value)) << 32;
}
inline unsigned parameter(unsigned j) { return NPU_LIMIT_REGISTERS + j; }

using Program = std::vector<uint64_t>;

inline void writeField(uint8_t *command, const FieldPlace &place,
                       int64_t value) {
  for (unsigned i = 0; i < place.bytes; ++i)
    command[place.offset + i] = uint8_t(uint64_t(value) >> 8 * i);
}

/// CRC-32 bit by bit.
inline uint32_t crc32Of(const uint8_t *bytes, size_t count) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < count; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

class Stream {
public:
  explicit Stream(const NpuParameters &machine, unsigned bufferCount = 4)
      : bytes(NPU_HEADER_BYTES) {
    header("magic", NPU_MAGIC);
    header("formatVersion", NPU_FORMAT_VERSION);
    header("headerBytes", NPU_HEADER_BYTES);
    header("bufferCount", bufferCount);
    header("macRows", int64_t(machine[NPU_PARAMETER_MAC_ROWS]));
    header("macColumns", int64_t(machine[NPU_PARAMETER_MAC_COLUMNS]));
    header("sramBytes", int64_t(machine[NPU_PARAMETER_SRAM_BYTES]));
    header("vectorLanes", int64_t(machine[NPU_PARAMETER_VECTOR_LANES]));
    header("semaphoreCount", int64_t(machine[NPU_PARAMETER_SEMAPHORES]));
  }

  void header(const std::string &field, int64_t value) {
    writeField(bytes.data(), fieldsOf(0).at(field), value);
  }

  /// Changes a field of the last command, after it was added.
  void change(const std::string &field, int64_t value) {
    writeField(bytes.data() + last, fieldsOf(bytes[last]).at(field), value);
  }

  void add(unsigned opcode, unsigned byte1, const Fields &fields,
           const Program &program = {}) {
    last = bytes.size();
    Bytes command(fixedBytes(opcode) + 8 * program.size());
    command[0] = uint8_t(opcode);
    command[1] = uint8_t(byte1);
    command[2] = uint8_t(command.size() / 4);
    command[3] = uint8_t(command.size() / 4 >> 8);
    const FieldTable &table = fieldsOf(opcode);
    if (table.count("programLength"))
      writeField(command.data(), table.at("programLength"),
                 int64_t(program.size()));
    for (const auto &[name, value] : fields)
      writeField(command.data(), table.at(name), value);
    for (size_t i = 0; i < program.size(); ++i)
      for (size_t b = 0; b < 8; ++b)
        command[fixedBytes(opcode) + 8 * i + b] = uint8_t(program[i] >> 8 * b);
    bytes.insert(bytes.end(), command.begin(), command.end());
    ++commands;
  }

  void wait(unsigned unit, int64_t semaphore, int64_t value) {
    add(NPU_OPCODE_WAIT, unit, {{"semaphore", semaphore}, {"value", value}});
  }
  void signal(unsigned unit, int64_t semaphore) {
    add(NPU_OPCODE_SIGNAL, unit, {{"semaphore", semaphore}});
  }
  /// A contiguous transfer unless strides are given.
  void transfer(unsigned opcode, int64_t buffer, int64_t offset,
                int64_t address, int64_t rowBytes, int64_t rows = 1,
                int64_t bufferStride = -1, int64_t sramStride = -1) {
    add(opcode, 0,
        {{"buffer", buffer},
         {"bufferOffset", offset},
         {"sramAddress", address},
         {"rowBytes", rowBytes},
         {"rows", rows},
         {"bufferStride", bufferStride < 0 ? rowBytes : bufferStride},
         {"sramStride", sramStride < 0 ? rowBytes : sramStride}});
  }
  void load(int64_t buffer, int64_t offset, int64_t address, int64_t bytes) {
    transfer(NPU_OPCODE_LOAD, buffer, offset, address, bytes);
  }
  void store(int64_t buffer, int64_t offset, int64_t address, int64_t bytes) {
    transfer(NPU_OPCODE_STORE, buffer, offset, address, bytes);
  }
  /// `after` waits until all that `before` was given so far is done.
  void order(unsigned before, unsigned after) {
    int64_t semaphore = before * NPU_UNITS_COUNT + after;
    signal(before, semaphore);
    wait(after, semaphore, ++signals[semaphore]);
  }
  void note(int64_t value) { add(NPU_OPCODE_NOTE, 0, {{"value", value}}); }
  void end() { add(NPU_OPCODE_END, 0, {}); }

  /// The stream with counts and checksum filled in.
  Bytes finish() {
    header("totalBytes", int64_t(bytes.size()));
    header("commandCount", commands);
    return seal(bytes);
  }

  /// `stream` with its checksum made right again.
  static Bytes seal(Bytes stream) {
    if (stream.size() >= NPU_HEADER_BYTES)
      writeField(stream.data(), fieldsOf(0).at("crc32"),
                 crc32Of(stream.data() + NPU_HEADER_BYTES,
                         stream.size() - NPU_HEADER_BYTES));
    return stream;
  }

  Bytes bytes;
  size_t last = 0;
  int64_t commands = 0;

private:
  std::map<int64_t, int64_t> signals;
};

} // namespace edgec::test

#endif // EDGEC_TEST_DEVICES_NPUSTREAM_H
