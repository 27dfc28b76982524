//===- ShapeRanges.h - sizes that a run chooses ----------------*- C++ -*-===//
//
// `-shape=x=1..8x128` asks for an artifact that takes any first dimension from
// 1 to 8. Each combination of sizes is compiled with fixed shapes; here the
// ranges become these combinations.
//
//   ids=1..2x64..65, mask=1..2x64..65   ->   2x65, 2x64, 1x65, 1x64 for both
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_SHAPERANGES_H
#define EDGEC_COMPILER_IMPORT_SHAPERANGES_H

#include "compiler/import/Import.h"
#include "llvm/ADT/ArrayRef.h"

namespace edgec {

/// The most combinations of sizes: each costs the compile time of a model.
inline constexpr int64_t maxShapeVariants = 256;

/// The shapes that `shapes` stands for, the largest first. Ranges that are
/// written alike are one size, in the order in which they stand in an input:
/// the first `1..8` of one input goes with the first `1..8` of another.
llvm::Expected<std::vector<std::vector<InputShape>>>
expandRanges(llvm::ArrayRef<InputShape> shapes);

/// "-shape=x=3x128 -shape=y=3", for messages.
std::string describeShapes(llvm::ArrayRef<InputShape> shapes);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_SHAPERANGES_H
