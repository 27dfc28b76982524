//===- MatrixUnit.cpp - instructions that multiply matrices ---------------===//
//
//   x86   AMX: ldtilecfg, tileloadd, tdpb{u,s}sd, tdpbf16ps, tilestored,
//         tilerelease (Intel 64 and IA-32 Architectures Software Developer's
//         Manual 325462, volume 1 chapter 18)
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/MatrixUnit.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/schedule/MachineFeatures.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

bool kernel::hasMatrixUnit(schedule::MachineAttr machine) {
  return machine && llvm::Triple(machine.getTriple()).isX86() &&
         machine.getVectorBits() == 512 &&
         schedule::hasFeature(machine, "amx-tile");
}

bool kernel::hasMatrixUnit(schedule::MachineAttr machine,
                           MatrixElements::Kind kind) {
  StringRef products = kind == MatrixElements::bytes ? "amx-int8" : "amx-bf16";
  return hasMatrixUnit(machine) && schedule::hasFeature(machine, products);
}

Value kernel::allocateOnStack(KernelBuilder &k, int64_t size, Type element) {
  auto function = k.begin.getParentRegion()->getParentOfType<func::FuncOp>();
  OpBuilder entry = OpBuilder::atBlockBegin(&function.getBody().front());
  return memref::AllocaOp::create(entry, k.loc,
                                  MemRefType::get({size}, element),
                                  entry.getI64IntegerAttr(64));
}

void MatrixUnit::call(StringRef name, ValueRange operands) {
  LLVM::CallIntrinsicOp::create(k.b, k.loc, k.b.getStringAttr(name), operands);
}

Value MatrixUnit::number(int64_t tile) {
  return arith::ConstantOp::create(k.b, k.loc, k.b.getI8IntegerAttr(tile));
}

Value MatrixUnit::address(Value buffer, Index at) {
  Type i64 = k.b.getI64Type();
  int64_t bytes =
      cast<MemRefType>(buffer.getType()).getElementTypeBitWidth() / 8;
  Value base =
      memref::ExtractAlignedPointerAsIndexOp::create(k.b, k.loc, buffer);
  // The constant last: neighbouring addresses share the rest.
  Value sum = base;
  if (at.dynamic) {
    sum = arith::AddIOp::create(k.b, k.loc, sum,
                                k.value(k.mul(Index(at.dynamic), bytes)));
  }
  if (at.constant) {
    sum = arith::AddIOp::create(k.b, k.loc, sum,
                                k.constantIndex(at.constant * bytes));
  }
  sum = arith::IndexCastOp::create(k.b, k.loc, i64, sum);
  return LLVM::IntToPtrOp::create(
      k.b, k.loc, LLVM::LLVMPointerType::get(k.b.getContext()), sum);
}

/// Layout of the 64 bytes: manual volume 1, table 18-1.
void MatrixUnit::configure(ArrayRef<TileShape> shapes) {
  constexpr size_t rowBytesAt = 16, rowsAt = 48;
  SmallVector<int8_t> bytes(64, 0);
  bytes[0] = 1;
  for (auto [tile, shape] : llvm::enumerate(shapes)) {
    bytes[rowBytesAt + 2 * tile] = int8_t(shape.rowBytes);
    bytes[rowsAt + tile] = int8_t(shape.rows);
  }
  Type i8 = k.b.getI8Type();
  auto type = VectorType::get(64, i8);
  Value buffer = allocateOnStack(k, 64, i8);
  Value values = arith::ConstantOp::create(
      k.b, k.loc, DenseElementsAttr::get(type, ArrayRef<int8_t>(bytes)));
  vector::StoreOp::create(k.b, k.loc, values, buffer,
                          ValueRange{k.constantIndex(0)});
  call("llvm.x86.ldtilecfg", address(buffer, 0));
}

void MatrixUnit::release() { call("llvm.x86.tilerelease", {}); }

void MatrixUnit::load(int64_t tile, Value buffer, Index at,
                      int64_t strideBytes) {
  Value stride =
      arith::ConstantOp::create(k.b, k.loc, k.b.getI64IntegerAttr(strideBytes));
  call("llvm.x86.tileloadd64", {number(tile), address(buffer, at), stride});
}

void MatrixUnit::store(int64_t tile, Value buffer, Index at,
                       int64_t strideBytes) {
  Value stride =
      arith::ConstantOp::create(k.b, k.loc, k.b.getI64IntegerAttr(strideBytes));
  call("llvm.x86.tilestored64", {number(tile), address(buffer, at), stride});
}

void MatrixUnit::multiply(int64_t sums, int64_t lhs, int64_t rhs) {
  StringRef name = elements.kind == MatrixElements::bfloats
                       ? "llvm.x86.tdpbf16ps"
                   : elements.isLhsUnsigned ? "llvm.x86.tdpbusd"
                                            : "llvm.x86.tdpbssd";
  call(name, {number(sums), number(lhs), number(rhs)});
}
