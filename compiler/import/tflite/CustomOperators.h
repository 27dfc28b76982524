//===- CustomOperators.h - custom operators that we know --------*- C++ -*-===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_CUSTOMOPERATORS_H
#define EDGEC_COMPILER_IMPORT_TFLITE_CUSTOMOPERATORS_H

#include "compiler/import/tflite/OperatorImport.h"
#include <flatbuffers/flexbuffers.h>

namespace edgec::tflite {

/// The operator's options as a FlexBuffers map, verified; none after an error.
std::optional<flexbuffers::Map> readMap(OperatorImport &n);

void importDetectionPostProcess(OperatorImport &n);

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_CUSTOMOPERATORS_H
