//===- CustomOperators.h - nodes that are the user's C functions -*- C++
//-*-===//
//
// The one row that stands for every operator that ImportExtensions maps to a C
// function.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_CUSTOMOPERATORS_H
#define EDGEC_COMPILER_IMPORT_ONNX_CUSTOMOPERATORS_H

#include "compiler/import/onnx/Operators.h"

namespace edgec::onnx {

const Operator &customFunctionOperator();

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_CUSTOMOPERATORS_H
