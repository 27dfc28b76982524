//===- MlirImport.cpp - from MLIR text or bytecode to edge ----------------===//
//
// Parses and verifies, converts TOSA, and checks that what is left is what
// every importer promises: one public function of edge ops on static float32
// tensors with named arguments and results.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/MlirImport.h"
#include "compiler/import/mlir/BytecodeCheck.h"
#include "compiler/import/mlir/InputShapes.h"
#include "compiler/import/mlir/ParseLimits.h"
#include "compiler/import/mlir/Passes.h"
#include "compiler/import/mlir/TrialRun.h"
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
#include <unistd.h>

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

static void loadModelDialects(mlir::MLIRContext &context) {
  context.loadDialect<edge::EdgeDialect, mlir::func::FuncDialect,
                      mlir::tosa::TosaDialect, mlir::linalg::LinalgDialect,
                      mlir::tensor::TensorDialect, mlir::arith::ArithDialect,
                      mlir::math::MathDialect, mlir::scf::SCFDialect>();
}

/// Lets a child process read the file first.
static LogicalResult tryReading(const MappedFile &file, StringRef path,
                                mlir::MLIRContext &context) {
  constexpr unsigned seconds = 15;
  Trial trial = runTrial(
      [&] {
        mlir::MLIRContext own(mlir::MLIRContext::Threading::DISABLED);
        loadModelDialects(own);
        mlir::ScopedDiagnosticHandler silence(
            &own, [](mlir::Diagnostic &) { return success(); });
        auto sources = std::make_shared<llvm::SourceMgr>();
        if (auto buffer = makeBuffer(file, path))
          sources->AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
        mlir::Block block;
        mlir::ParserConfig config(&own, /*verifyAfterParse=*/false);
        (void)mlir::parseSourceFile(sources, &block, config);
        // What the block holds ends with the process.
        _exit(0);
      },
      seconds);
  if (trial == Trial::passed)
    return success();
  return mlir::emitError(mlir::FileLineColLoc::get(&context, path, 0, 0))
         << "the file is damaged: MLIR's reader "
         << (trial == Trial::crashed ? "fails on it" : "does not end")
         << "; write it anew with mlir-opt";
}

/// The verified module, or null after errors; what would nest too deep for the
/// parser or the verifier is refused before.
static mlir::OwningOpRef<mlir::ModuleOp>
parseModule(const MappedFile &file, StringRef path,
            const std::shared_ptr<llvm::SourceMgr> &sources,
            mlir::MLIRContext &context) {
  bool isBytecode = mlir::isBytecode(file.ref());
  if (unsigned line = isBytecode ? 0 : findDeepNesting(file.bytes())) {
    mlir::emitError(mlir::FileLineColLoc::get(&context, path, line, 1))
        << "brackets nest deeper than " << maxTextNesting
        << " levels; no model needs that";
    return nullptr;
  }
  if (isBytecode && hasOverfullTable(file.bytes())) {
    mlir::emitError(mlir::FileLineColLoc::get(&context, path, 0, 0))
        << "the file is damaged: it has more attributes or types than it says; "
           "write it anew with mlir-opt";
    return nullptr;
  }
  mlir::ParserConfig config(&context, /*verifyAfterParse=*/false);
  if (failed(tryReading(file, path, context)))
    return nullptr;
  // The bytecode reader fails without a word on some files.
  bool isReported = false;
  mlir::ScopedDiagnosticHandler listener(&context, [&](mlir::Diagnostic &) {
    isReported = true;
    return failure();
  });
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(sources, config);
  if (!module && !isReported)
    mlir::emitError(mlir::FileLineColLoc::get(&context, path, 0, 0))
        << "the file is not MLIR that can be read; write it anew with mlir-opt";
  if (!module)
    return nullptr;
  if (mlir::Operation *deep = findDeepOperation(*module)) {
    deep->emitError() << "regions nest deeper than " << maxRegionNesting
                      << " levels; no model needs that";
    return nullptr;
  }
  if (failed(mlir::verify(*module)))
    return nullptr;
  return module;
}

/// The one function that is the model; private ones beside it are what its
/// branches and loops run.
static mlir::func::FuncOp findModel(mlir::ModuleOp module) {
  mlir::func::FuncOp model;
  bool isAlone = llvm::hasSingleElement(*module.getBody());
  for (mlir::Operation &op : *module.getBody()) {
    auto function = mlir::dyn_cast<mlir::func::FuncOp>(op);
    bool isModel = function && (isAlone || !function.isPrivate());
    if (!function || function.isDeclaration() || (isModel && model)) {
      op.emitError() << "a model's file holds one function with a body, and "
                        "private ones that its branches and loops run";
      return nullptr;
    }
    if (!function.getBody().hasOneBlock()) {
      function.emitError() << "a model is one function of one block";
      return nullptr;
    }
    if (isModel)
      model = function;
  }
  if (!model)
    module.emitError() << "the module holds no function";
  return model;
}

/// What branches and loops run is not converted: it is of the edge dialect.
static LogicalResult checkDialect(mlir::func::FuncOp function) {
  for (mlir::Operation &op : function.getBody().front().without_terminator()) {
    if (!mlir::isa_and_nonnull<edge::EdgeDialect>(op.getDialect())) {
      return op.emitError()
             << "'" << op.getName()
             << "' is not of the edge dialect; functions that edge.if and "
                "edge.loop run are";
    }
  }
  return success();
}

/// Gives the model its name, and the functions beside it names that begin with
/// that.
static LogicalResult nameFunctions(mlir::ModuleOp module,
                                   mlir::func::FuncOp model, StringRef name) {
  mlir::SymbolTable symbols(module);
  for (auto function : module.getOps<mlir::func::FuncOp>()) {
    if (function == model)
      continue;
    std::string longer = (name + "_" + function.getSymName()).str();
    if (failed(symbols.rename(function, longer)))
      return failure();
  }
  return symbols.rename(model, name);
}

static bool isComputable(mlir::Type element) {
  if (auto integer = mlir::dyn_cast<mlir::IntegerType>(element))
    return llvm::is_contained({1, 8, 16, 32, 64}, integer.getWidth());
  return element.isF16() || element.isBF16() || element.isF32() ||
         element.isF64();
}

/// Whether an op's result is what a quantization stores, or the way back to
/// real numbers: edge-fuse-quantization computes those on integers.
static bool isBetweenPair(mlir::Operation &op) {
  if (!mlir::isa<edge::QuantizeOp, edge::BitcastOp>(op))
    return false;
  auto tensor = mlir::cast<mlir::RankedTensorType>(op.getResult(0).getType());
  auto element =
      mlir::dyn_cast<mlir::quant::QuantizedType>(tensor.getElementType());
  return mlir::isa_and_nonnull<mlir::quant::UniformQuantizedType,
                               mlir::quant::UniformQuantizedPerAxisType>(
             element) &&
         element.getExpressedType().isF32() &&
         llvm::is_contained({8u, 16u, 32u},
                            element.getStorageTypeIntegralWidth()) &&
         llvm::all_of(op.getUsers(), [](mlir::Operation *user) {
           return mlir::isa<edge::DequantizeOp, edge::BitcastOp>(user);
         });
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
      if (!supported(type) && !isBetweenPair(op)) {
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
  loadModelDialects(context);
  auto sources = std::make_shared<llvm::SourceMgr>();
  auto buffer = makeBuffer(file, path);
  if (!buffer)
    return mlir::emitError(mlir::FileLineColLoc::get(&context, path, 0, 0))
           << "not enough memory to read the model";
  sources->AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  auto module = parseModule(file, path, sources, context);
  if (!module)
    return failure();
  mlir::func::FuncOp model = findModel(*module);
  if (!model)
    return failure();
  if (options.onOperator) {
    model.walk([&](mlir::Operation *op) {
      if (op != model && !op->hasTrait<mlir::OpTrait::IsTerminator>())
        options.onOperator(op->getName().getStringRef(), op->getLoc());
    });
  }
  nameValues(model);
  if (failed(fixShapes(model, options)) || failed(convertModel(model)) ||
      failed(mlir::verify(*module)) || failed(checkTypes(model)))
    return failure();
  for (auto function : (*module).getOps<mlir::func::FuncOp>()) {
    if (function != model &&
        (failed(checkDialect(function)) || failed(checkTypes(function))))
      return failure();
  }
  model.setPublic();
  if (failed(nameFunctions(*module, model, options.modelName)))
    return failure();
  return module;
}
