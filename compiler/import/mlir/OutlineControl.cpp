//===- OutlineControl.cpp - branches and loops become functions -----------===//
//
// Control flow in edge names functions of the module, so the regions of TOSA's
// and scf's operations move into functions, and what they read from around them
// becomes arguments. Scalars cross the border as tensors without dimensions,
// indices as 64-bit integers; the conversions of the insides come later, for
// each function as for the model's own.
//
//   %r = scf.if %c -> (tensor<4xf32>) {...}   =>
//     %t = tensor.from_elements %c : tensor<i1>
//     %r = edge.if %t then @model_then(%x) else @model_else()
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/Passes.h"
#include "dialects/edge/Control.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace edgec;
using llvm::SmallVector;
using llvm::SmallVectorImpl;
using mlir::Block;
using mlir::failure;
using mlir::LogicalResult;
using mlir::OpBuilder;
using mlir::Operation;
using mlir::RankedTensorType;
using mlir::Region;
using mlir::success;
using mlir::Type;
using mlir::Value;
using mlir::ValueRange;
namespace arith = mlir::arith;
namespace func = mlir::func;
namespace scf = mlir::scf;
namespace tensor = mlir::tensor;

//===-- scalars at the borders
//------------------------------------------------===//

static Type storedType(OpBuilder &builder, Type type) {
  if (mlir::isa<mlir::TensorType>(type))
    return type;
  if (type.isIndex())
    type = builder.getI64Type();
  return RankedTensorType::get({}, type);
}

/// The tensor that carries a value across a border.
static Value toStored(OpBuilder &builder, mlir::Location loc, Value value) {
  if (mlir::isa<mlir::TensorType>(value.getType()))
    return value;
  if (value.getType().isIndex())
    value =
        arith::IndexCastOp::create(builder, loc, builder.getI64Type(), value);
  auto type =
      mlir::cast<RankedTensorType>(storedType(builder, value.getType()));
  return tensor::FromElementsOp::create(builder, loc, type, value);
}

/// The reverse: the value of type `type` that a tensor carries.
static Value fromStored(OpBuilder &builder, mlir::Location loc, Value stored,
                        Type type) {
  if (mlir::isa<mlir::TensorType>(type))
    return stored;
  Value scalar = tensor::ExtractOp::create(builder, loc, stored, ValueRange());
  if (type.isIndex())
    scalar = arith::IndexCastOp::create(builder, loc, type, scalar);
  return scalar;
}

static SmallVector<Value> toStored(OpBuilder &builder, mlir::Location loc,
                                   ValueRange values) {
  SmallVector<Value> stored;
  for (Value value : values)
    stored.push_back(toStored(builder, loc, value));
  return stored;
}

//===-- functions
//-------------------------------------------------------------===//

namespace {
/// A function in the making, called from where the control operation stands.
struct Outlined {
  func::FuncOp function;
  /// what it reads from around it, in the order of its last arguments
  llvm::SetVector<Value> captures;
};

class Outliner {
public:
  Outliner(func::FuncOp model, mlir::SymbolTable &symbols)
      : model(model), symbols(symbols), builder(model.getContext()) {}

  /// Every control operation of the function; new functions are appended to
  /// `created`.
  LogicalResult run(SmallVectorImpl<func::FuncOp> &created);

private:
  LogicalResult outline(Operation *op);
  template <typename OpT>
  LogicalResult outlineIf(OpT op, Value condition, Region &thenRegion,
                          Region &elseRegion, ValueRange inputs);
  LogicalResult outlineFor(scf::ForOp op);
  LogicalResult outlineWhile(Operation *op, ValueRange inits, Region &before,
                             Region &after);

  using WriteBody = llvm::function_ref<SmallVector<Value>(
      ValueRange arguments, mlir::IRMapping &mapping)>;
  Outlined makeFunction(Operation *op, llvm::StringRef suffix,
                        llvm::ArrayRef<Type> arguments,
                        const llvm::SetVector<Value> &captures,
                        WriteBody write);
  SmallVector<Value> cloneBlock(Block &block, mlir::IRMapping &mapping);
  void replace(Operation *op, ValueRange stored);

  func::FuncOp model;
  mlir::SymbolTable &symbols;
  OpBuilder builder;
  SmallVectorImpl<func::FuncOp> *created = nullptr;
};
} // namespace

/// Copies a block to the builder's place; what its terminator passes on.
SmallVector<Value> Outliner::cloneBlock(Block &block,
                                        mlir::IRMapping &mapping) {
  for (Operation &op : block.without_terminator())
    builder.clone(op, mapping);
  SmallVector<Value> results;
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(mapping.lookupOrDefault(value));
  return results;
}

/// A private function of these arguments and the captures, whose body `write`
/// makes: it gets the arguments as values and returns the results.
Outlined Outliner::makeFunction(Operation *op, llvm::StringRef suffix,
                                llvm::ArrayRef<Type> arguments,
                                const llvm::SetVector<Value> &captures,
                                WriteBody write) {
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> stored;
  for (Type type : arguments)
    stored.push_back(storedType(builder, type));
  for (Value capture : captures)
    stored.push_back(storedType(builder, capture.getType()));
  auto function = func::FuncOp::create(
      op->getLoc(), (model.getSymName() + "_" + suffix).str(),
      builder.getFunctionType(stored, {}));
  function.setPrivate();
  symbols.insert(function);
  builder.setInsertionPointToStart(function.addEntryBlock());
  mlir::IRMapping mapping;
  SmallVector<Value> values;
  for (auto [argument, type] : llvm::zip(function.getArguments(), arguments))
    values.push_back(fromStored(builder, op->getLoc(), argument, type));
  for (auto [index, capture] : llvm::enumerate(captures)) {
    mapping.map(capture,
                fromStored(builder, op->getLoc(),
                           function.getArgument(arguments.size() + index),
                           capture.getType()));
  }
  SmallVector<Value> results = write(values, mapping);
  SmallVector<Value> storedResults = toStored(builder, op->getLoc(), results);
  func::ReturnOp::create(builder, op->getLoc(), storedResults);
  function.setFunctionType(builder.getFunctionType(
      stored, llvm::to_vector(ValueRange(storedResults).getTypes())));
  created->push_back(function);
  return {function, captures};
}

static llvm::SetVector<Value> capturesOf(llvm::ArrayRef<Region *> regions) {
  llvm::SetVector<Value> captures;
  for (Region *region : regions)
    mlir::getUsedValuesDefinedAbove(*region, captures);
  // Constants are copied instead: what is known stays known.
  captures.remove_if([](Value value) {
    Operation *producer = value.getDefiningOp();
    return producer && producer->hasTrait<mlir::OpTrait::ConstantLike>();
  });
  return captures;
}

static void copyConstants(OpBuilder &builder, llvm::ArrayRef<Region *> regions,
                          mlir::IRMapping &mapping) {
  llvm::SetVector<Value> used;
  for (Region *region : regions)
    mlir::getUsedValuesDefinedAbove(*region, used);
  for (Value value : used) {
    Operation *producer = value.getDefiningOp();
    if (producer && producer->hasTrait<mlir::OpTrait::ConstantLike>() &&
        !mapping.contains(value))
      builder.clone(*producer, mapping);
  }
}

void Outliner::replace(Operation *op, ValueRange stored) {
  builder.setInsertionPoint(op);
  for (auto [result, value] : llvm::zip_equal(op->getResults(), stored))
    result.replaceAllUsesWith(
        fromStored(builder, op->getLoc(), value, result.getType()));
  op->erase();
}

static SmallVector<Type> storedTypes(OpBuilder &builder,
                                     mlir::TypeRange types) {
  SmallVector<Type> stored;
  for (Type type : types)
    stored.push_back(storedType(builder, type));
  return stored;
}

//===-- branches
//--------------------------------------------------------------===//

template <typename OpT>
LogicalResult Outliner::outlineIf(OpT op, Value condition, Region &thenRegion,
                                  Region &elseRegion, ValueRange inputs) {
  auto branch = [&](Region &region, llvm::StringRef suffix) {
    return makeFunction(op, suffix, SmallVector<Type>(inputs.getTypes()),
                        capturesOf(&region),
                        [&](ValueRange arguments, mlir::IRMapping &mapping) {
                          copyConstants(builder, &region, mapping);
                          if (region.empty())
                            return SmallVector<Value>();
                          mapping.map(region.getArguments(), arguments);
                          return cloneBlock(region.front(), mapping);
                        });
  };
  Outlined thenBranch = branch(thenRegion, "then");
  Outlined elseBranch = branch(elseRegion, "else");
  builder.setInsertionPoint(op);
  mlir::Location loc = op->getLoc();
  auto operands = [&](const Outlined &outlined) {
    SmallVector<Value> values(inputs);
    llvm::append_range(values, outlined.captures);
    return toStored(builder, loc, values);
  };
  Value stored = toStored(builder, loc, condition);
  SmallVector<Value> thenOperands = operands(thenBranch),
                     elseOperands = operands(elseBranch);
  auto result = edge::IfOp::create(
      builder, loc, storedTypes(builder, op->getResultTypes()), stored,
      thenOperands, elseOperands, thenBranch.function.getSymName(),
      elseBranch.function.getSymName());
  replace(op, result.getResults());
  return success();
}

//===-- loops
//-----------------------------------------------------------------===//

/// `count` iterations from the lower bound on.
LogicalResult Outliner::outlineFor(scf::ForOp op) {
  if (!op.getInductionVar().getType().isIndex()) {
    return op.emitError() << "scf.for counts in "
                          << op.getInductionVar().getType()
                          << ", but only index is supported; cast the bounds";
  }
  mlir::Location loc = op.getLoc();
  builder.setInsertionPoint(op);
  Value lower = op.getLowerBound(), step = op.getStep();
  // The bounds are operands of the body as well.
  llvm::SetVector<Value> captures = capturesOf(&op.getRegion());
  auto capture = [&](Value value) {
    Operation *producer = value.getDefiningOp();
    if (!producer || !producer->hasTrait<mlir::OpTrait::ConstantLike>())
      captures.insert(value);
  };
  capture(lower);
  capture(step);
  SmallVector<Type> arguments{RankedTensorType::get({}, builder.getI64Type())};
  llvm::append_range(arguments, op.getInitArgs().getTypes());
  Outlined body = makeFunction(
      op, "for", arguments, captures,
      [&](ValueRange values, mlir::IRMapping &mapping) {
        copyConstants(builder, &op.getRegion(), mapping);
        auto inside = [&](Value value) {
          if (!mapping.contains(value))
            builder.clone(*value.getDefiningOp(), mapping);
          return mapping.lookup(value);
        };
        Value number =
            fromStored(builder, loc, values.front(), builder.getIndexType());
        Value distance =
            arith::MulIOp::create(builder, loc, number, inside(step));
        mapping.map(op.getInductionVar(),
                    arith::AddIOp::create(builder, loc, inside(lower), distance)
                        .getResult());
        mapping.map(op.getRegionIterArgs(), values.drop_front());
        return cloneBlock(*op.getBody(), mapping);
      });
  builder.setInsertionPoint(op);
  Value length = arith::SubIOp::create(builder, loc, op.getUpperBound(), lower);
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  length = arith::MaxSIOp::create(builder, loc, length, zero);
  Value count = arith::CeilDivSIOp::create(builder, loc, length, step);
  Value storedCount = toStored(builder, loc, count);
  SmallVector<Value> initial = toStored(builder, loc, op.getInitArgs());
  SmallVector<Value> captured =
      toStored(builder, loc, body.captures.getArrayRef());
  auto loop = edge::LoopOp::create(
      builder, loc, storedTypes(builder, op.getResultTypes()),
      mlir::FlatSymbolRefAttr::get(body.function), storedCount, Value(),
      initial, ValueRange(), captured, mlir::IntegerAttr(),
      builder.getBoolAttr(false));
  replace(op, loop.getResults());
  return success();
}

/// The first `before` runs here; every iteration runs `after` and `before`:
/// the states are what `before` passes on.
LogicalResult Outliner::outlineWhile(Operation *op, ValueRange inits,
                                     Region &before, Region &after) {
  mlir::Location loc = op->getLoc();
  bool isTosa = mlir::isa<mlir::tosa::WhileOp>(op);
  // [condition, states...]
  auto check = [&](ValueRange values, mlir::IRMapping &mapping) {
    mapping.map(before.getArguments(), values);
    SmallVector<Value> results = cloneBlock(before.front(), mapping);
    if (isTosa) // its condition passes nothing on but the answer
      llvm::append_range(results, values);
    return results;
  };
  builder.setInsertionPoint(op);
  mlir::IRMapping here;
  SmallVector<Value> first = check(inits, here);
  SmallVector<Type> arguments{RankedTensorType::get({}, builder.getI64Type())};
  for (Value state : llvm::ArrayRef(first).drop_front())
    arguments.push_back(state.getType());
  Region *regions[] = {&before, &after};
  Outlined body =
      makeFunction(op, "while", arguments, capturesOf(regions),
                   [&](ValueRange values, mlir::IRMapping &mapping) {
                     copyConstants(builder, regions, mapping);
                     mapping.map(after.getArguments(), values.drop_front());
                     SmallVector<Value> next =
                         cloneBlock(after.front(), mapping);
                     return check(next, mapping);
                   });
  builder.setInsertionPoint(op);
  SmallVector<Value> stored = toStored(builder, loc, first);
  SmallVector<Value> captured =
      toStored(builder, loc, body.captures.getArrayRef());
  auto loop = edge::LoopOp::create(
      builder, loc, storedTypes(builder, op->getResultTypes()),
      mlir::FlatSymbolRefAttr::get(body.function), Value(), stored.front(),
      ValueRange(stored).drop_front(), ValueRange(), captured,
      mlir::IntegerAttr(), builder.getBoolAttr(true));
  replace(op, loop.getResults());
  return success();
}

/// Whether values of the type can cross the border of a function.
static bool canCross(Type type) {
  auto tensor = mlir::dyn_cast<RankedTensorType>(type);
  return tensor ? tensor.hasStaticShape() : type.isIntOrIndexOrFloat();
}

/// Every operand, result and capture, and one block in every region.
static LogicalResult checkBorders(Operation *op) {
  llvm::SetVector<Value> values(op->operand_begin(), op->operand_end());
  values.insert(op->result_begin(), op->result_end());
  for (Region &region : op->getRegions()) {
    mlir::getUsedValuesDefinedAbove(region, values);
    if (!region.empty() && !region.hasOneBlock())
      return op->emitError() << "a region of several blocks is not supported; "
                                "write branches as scf.if";
  }
  for (Value value : values) {
    if (!canCross(value.getType())) {
      return op->emitError()
             << "a value of type " << value.getType()
             << " cannot enter or leave it; use scalars and tensors of static "
                "shape";
    }
  }
  return success();
}

bool edgec::isControlFlow(Operation *op) {
  return mlir::isa<scf::IfOp, scf::ForOp, scf::WhileOp, mlir::tosa::IfOp,
                   mlir::tosa::WhileOp>(op);
}

LogicalResult Outliner::outline(Operation *op) {
  if (!isControlFlow(op))
    return success();
  if (failed(checkBorders(op)))
    return failure();
  if (op->getNumResults() == 0) {
    // Nothing here has side effects.
    op->erase();
    return success();
  }
  if (auto branch = mlir::dyn_cast<scf::IfOp>(op))
    return outlineIf(branch, branch.getCondition(), branch.getThenRegion(),
                     branch.getElseRegion(), {});
  if (auto branch = mlir::dyn_cast<mlir::tosa::IfOp>(op))
    return outlineIf(branch, branch.getCondition(), branch.getThenGraph(),
                     branch.getElseGraph(), branch.getInputList());
  if (auto loop = mlir::dyn_cast<scf::ForOp>(op))
    return outlineFor(loop);
  if (auto loop = mlir::dyn_cast<scf::WhileOp>(op))
    return outlineWhile(op, loop.getInits(), loop.getBefore(), loop.getAfter());
  return outlineWhile(op, mlir::cast<mlir::tosa::WhileOp>(op).getInputList(),
                      mlir::cast<mlir::tosa::WhileOp>(op).getCondGraph(),
                      mlir::cast<mlir::tosa::WhileOp>(op).getBodyGraph());
}

LogicalResult Outliner::run(SmallVectorImpl<func::FuncOp> &functions) {
  created = &functions;
  bool ok = true;
  for (Operation &op :
       llvm::make_early_inc_range(model.getBody().front().without_terminator()))
    ok &= succeeded(outline(&op));
  return success(ok);
}

static constexpr size_t maxFunctions = 1000;

LogicalResult edgec::outlineControl(func::FuncOp model) {
  mlir::SymbolTable symbols(model->getParentOfType<mlir::ModuleOp>());
  // Functions that come out of one may hold control flow themselves.
  SmallVector<func::FuncOp> functions{model};
  for (size_t i = 0; i < functions.size(); ++i) {
    SmallVector<func::FuncOp> created;
    if (failed(Outliner(functions[i], symbols).run(created)))
      return failure();
    llvm::append_range(functions, created);
    // A loop's condition is copied, so nesting multiplies.
    if (functions.size() > maxFunctions) {
      return model.emitError()
             << "its control flow would become more than " << maxFunctions
             << " functions; nest fewer loops";
    }
  }
  return success();
}
