//===- EdgeGeneric.td - loops over a scalar computation -------------------===//
//
// The operator for everything that has no operator of its own: what a
// linalg.generic says, on tensors of static shape. Why there is one:
// docs/rationale/edge.md.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_GENERIC_TD
#define EDGE_GENERIC_TD

include "dialects/edge/EdgeBase.td"

def Edge_GenericOp : Edge_Op<"generic", [IsolatedFromAbove, AttrSizedOperandSegments,
    SingleBlockImplicitTerminator<"GenericYieldOp">]> {
  let summary = "a scalar computation in a nest of loops";
  let description = [{
    Runs the region once for each point of the loops `sizes`, in row-major order. The region's arguments are the loops'
    indices, then for each input the element that its map names (or the whole tensor, to be read with
    `tensor.extract`), then, when there are `inits`, the element of each result so far. What it yields becomes that
    element. Loops that no result's map names therefore reduce; without `inits` the last point's value stays.

    | operand | shape | meaning |
    |---|---|---|
    | `inputs` | any | read at `maps[i]`, or whole |
    | `inits` | as the results; none or one each | the elements before the first point |
    | `sizes` | positive | lengths of the loops |
    | `maps` | one per input, then one per result | from the loops' indices to the tensor's; that of a whole tensor is not used |
    | `results` | any | their maps are plain indices, each at most once |

    The region holds operations of `arith` and `math` on scalars and `tensor.extract`, which reads the nearest element
    when an index lies outside of its tensor. An integer divided by zero gives 0; floats become the nearest integer
    that the type has, NaN becomes 0; a shift by the width or more gives what shifting bit by bit would.

    Errors: C1 a size is not positive, or the loops have too many points to count; C2 there is not one map per input and
    result, or a map has not the loops' number of inputs or the tensor's rank of outputs; C3 the results' maps are not
    plain indices of the same loops, each once, over the results' whole shapes; C4 a map leaves its tensor; C5 the
    inits are not none or one per result, of its type; C6 the region's arguments or what it yields do not fit; C7
    the region holds something else than scalar operations without side effects.

    Source: linalg.generic (MLIR 22). Example, a matrix product of which each factor is squared:
    ```mlir
    %r = edge.generic (%a, %b) inits(%zero) {sizes = array<i64: 4, 3, 8>, maps = [affine_map<(m, n, k) -> (m, k)>,
        affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]}
        : (tensor<4x8xf32>, tensor<8x3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32> {
    ^bb0(%m: index, %n: index, %k: index, %x: f32, %y: f32, %sum: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.mulf %0, %0 : f32
      %2 = arith.addf %sum, %1 : f32
      edge.generic_yield %2 : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Edge_Tensor>:$inputs, Variadic<Edge_Tensor>:$inits, DenseI64ArrayAttr:$sizes,
    AffineMapArrayAttr:$maps);
  let results = (outs Variadic<Edge_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`(` $inputs `)` (`inits` `(` $inits^ `)`)? attr-dict `:` functional-type(operands, results) $body";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::AffineMap getInputMap(unsigned input) { return ::llvm::cast<::mlir::AffineMapAttr>(getMaps()[input]).getValue(); }
    ::mlir::AffineMap getResultMap(unsigned result) { return getInputMap(getInputs().size() + result); }
    /// The region's argument for a loop's index, an input or an init.
    ::mlir::BlockArgument getIndexArgument(unsigned loop) { return getBody().getArgument(loop); }
    ::mlir::BlockArgument getInputArgument(unsigned input) { return getBody().getArgument(getSizes().size() + input); }
    ::mlir::BlockArgument getInitArgument(unsigned init) {
      return getBody().getArgument(getSizes().size() + getInputs().size() + init);
    }
    /// Whether the region gets the input as a whole.
    bool readsWhole(unsigned input) { return ::llvm::isa<::mlir::TensorType>(getInputArgument(input).getType()); }
    /// The loops that the results' maps do not name, outermost first.
    ::llvm::SmallVector<unsigned> getReductionLoops();
  }];
}

def Edge_GenericYieldOp : Edge_Op<"generic_yield", [Terminator, ParentOneOf<["GenericOp"]>]> {
  let summary = "the elements that a generic operator's region has computed";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}
#endif
