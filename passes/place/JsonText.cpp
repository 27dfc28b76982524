//===- JsonText.cpp - JSON that users wrote -------------------------------===//
//
// See JsonText.h.
//
//===----------------------------------------------------------------------===//
#include "passes/place/JsonText.h"

using namespace edgec;
using llvm::StringRef;

static bool isShallow(StringRef text) {
  constexpr int deepest = 64;
  int depth = 0;
  for (char c : text) {
    depth += (c == '[' || c == '{') - (c == ']' || c == '}');
    if (depth > deepest)
      return false;
  }
  return true;
}

std::optional<llvm::json::Value> edgec::parseJsonText(
    StringRef text,
    llvm::function_ref<void(unsigned, unsigned, StringRef)> report) {
  if (!isShallow(text)) {
    report(0, 0, "brackets are nested more than 64 deep");
    return std::nullopt;
  }
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  if (value)
    return std::move(*value);
  // "[3:5, byte=40]: Expected ..."
  std::string message = llvm::toString(value.takeError());
  StringRef rest = message;
  unsigned line = 0, column = 0;
  rest.consume_front("[");
  rest.consumeInteger(10, line);
  rest.consume_front(":");
  rest.consumeInteger(10, column);
  report(line, column, rest.split("]: ").second);
  return std::nullopt;
}
