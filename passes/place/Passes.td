//===- Passes.td - the place and offload stages ---------------*- tablegen -*-===//
//
// Which processor computes what, and the programs of accelerators.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_PASSES
#define EDGEC_PASSES_PLACE_PASSES

include "mlir/Pass/PassBase.td"

def LowerRegions : Pass<"edge-lower-regions", "::mlir::ModuleOp"> {
  let summary = "have each region compiled by its device's backend";
  let description = [{
    A `place.region` becomes a program of the backend's own at the end of the module, an `rt.submit` of it where the region
    stood, and an `rt.wait` behind that. Its constants become an `rt.weights`.

    Needs: the place stage's contract.
    Leaves: no `place.region`; every `rt.submit` is followed by its `rt.wait`, and nothing else uses its results.
    Errors, at the region: its device has no backend here; what the backend says.

    Example:
    ```mlir
    %r = place.region 0 (%x) : (tensor<4xi8>) -> tensor<4xi8> { ... }
    ```
    becomes
    ```mlir
    %c = rt.get_weights @npu_0_constants : tensor<16xi8>
    %s, %t = rt.submit @npu_0 constants(%c : tensor<16xi8>) (%x) {device = 0 : i64, name = "npu_0", layers = "relu"} : (tensor<4xi8>) -> (tensor<0xi8>, tensor<4xi8>)
    %r = rt.wait(%t : tensor<4xi8>) holding(%s, %x : tensor<0xi8>, tensor<4xi8>) -> tensor<4xi8>
    ```
  }];
  let dependentDialects = ["::edgec::place::PlaceDialect", "::edgec::rt::RtDialect"];
  let statistics = [Statistic<"numPrograms", "programs", "programs for accelerators">];
}

def OverlapJobs : Pass<"edge-overlap-jobs", "::mlir::func::FuncOp"> {
  let summary = "order launches, submissions and waits so that the processors work at the same time";
  let description = [{
    List scheduling: of all steps whose operands are there, first the submissions, then the launches on the longest path
    to the end, and a wait only when nothing else is left to do or its job would be done by then (predicted times). A
    function without `rt.submit` stays as it is.

    Needs: the kernel stage's contract, predicted cycles and nanoseconds.
    Leaves: the same steps in another valid order.
  }];
  let dependentDialects = ["::edgec::rt::RtDialect"];
}

def EncodePrograms : Pass<"edge-encode-programs", "::mlir::ModuleOp"> {
  let summary = "turn the programs of accelerators into bytes";
  let description = [{
    Each program becomes an `rt.weights` of bytes, which its `rt.submit` takes as `commands`.

    Needs: what edge-lower-regions leaves.
    Leaves: no operation of a backend; every `rt.submit` has its commands.
    Errors, at the submission: there is no such program, or the backend cannot encode it.
  }];
  let dependentDialects = ["::edgec::rt::RtDialect"];
}

#endif
