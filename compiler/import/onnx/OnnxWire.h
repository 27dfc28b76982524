//===- OnnxWire.h - the fields of a protobuf message ------------*- C++ -*-===//
//
// A cursor over the wire format of one message. Nested messages, strings and
// tensor data are handed out as views, so reading allocates nothing, and a size
// is believed only after it was compared with the bytes that remain.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_ONNXWIRE_H
#define EDGEC_COMPILER_IMPORT_ONNX_ONNXWIRE_H

#include "llvm/ADT/StringRef.h"
#include <google/protobuf/io/coded_stream.h>
#include <string>

namespace edgec::onnx {

/// The first fault met while reading, shared by all cursors over one file.
struct WireFault {
  bool found = false;
  size_t offset = 0;
  std::string reason;
};

class WireReader {
public:
  enum class Kind { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

  /// `file` is the whole file (for offsets), `message` a view into it of at
  /// most 2^31 - 1 bytes.
  WireReader(llvm::StringRef file, llvm::StringRef message, WireFault &fault);

  /// Goes to the next field; false at the end of the message or after a fault.
  bool next();
  int field() const { return fieldNumber; }
  Kind kind() const { return fieldKind; }

  /// The current field's value; a field of another kind is a fault, and then
  /// the result is zero or empty.
  int64_t integer();
  float real();
  llvm::StringRef bytes();
  /// The payload of a repeated number: a packed run, or one element's own
  /// bytes, so that the concatenation of all payloads is the packed form.
  llvm::StringRef packed(Kind element);
  void skip();

  void fail(const llvm::Twine &reason);

private:
  size_t position() const;
  bool expect(Kind wanted);
  llvm::StringRef take(uint64_t sizeBytes);

  llvm::StringRef file, message;
  WireFault &fault;
  google::protobuf::io::CodedInputStream stream;
  int fieldNumber = 0;
  Kind fieldKind = Kind::Varint;
};

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_ONNXWIRE_H
