//===- OnnxWire.cpp - the fields of a protobuf message --------------------===//
//
// protobuf's own CodedInputStream decodes tags and varints; this file adds the
// views and the bounds. Groups (wire types 3 and 4) are long obsolete and no
// ONNX writer emits them, so they are a fault and nothing here recurses.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/OnnxWire.h"
#include "llvm/ADT/Twine.h"
#include <cstring>
#include <google/protobuf/wire_format_lite.h>

using namespace edgec::onnx;
using google::protobuf::internal::WireFormatLite;

WireReader::WireReader(llvm::StringRef file, llvm::StringRef message,
                       WireFault &fault)
    : file(file), message(message), fault(fault),
      stream(reinterpret_cast<const uint8_t *>(message.data()),
             static_cast<int>(message.size())) {}

size_t WireReader::position() const {
  return static_cast<size_t>(stream.CurrentPosition());
}

void WireReader::fail(const llvm::Twine &reason) {
  if (fault.found)
    return;
  fault.found = true;
  fault.offset = message.data() - file.data() + position();
  fault.reason = reason.str();
}

bool WireReader::next() {
  if (fault.found || position() == message.size())
    return false;
  uint32_t tag = stream.ReadTag();
  fieldNumber = WireFormatLite::GetTagFieldNumber(tag);
  unsigned kind = tag & 7;
  if (tag == 0 || fieldNumber == 0) {
    fail("no field starts here");
    return false;
  }
  if (kind == 3 || kind == 4 || kind > 5) {
    fail("field " + llvm::Twine(fieldNumber) + " has the unknown wire type " +
         llvm::Twine(kind));
    return false;
  }
  fieldKind = static_cast<Kind>(kind);
  return true;
}

bool WireReader::expect(Kind wanted) {
  if (fieldKind == wanted)
    return true;
  fail("field " + llvm::Twine(fieldNumber) + " has wire type " +
       llvm::Twine(static_cast<int>(fieldKind)) + " instead of " +
       llvm::Twine(static_cast<int>(wanted)));
  return false;
}

llvm::StringRef WireReader::take(uint64_t sizeBytes) {
  size_t start = position();
  size_t left = message.size() - start;
  if (sizeBytes > left || !stream.Skip(static_cast<int>(sizeBytes))) {
    fail("field " + llvm::Twine(fieldNumber) + " needs " +
         llvm::Twine(sizeBytes) + " bytes, " + llvm::Twine(left) + " are left");
    return {};
  }
  return message.substr(start, sizeBytes);
}

int64_t WireReader::integer() {
  uint64_t value = 0;
  if (!expect(Kind::Varint))
    return 0;
  if (!stream.ReadVarint64(&value)) {
    fail("field " + llvm::Twine(fieldNumber) + " is a number without an end");
    return 0;
  }
  return static_cast<int64_t>(value);
}

float WireReader::real() {
  if (!expect(Kind::Fixed32))
    return 0;
  llvm::StringRef payload = take(sizeof(float));
  float value = 0;
  if (payload.size() == sizeof value)
    memcpy(&value, payload.data(), sizeof value);
  return value;
}

llvm::StringRef WireReader::bytes() {
  uint64_t size = 0;
  if (!expect(Kind::Bytes))
    return {};
  if (!stream.ReadVarint64(&size)) {
    fail("field " + llvm::Twine(fieldNumber) + " has a size without an end");
    return {};
  }
  return take(size);
}

llvm::StringRef WireReader::packed(Kind element) {
  if (fieldKind == Kind::Bytes)
    return bytes();
  if (!expect(element))
    return {};
  if (element != Kind::Varint)
    return take(element == Kind::Fixed32 ? 4 : 8);
  size_t start = position();
  integer();
  return message.slice(start, position());
}

void WireReader::skip() {
  switch (fieldKind) {
  case Kind::Varint:
    integer();
    break;
  case Kind::Fixed32:
    take(4);
    break;
  case Kind::Fixed64:
    take(8);
    break;
  case Kind::Bytes:
    bytes();
    break;
  }
}
