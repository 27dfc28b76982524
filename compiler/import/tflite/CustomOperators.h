//===- CustomOperators.h - custom operators that we know --------*- C++ -*-===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_CUSTOMOPERATORS_H
#define EDGEC_COMPILER_IMPORT_TFLITE_CUSTOMOPERATORS_H

#include "compiler/import/tflite/OperatorImport.h"
#include <flatbuffers/flexbuffers.h>

namespace edgec::tflite {

/// The operator's options as a FlexBuffers map, verified; none after an error.
std::optional<flexbuffers::Map> readMap(OperatorImport &n);

void importDetectionPostProcess(OperatorImport &n);

// TransformOperators.cpp
void importTransformLandmarks(OperatorImport &n);
void importTransformTensor(OperatorImport &n);
void importLandmarksToMatrix(OperatorImport &n);

/// A call of the user's C function `symbol` (compiler/import/Extension.h),
/// whose results have the types that the file declares.
void importCustomFunction(OperatorImport &n, llvm::StringRef symbol);

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_CUSTOMOPERATORS_H
