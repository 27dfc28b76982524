//===- InputShapes.cpp - fix the dynamic dimensions of a function ---------===//
//
//   func @f(%x: tensor<?x8xf32>)            func @f(%x: tensor<4x8xf32>)
//     %r = tosa.abs %x : tensor<?x8xf32> =>   %r = tosa.abs %x :
//     tensor<4x8xf32>
//
// Upstream's tosa-infer-shapes does the inference; where a type reaches the
// return it inserts a cast to the old one, which is dropped again here.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/InputShapes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"

using namespace edgec;
using mlir::failure;
using mlir::LogicalResult;
using mlir::RankedTensorType;
using mlir::success;

static std::string joinSizes(llvm::ArrayRef<int64_t> sizes) {
  return llvm::join(llvm::map_range(sizes,
                                    [](int64_t size) {
                                      return mlir::ShapedType::isDynamic(size)
                                                 ? std::string("<size>")
                                                 : std::to_string(size);
                                    }),
                    "x");
}

/// Gives one argument the shape of its option.
static LogicalResult applyOption(mlir::func::FuncOp model,
                                 mlir::BlockArgument argument,
                                 const InputShape &option) {
  auto type = mlir::dyn_cast<RankedTensorType>(argument.getType());
  bool fits = type && size_t(type.getRank()) == option.dimensions.size();
  for (size_t d = 0; fits && d < option.dimensions.size(); ++d)
    fits = type.isDynamicDim(d) || type.getDimSize(d) == option.dimensions[d];
  if (!fits) {
    return model.emitError()
           << "-shape gives '" << option.input << "' the shape "
           << joinSizes(option.dimensions) << ", which contradicts its type "
           << argument.getType();
  }
  argument.setType(type.clone(option.dimensions));
  return success();
}

static LogicalResult applyOptions(mlir::func::FuncOp model,
                                  const ImportOptions &options) {
  bool ok = true;
  for (const InputShape &option : options.shapes) {
    bool found = false;
    for (mlir::BlockArgument argument : model.getArguments()) {
      auto name = model.getArgAttrOfType<mlir::StringAttr>(
          argument.getArgNumber(), "edge.name");
      if (name != option.input)
        continue;
      found = true;
      ok &= succeeded(applyOption(model, argument, option));
    }
    if (!found) {
      ok = false;
      model.emitError() << "-shape names the input '" << option.input
                        << "', which the model lacks";
    }
  }
  for (mlir::BlockArgument argument : model.getArguments()) {
    auto type = mlir::dyn_cast<RankedTensorType>(argument.getType());
    if (!type || type.hasStaticShape())
      continue;
    ok = false;
    auto name = model.getArgAttrOfType<mlir::StringAttr>(
        argument.getArgNumber(), "edge.name");
    model.emitError() << "input '" << name.getValue()
                      << "' has the dynamic type " << type
                      << "; fix it with -shape=" << name.getValue() << "="
                      << joinSizes(type.getShape());
  }
  return success(ok);
}

static bool hasDynamicResults(mlir::func::FuncOp model) {
  auto isDynamic = [](mlir::Type type) {
    auto tensor = mlir::dyn_cast<mlir::TensorType>(type);
    return tensor && !tensor.hasStaticShape();
  };
  return model
      .walk([&](mlir::Operation *op) {
        return llvm::any_of(op->getResultTypes(), isDynamic)
                   ? mlir::WalkResult::interrupt()
                   : mlir::WalkResult::advance();
      })
      .wasInterrupted();
}

LogicalResult edgec::fixShapes(mlir::func::FuncOp model,
                               const ImportOptions &options) {
  if (failed(applyOptions(model, options)))
    return failure();
  mlir::Block &body = model.getBody().front();
  auto setType = [&](mlir::TypeRange results) {
    model.setFunctionType(mlir::FunctionType::get(
        model.getContext(), body.getArgumentTypes(), results));
  };
  setType(model.getResultTypes());
  if (hasDynamicResults(model)) {
    mlir::PassManager inference(model.getContext(),
                                mlir::func::FuncOp::getOperationName());
    inference.addPass(mlir::tosa::createTosaInferShapesPass());
    if (failed(inference.run(model)))
      return failure();
  }
  auto ret = mlir::dyn_cast<mlir::func::ReturnOp>(body.back());
  if (!ret)
    return success();
  for (mlir::OpOperand &operand : ret->getOpOperands()) {
    if (auto cast = operand.get().getDefiningOp<mlir::tensor::CastOp>()) {
      operand.set(cast.getSource());
      if (cast.use_empty())
        cast.erase();
    }
  }
  setType(ret.getOperandTypes());
  return success();
}
