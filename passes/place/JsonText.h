//===- JsonText.h - JSON that users wrote ----------------------*- C++ -*-===//
//
// LLVM's parser calls itself for each bracket and tells the place of a fault in
// its message. Files of users are parsed here: brackets are counted first, and
// the place is a number.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_JSONTEXT_H
#define EDGEC_PASSES_PLACE_JSONTEXT_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"
#include <optional>

namespace edgec {

/// The value of `text`. Otherwise nothing, and `report` hears what is wrong and
/// where: line and column from 1, 0 for the whole file.
std::optional<llvm::json::Value>
parseJsonText(llvm::StringRef text,
              llvm::function_ref<void(unsigned line, unsigned column,
                                      llvm::StringRef fault)>
                  report);

} // namespace edgec

#endif // EDGEC_PASSES_PLACE_JSONTEXT_H
