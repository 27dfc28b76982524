//===- SpatialOperators.cpp - operators that rearrange images -------------===//
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Window.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::SmallVector;
using mlir::Value;

static bool isImage(NodeImport &n) {
  if (n.rank(0) == 4)
    return true;
  n.error() << "the input of shape " << shapeText(n.shape(0))
            << " should be [N, C, H, W]";
  return false;
}

static void importDepthToSpace(NodeImport &n) {
  int64_t block = n.integer("blocksize", 0);
  llvm::StringRef mode = n.string("mode", "DCR");
  if (mode != "DCR" && mode != "CRD")
    n.error() << "attribute 'mode' is '" << mode
              << "', but should be DCR or CRD";
  if (!isImage(n))
    return;
  Value result =
      depthToSpace(n, toChannelsLast(n, n.operand(0)), block, mode == "DCR");
  n.set(0, toChannelsFirst(n, result, 4));
}

static void importSpaceToDepth(NodeImport &n) {
  int64_t block = n.integer("blocksize", 0);
  if (!isImage(n))
    return;
  Value result = spaceToDepth(n, toChannelsLast(n, n.operand(0)), block);
  n.set(0, toChannelsFirst(n, result, 4));
}

llvm::ArrayRef<Operator> onnx::spatialOperators() {
  static constexpr Operator rows[] = {
      {"DepthToSpace",
       {1, 13},
       1,
       1,
       importDepthToSpace,
       nullptr,
       types::anyType},
      {"SpaceToDepth",
       {1, 13},
       1,
       1,
       importSpaceToDepth,
       nullptr,
       types::anyType},
  };
  return rows;
}
