//===- Attention.h - softmax(Q K' + bias) V, of many heads ------*- C++ -*-===//
//
// What the attention operators of all domains are made of. Key heads that
// several query heads share are never repeated: the query heads of a group are
// more rows of the same matrix product.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_ATTENTION_H
#define EDGEC_COMPILER_IMPORT_ONNX_ATTENTION_H

#include "compiler/import/onnx/NodeImport.h"

namespace edgec::onnx {

struct AttentionInputs {
  /// [B, H, L, D], [B, K, T, D] and [B, K, T, V]; H is a multiple of K.
  mlir::Value query, key, value;
  /// Added to the scores, broadcasts to [B, H, L, T]; null for none.
  mlir::Value bias;
  /// Whether it may be -infinity in all of a row.
  bool mayBlockRows = false;
  float scale = 1;
  /// Scores are softcap * tanh(score / softcap), if it is not 0.
  float softcap = 0;
  /// The element type of the softmax; null for that of the scores.
  mlir::Type precision;
};

/// Each of [B, H, L, T], but `output` of [B, H, L, V]; null after an error.
struct AttentionResults {
  mlir::Value scores, capped, biased, probabilities, output;
};

/// Checks the shapes. A row whose bias is -infinity everywhere has the
/// probabilities 0.
AttentionResults makeAttention(NodeImport &n, const AttentionInputs &inputs);

/// The two halves of it: Q K' * scale, and P V.
mlir::Value makeScores(NodeImport &n, const AttentionInputs &inputs);
mlir::Value weighValues(NodeImport &n, mlir::Value probabilities,
                        mlir::Value value);
bool checkAttention(NodeImport &n, const AttentionInputs &inputs);

/// [B, L, H * D] to [B, H, L, D], and back.
mlir::Value splitHeads(NodeImport &n, mlir::Value value, int64_t heads);
mlir::Value joinHeads(NodeImport &n, mlir::Value value);

/// 0 where `allowed` (i1) holds, `masked` elsewhere; of the type of `like`.
mlir::Value biasOf(NodeImport &n, mlir::Value allowed, mlir::Value like,
                   double masked);

/// Which keys a query sees: query i stands at position i + offset.
struct Band {
  int64_t queries, keys;
  /// A number of keys before the first query; or, if not null, that number as
  /// a tensor of int32 that broadcasts to [queries, keys] or more.
  int64_t offset = 0;
  mlir::Value offsets = {};
  /// How many keys before and after its position; none for all.
  std::optional<int64_t> left = std::nullopt, right = std::nullopt;
};

/// i1, broadcasts to [queries, keys]; null when every key is seen.
mlir::Value allowedIn(NodeImport &n, const Band &band);

/// Lists of positions are written out; a declared shape must not fill memory.
constexpr int64_t maxPositions = 1 << 20;

/// The positions 0, 1, ... as int32, along the one dimension of `shape` that is
/// not 1; null after an error.
mlir::Value positions(NodeImport &n, llvm::ArrayRef<int64_t> shape);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_ATTENTION_H
