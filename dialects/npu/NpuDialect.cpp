//===- NpuDialect.cpp - registration ---------------------------*- C++ -*-===//
//
// Registers the npu dialect and knows the sizes of its words.
//
//===----------------------------------------------------------------------===//
#include "dialects/npu/Npu.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec::npu;

#include "dialects/npu/NpuDialect.cpp.inc"
#include "dialects/npu/NpuEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/npu/NpuAttributes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/npu/Npu.cpp.inc"

void NpuDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/npu/NpuAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/npu/Npu.cpp.inc"
      >();
}

int64_t edgec::npu::bytesOf(Element element) {
  switch (element) {
  case Element::none:
    return 0;
  case Element::i8:
  case Element::u8:
    return 1;
  case Element::i16:
  case Element::u16:
    return 2;
  case Element::i32:
    return 4;
  }
  return 0;
}

unsigned edgec::npu::sourceCount(MicroOp op) {
  switch (op) {
  case MicroOp::constant:
    return 0;
  case MicroOp::mov:
  case MicroOp::neg:
  case MicroOp::abs:
  case MicroOp::to_float:
  case MicroOp::round_even:
  case MicroOp::sext8:
  case MicroOp::zext8:
  case MicroOp::sext16:
  case MicroOp::zext16:
  case MicroOp::table:
    return 1;
  case MicroOp::rescale_double:
  case MicroOp::rescale_single:
    return 3;
  default:
    return 2;
  }
}
