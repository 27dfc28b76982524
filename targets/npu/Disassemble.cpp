//===- Disassemble.cpp - command streams as text --------------------------===//
//
// Commands and fields come from the tables of npu_constants.h, so that a new
// field is printed without a change here.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Disassemble.h"

#include "npu_constants.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"

using namespace edgec;
using llvm::ArrayRef;
using llvm::raw_ostream;
using llvm::StringRef;
namespace endian = llvm::support::endian;

namespace {

enum class Type { u8, u16, u32, i16, i32 };

struct Field {
  StringRef name;
  unsigned offset;
  Type type;
};

struct Command {
  StringRef name;
  unsigned opcode, bytes;
  ArrayRef<Field> fields;
};

#define NPU_FIELD(name, macro, offset, type) {#name, offset, Type::type},
#define NPU_FIELD_TABLE(name, macro, ...)                                      \
  const std::vector<Field> name##Fields = {NPU_##macro##_FIELDS(NPU_FIELD)};
NPU_COMMANDS(NPU_FIELD_TABLE)
#undef NPU_FIELD_TABLE

const Command commands[] = {
#define NPU_COMMAND(name, macro, opcode, bytes)                                \
  {#name, opcode, bytes, name##Fields},
    NPU_COMMANDS(NPU_COMMAND)
#undef NPU_COMMAND
};

struct Micro {
  StringRef name;
  unsigned code, sources;
};
const Micro micros[] = {
#define NPU_MICRO(name, macro, code, sources) {#name, code, sources},
    NPU_MICRO_OPERATIONS(NPU_MICRO)
#undef NPU_MICRO
};

struct Name {
  unsigned code;
  StringRef name;
};
#define NPU_NAME(name, macro, code, ...) {code, #name},
const Name dtypes[] = {NPU_DTYPES(NPU_NAME)};
const Name encodings[] = {NPU_ENCODINGS(NPU_NAME)};
const Name units[] = {NPU_UNITS(NPU_NAME)};
#undef NPU_NAME

/// The name of a code, or the code itself.
std::string nameOf(ArrayRef<Name> names, int64_t code) {
  for (const Name &entry : names)
    if (entry.code == code)
      return entry.name.str();
  return std::to_string(code);
}

int64_t read(const uint8_t *command, const Field &field) {
  const uint8_t *bytes = command + field.offset;
  switch (field.type) {
  case Type::u8:
    return *bytes;
  case Type::u16:
    return endian::read16le(bytes);
  case Type::i16:
    return int16_t(endian::read16le(bytes));
  case Type::u32:
    return endian::read32le(bytes);
  case Type::i32:
    return int32_t(endian::read32le(bytes));
  }
  llvm_unreachable("all types are listed");
}

void printField(const Field &field, int64_t value, raw_ostream &os) {
  os << ' ' << field.name << '=';
  if (field.name.ends_with("Dtype"))
    os << nameOf(dtypes, value);
  else if (field.name == "weightEncoding")
    os << nameOf(encodings, value);
  else if (field.name.ends_with("Address"))
    os << llvm::formatv("{0:x}", value);
  else
    os << value;
}

/// What byte 1 says: a unit, flags, or nothing.
void printByte1(unsigned opcode, unsigned value, raw_ostream &os) {
  if (opcode == NPU_OPCODE_WAIT || opcode == NPU_OPCODE_SIGNAL) {
    os << ' ' << nameOf(units, value);
    return;
  }
  std::vector<Name> flags;
  if (opcode == NPU_OPCODE_MAC) {
    flags = {{NPU_MAC_FLAG_DEPTHWISE, "depthwise"},
             {NPU_MAC_FLAG_ACCUMULATE, "accumulate"},
             {NPU_MAC_FLAG_RAW, "raw"}};
  } else if (opcode == NPU_OPCODE_POOL) {
    flags = {{NPU_POOL_FLAG_SUM, "sum"}};
  }
  for (const Name &flag : flags) {
    if (value & flag.code)
      os << ' ' << flag.name;
    value &= ~flag.code;
  }
  if (value)
    os << " flags=" << value;
}

std::string sourceName(unsigned source) {
  if (source < NPU_LIMIT_REGISTERS)
    return "r" + std::to_string(source);
  if (source < NPU_LIMIT_REGISTERS + NPU_LIMIT_PARAMETERS)
    return "p" + std::to_string(source - NPU_LIMIT_REGISTERS);
  return "?" + std::to_string(source);
}

void printMicro(unsigned index, const uint8_t *code, raw_ostream &os) {
  os << llvm::formatv("{0,20}  ", index);
  const Micro *micro = llvm::find_if(
      micros, [&](const Micro &entry) { return entry.code == code[0]; });
  if (micro == std::end(micros)) {
    os << "?" << unsigned(code[0]) << "\n";
    return;
  }
  os << micro->name << ' ' << sourceName(code[1]) << " =";
  if (micro->code == NPU_MICRO_CONST)
    os << ' ' << int32_t(endian::read32le(code + 4));
  for (unsigned i = 0; i < micro->sources; ++i)
    os << (i ? ", " : " ") << sourceName(code[2 + i]);
  os << "\n";
}

/// Prints the command at `offset` and says where the next one begins.
llvm::Expected<size_t> printCommand(ArrayRef<uint8_t> stream, size_t offset,
                                    unsigned index, raw_ostream &os) {
  ArrayRef<uint8_t> rest = stream.drop_front(offset);
  const Command *command = llvm::find_if(
      commands, [&](const Command &entry) { return entry.opcode == rest[0]; });
  if (command == std::end(commands))
    return llvm::createStringError("byte %zu: there is no opcode %u", offset,
                                   unsigned(rest[0]));
  size_t length = size_t(4) * endian::read16le(&rest[2]);
  if (length < command->bytes || length > rest.size()) {
    return llvm::createStringError(
        "byte %zu: %s of %zu bytes, expected at least %u and at most %zu",
        offset, command->name.data(), length, command->bytes, rest.size());
  }
  os << llvm::formatv("{0,6}  {1:x6}  {2}", index, offset, command->name);
  printByte1(command->opcode, rest[1], os);
  for (const Field &field : command->fields) {
    int64_t value = read(rest.data(), field);
    if (field.name == "programLength" ||
        (field.name.starts_with("reserved") && value == 0))
      continue;
    printField(field, value, os);
  }
  os << "\n";
  for (size_t at = command->bytes, i = 0; at + 8 <= length; at += 8, ++i)
    printMicro(i, &rest[at], os);
  return offset + length;
}

#define NPU_HEADER_FIELD(name, macro, offset, type) {#name, offset, Type::type},
const Field headerFields[] = {NPU_HEADER_FIELDS(NPU_HEADER_FIELD)};

uint32_t headerField(ArrayRef<uint8_t> stream, unsigned offset) {
  return endian::read32le(&stream[offset]);
}

uint32_t checksum(ArrayRef<uint8_t> stream) {
  return llvm::crc32(stream.drop_front(NPU_HEADER_BYTES));
}

} // namespace

std::vector<npu::StreamPlace> npu::findStreams(ArrayRef<uint8_t> file) {
  std::vector<StreamPlace> places;
  for (size_t at = 0; at + NPU_HEADER_BYTES <= file.size(); at += 4) {
    ArrayRef<uint8_t> rest = file.drop_front(at);
    if (headerField(rest, NPU_HEADER_MAGIC) != NPU_MAGIC)
      continue;
    size_t bytes = headerField(rest, NPU_HEADER_TOTAL_BYTES);
    if (bytes < NPU_HEADER_BYTES || bytes > rest.size() ||
        checksum(rest.take_front(bytes)) != headerField(rest, NPU_HEADER_CRC32))
      continue;
    places.push_back({at, bytes});
    at += (bytes - 1) / 4 * 4;
  }
  return places;
}

llvm::Error npu::disassemble(ArrayRef<uint8_t> stream, raw_ostream &os) {
  if (stream.size() < NPU_HEADER_BYTES)
    return llvm::createStringError("%zu bytes, a header has %d", stream.size(),
                                   NPU_HEADER_BYTES);
  if (headerField(stream, NPU_HEADER_MAGIC) != NPU_MAGIC)
    return llvm::createStringError("this is no command stream: it does not "
                                   "begin with ENPU");
  os << "header";
  for (const Field &field : headerFields) {
    int64_t value = read(stream.data(), field);
    bool isUnused = field.name.starts_with("reserved") && value == 0;
    if (field.name != "magic" && !isUnused)
      printField(field, value, os);
  }
  os << "\n";
  size_t offset = NPU_HEADER_BYTES;
  for (unsigned index = 0; offset + 4 <= stream.size(); ++index) {
    llvm::Expected<size_t> next = printCommand(stream, offset, index, os);
    if (!next)
      return next.takeError();
    offset = *next;
  }
  if (headerField(stream, NPU_HEADER_CRC32) != checksum(stream)) {
    return llvm::createStringError("damaged: the checksum is 0x%08x, the "
                                   "header says 0x%08x",
                                   checksum(stream),
                                   headerField(stream, NPU_HEADER_CRC32));
  }
  return llvm::Error::success();
}
