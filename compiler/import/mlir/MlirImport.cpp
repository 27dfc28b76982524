//===- MlirImport.cpp - from MLIR text or bytecode to edge ----------------===//
//
// Parses and verifies, converts TOSA, and checks that what is left is what
// every importer promises: one public function of edge ops on static float32
// tensors with named arguments and results.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/MlirImport.h"
#include "compiler/import/mlir/InputShapes.h"
#include "compiler/import/mlir/Passes.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/SourceMgr.h"

using namespace edgec;
using llvm::StringRef;
using mlir::failure;
using mlir::LogicalResult;
using mlir::success;

namespace {
/// The mapped file as a buffer that keeps the mapping, for resources of
/// bytecode that stay where they are.
class MappedBuffer : public llvm::MemoryBuffer {
public:
  explicit MappedBuffer(const MappedFile &file, StringRef name)
      : file(file), name(name) {
    init(file.bytes().begin(), file.bytes().end(),
         /*RequiresNullTerminator=*/false);
  }
  BufferKind getBufferKind() const override { return MemoryBuffer_MMap; }
  StringRef getBufferIdentifier() const override { return name; }

private:
  MappedFile file;
  std::string name;
};
} // namespace

static std::unique_ptr<llvm::MemoryBuffer> makeBuffer(const MappedFile &file,
                                                      StringRef path) {
  constexpr size_t pageBytes = 4096;
  StringRef bytes = file.bytes();
  bool onPage = reinterpret_cast<uintptr_t>(bytes.data()) % pageBytes == 0;
  // The text parser needs a terminating zero, bytecode aligned resources.
  if (mlir::isBytecode(file.ref()) && onPage)
    return std::make_unique<MappedBuffer>(file, path);
  auto copy = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(
      bytes.size(), path, llvm::Align(pageBytes));
  if (copy)
    llvm::copy(bytes, copy->getBufferStart());
  return copy;
}

/// The one public function that is the model.
static mlir::func::FuncOp findModel(mlir::ModuleOp module) {
  mlir::func::FuncOp model;
  for (mlir::Operation &op : *module.getBody()) {
    auto function = mlir::dyn_cast<mlir::func::FuncOp>(op);
    if (!function || function.isDeclaration() || model) {
      op.emitError() << "a model's file holds one function with a body and "
                        "nothing else";
      return nullptr;
    }
    model = function;
  }
  if (!model)
    module.emitError() << "the module holds no function";
  return model;
}

/// Every operation that no conversion knows; TOSA reports its own.
static LogicalResult checkOperators(mlir::func::FuncOp model) {
  bool ok = true;
  for (mlir::Operation &op : model.getBody().front().without_terminator()) {
    StringRef dialect = op.getName().getDialectNamespace();
    if (dialect == "tosa" || dialect == "edge" || isStructured(&op))
      continue;
    ok = false;
    op.emitError() << "'" << op.getName()
                   << "' is not supported; a model is of the dialects edge, "
                      "tosa and linalg, with tensor, arith and math";
  }
  return success(ok);
}

static bool isComputable(mlir::Type element) {
  if (auto integer = mlir::dyn_cast<mlir::IntegerType>(element))
    return llvm::is_contained({1, 8, 16, 32, 64}, integer.getWidth());
  return element.isF16() || element.isBF16() || element.isF32() ||
         element.isF64();
}

/// Every tensor static and of a type that kernels compute, every op of the edge
/// dialect.
static LogicalResult checkTypes(mlir::func::FuncOp model) {
  auto supported = [](mlir::Type type) {
    auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type);
    return tensor && tensor.hasStaticShape() && tensor.getNumElements() > 0 &&
           isComputable(tensor.getElementType());
  };
  bool ok = true;
  for (auto [index, type] : llvm::enumerate(model.getArgumentTypes())) {
    if (!supported(type)) {
      ok = false;
      model.emitError()
          << "argument " << index << " is " << type
          << ", but only tensors of static shape, of i1, integers "
             "of 8 to 64 bits, f16, bf16, f32 or f64 are "
             "supported";
    }
  }
  for (mlir::Operation &op : model.getBody().front().without_terminator()) {
    for (mlir::Type type : op.getResultTypes()) {
      if (!supported(type)) {
        ok = false;
        op.emitError() << "its result is " << type
                       << ", but only tensors of static shape, of i1, integers "
                          "of 8 to 64 bits, f16, bf16, f32 or f64 are "
                          "supported";
      }
    }
  }
  if (model.getNumResults() == 0) {
    ok = false;
    model.emitError() << "the model has no results";
  }
  return success(ok);
}

static void nameValues(mlir::func::FuncOp model) {
  mlir::Builder builder(model.getContext());
  for (unsigned i = 0; i < model.getNumArguments(); ++i) {
    if (!model.getArgAttrOfType<mlir::StringAttr>(i, "edge.name"))
      model.setArgAttr(i, "edge.name",
                       builder.getStringAttr("input_" + llvm::Twine(i)));
  }
  for (unsigned i = 0; i < model.getNumResults(); ++i) {
    if (!model.getResultAttrOfType<mlir::StringAttr>(i, "edge.name"))
      model.setResultAttr(i, "edge.name",
                          builder.getStringAttr("output_" + llvm::Twine(i)));
  }
}

mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
edgec::importMlir(const MappedFile &file, StringRef path,
                  const ImportOptions &options, mlir::MLIRContext &context) {
  context.loadDialect<edge::EdgeDialect, mlir::func::FuncDialect,
                      mlir::tosa::TosaDialect, mlir::linalg::LinalgDialect,
                      mlir::tensor::TensorDialect, mlir::arith::ArithDialect,
                      mlir::math::MathDialect, mlir::scf::SCFDialect>();
  auto sources = std::make_shared<llvm::SourceMgr>();
  auto buffer = makeBuffer(file, path);
  if (!buffer)
    return mlir::emitError(mlir::FileLineColLoc::get(&context, path, 0, 0))
           << "not enough memory to read the model";
  sources->AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(sources, &context);
  if (!module)
    return failure();
  mlir::func::FuncOp model = findModel(*module);
  if (!model)
    return failure();
  if (!model.getBody().hasOneBlock())
    return model.emitError() << "a model is one function of one block";
  if (options.onOperator) {
    model.walk([&](mlir::Operation *op) {
      if (op != model && !op->hasTrait<mlir::OpTrait::IsTerminator>())
        options.onOperator(op->getName().getStringRef(), op->getLoc());
    });
  }
  nameValues(model);
  if (failed(fixShapes(model, options)) || failed(checkOperators(model)) ||
      failed(convertTosa(model)) || failed(convertStructured(model)) ||
      failed(mlir::verify(*module)) || failed(checkTypes(model)))
    return failure();
  model.setPublic();
  model.setSymName(options.modelName);
  return module;
}
