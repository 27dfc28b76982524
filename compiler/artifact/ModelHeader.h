//===- ModelHeader.h - a C header for one model ----------------*- C++ -*-===//
//
// What a static artifact needs beside its archive: the declaration of its
// descriptor function and its sizes as constants, so that an embedder can
// reserve the arena and the buffers at compile time.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_ARTIFACT_MODELHEADER_H
#define EDGEC_COMPILER_ARTIFACT_MODELHEADER_H

#include "dialects/rt/Rt.h"
#include <string>

namespace edgec {

/// One input or output of a model.
struct InterfaceTensor {
  std::string name;
  /// Of the largest sizes.
  mlir::RankedTensorType type;
  /// The smallest size of each dimension, if a run chooses sizes; else empty.
  std::vector<int64_t> least = {};
};

/// A model as an embedder sees it.
struct ModelInterface {
  std::string name;
  std::vector<InterfaceTensor> inputs;
  std::vector<InterfaceTensor> outputs;
  int64_t arenaBytes = 0;
  int64_t weightsBytes = 0;
  /// Combinations of sizes besides the largest.
  int64_t variantCount = 0;

  /// `program` is the model's, `variants` are those of its other sizes.
  static ModelInterface of(rt::ProgramOp program,
                           llvm::ArrayRef<rt::ProgramOp> variants = {});
};

/// The text of NAME.h.
std::string modelHeader(const ModelInterface &interface);

} // namespace edgec

#endif // EDGEC_COMPILER_ARTIFACT_MODELHEADER_H
