//===- EdgeBase.td - the edge dialect, its types and op classes -----------===//
#ifndef EDGE_BASE_TD
#define EDGE_BASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Edge_Dialect : Dialect {
  let name = "edge";
  let cppNamespace = "::edgec::edge";
  let summary = "the graph of a trained network";
  let description = [{
    The edge dialect says what a network computes, never how. Values are ranked
    tensors of static shape; a tensor is a value, not a buffer. Activations are
    `[N, H, W, C]`, filters `[O, KH, KW, I]`, both row-major. Element types are
    floats, integers, and upstream `!quant.uniform` types (per tensor and per
    channel): a quantized operator is the same operator on quantized types.

    Every operator infers its result type from its operands; the constraints are
    labelled C1, C2, ... in the documentation, in the diagnostics and in the tests.
    `targets/evaluator` gives every operator's meaning in plain loops.
  }];
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::mlir::quant::QuantDialect"];
}

def Edge_QuantizedType : Type<CPred<"::llvm::isa<::mlir::quant::QuantizedType>($_self)">, "quantized type">;
def Edge_Element : AnyTypeOf<[AnyFloat, AnySignlessInteger, AnyUnsignedInteger, AnySignedInteger, Edge_QuantizedType]>;
def Edge_Tensor : StaticShapeTensorOf<[Edge_Element]>;
def Edge_Tensor4D : ConfinedType<Edge_Tensor, [CPred<"::llvm::cast<::mlir::RankedTensorType>($_self).getRank() == 4">],
    "4-dimensional tensor of static shape, [N, H, W, C] or [O, KH, KW, I]", "::mlir::RankedTensorType">;
def Edge_Tensor1D : ConfinedType<Edge_Tensor, [CPred<"::llvm::cast<::mlir::RankedTensorType>($_self).getRank() == 1">],
    "1-dimensional tensor of static shape", "::mlir::RankedTensorType">;

/// Each result element depends on the operands' elements at the same position
/// (after NumPy broadcasting) and on nothing else.
def Edge_Elementwise : NativeOpTrait<"ElementwiseTrait"> { let cppNamespace = "::edgec::edge"; }

class Edge_Op<string mnemonic, list<Trait> traits = []> : Op<Edge_Dialect, mnemonic, !listconcat([Pure], traits)>;

/// An operator whose result type follows from its operands and attributes.
/// Quantized results keep the inferred shape and may choose their own scale.
class Edge_InferredOp<string mnemonic, list<Trait> traits = []>
    : Edge_Op<mnemonic, !listconcat([InferTypeOpAdaptorWithIsCompatible], traits)> {
  let extraClassDefinition = [{
    bool $cppClass::isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
      return ::edgec::edge::isCompatibleResult(inferred, actual);
    }
  }];
}

class Edge_UnaryOp<string mnemonic, string formula, list<Trait> traits = []>
    : Edge_InferredOp<mnemonic, !listconcat([Edge_Elementwise], traits)> {
  let summary = "elementwise " # formula;
  let description = "`result[i] = " # formula # [{` for every element.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any | the input |
    | `result` | as `x` | |

    Example: `%r = edge.}] # mnemonic # [{ %x : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, ::std::optional<::mlir::Location>,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &results) {
      results.push_back(adaptor.getX().getType());
      return ::mlir::success();
    }
    bool $cppClass::isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
      return ::edgec::edge::isCompatibleResult(inferred, actual);
    }
  }];
}

class Edge_BinaryOp<string mnemonic, string formula, list<Trait> traits = []>
    : Edge_InferredOp<mnemonic, !listconcat([Edge_Elementwise], traits)> {
  let summary = "elementwise " # formula # " with NumPy broadcasting";
  let description = "`result[i] = " # formula # [{` after the operands were broadcast as NumPy does:
    shapes are aligned at their last dimension; a missing or 1-sized dimension repeats. Integer results wrap at their
    width; integer division truncates towards zero.

    | operand | shape | meaning |
    |---|---|---|
    | `lhs`, `rhs` | broadcastable to one shape | the inputs |
    | `result` | the common shape | |

    Errors: C1 the shapes are not broadcastable; C2 the element types differ (quantized types may).

    Example: `%r = edge.}] # mnemonic # [{ %a, %b : (tensor<1x4x4x8xf32>, tensor<8xf32>) -> tensor<1x4x4x8xf32>`
  }];
  let arguments = (ins Edge_Tensor:$lhs, Edge_Tensor:$rhs);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, ::std::optional<::mlir::Location> loc,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &results) {
      return ::edgec::edge::inferBroadcast(loc, adaptor.getLhs().getType(), adaptor.getRhs().getType(), results);
    }
    bool $cppClass::isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
      return ::edgec::edge::isCompatibleResult(inferred, actual);
    }
  }];
}

/// A question about two numbers; the answer is i1.
class Edge_CompareOp<string mnemonic, string formula, list<Trait> traits = []>
    : Edge_InferredOp<mnemonic, !listconcat([Edge_Elementwise], traits)> {
  let summary = "whether " # formula # ", elementwise with NumPy broadcasting";
  let description = "`result[i]` is 1 where " # formula # [{` and 0 elsewhere; nothing compares with a NaN.

    | operand | shape | meaning |
    |---|---|---|
    | `lhs`, `rhs` | broadcastable to one shape | the inputs |
    | `result` | the common shape, i1 | |

    Errors: C1 the shapes are not broadcastable; C2 the element types differ or are quantized.

    Example: `%r = edge.}] # mnemonic # [{ %a, %b : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xi1>`
  }];
  let arguments = (ins Edge_Tensor:$lhs, Edge_Tensor:$rhs);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, ::std::optional<::mlir::Location> loc,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &results) {
      return ::edgec::edge::inferComparison(loc, adaptor.getLhs().getType(), adaptor.getRhs().getType(), results);
    }
    bool $cppClass::isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
      return inferred == actual;
    }
  }];
}

/// A question about one number; the answer is i1.
class Edge_TestOp<string mnemonic, string formula> : Edge_InferredOp<mnemonic, [Edge_Elementwise]> {
  let summary = "whether " # formula # ", elementwise";
  let description = "`result[i]` is 1 where " # formula # [{` and 0 elsewhere.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, float | the input |
    | `result` | as `x`, i1 | |

    Errors: C1 `x` is not float.

    Example: `%r = edge.}] # mnemonic # [{ %x : (tensor<4xf32>) -> tensor<4xi1>`
  }];
  let arguments = (ins Edge_Tensor:$x);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, ::std::optional<::mlir::Location> loc,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &results) {
      return ::edgec::edge::inferTest(loc, adaptor.getX().getType(), results);
    }
    bool $cppClass::isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
      return inferred == actual;
    }
  }];
}

class Edge_ReduceOp<string mnemonic, string formula>
    : Edge_InferredOp<mnemonic> {
  let summary = formula # " over some dimensions";
  let description = "The " # formula # [{ of all elements that differ only in the dimensions `axes`.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any | the input |
    | `axes` | ascending, each in [0, rank) | the dimensions that vanish |
    | `keep_dims` | | they stay, of size 1 |

    Errors: C1 an axis lies outside [0, rank) or the axes do not ascend.

    Example: `%r = edge.}] # mnemonic # [{ %x {axes = array<i64: 1, 2>, keep_dims = true} : (tensor<1x7x7x8xf32>) -> tensor<1x1x1x8xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, DenseI64ArrayAttr:$axes, DefaultValuedAttr<BoolAttr, "false">:$keep_dims);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, ::std::optional<::mlir::Location> loc,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &results) {
      return ::edgec::edge::inferReduce(loc, adaptor.getX().getType(), adaptor.getAxes(), adaptor.getKeepDims(), results);
    }
    bool $cppClass::isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
      return ::edgec::edge::isCompatibleResult(inferred, actual);
    }
  }];
}

#endif
