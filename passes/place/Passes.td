//===- Passes.td - the place and offload stages ---------------*- tablegen -*-===//
//
// Which processor computes what, and the programs of accelerators.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_PASSES
#define EDGEC_PASSES_PLACE_PASSES

include "mlir/Pass/PassBase.td"

def Place : Pass<"edge-place", "::mlir::ModuleOp"> {
  let summary = "group the kernels that accelerators compute into regions";
  let description = [{
    Compares what each kernel costs on the processor (by its cost model) with what regions of kernels cost on the
    module's accelerators (as their backends say), transfers and launches included, and looks for the partition that
    is best for the objective: minimum cuts of an additive model give starting points, a local search improves them by
    the predicted timeline of the whole program (`docs/rationale/place.md`). The result is never predicted to be worse
    than the processor alone, nor than all supported kernels on accelerators. A region never waits for what needs a
    result of its own.

    The operations are put into the order in which the host should begin them. Models for ranges of sizes stay on
    the processor; the bodies of branches and loops are placed each by itself.

    Needs: the fuse stage's contract, `schedule.machine`, `place.devices`; backends, which the compiler hands over.
    Without them the pass does nothing.
    Leaves: kernels that an accelerator computes in a `place.region`, with the reshapes
    between them and the constants that they read.

    Example:
    ```mlir
    %0 = schedule.kernel "conv2d_3x3" (%x, %f) ...
    %1 = schedule.kernel "softmax" (%0) ...
    ```
    becomes
    ```mlir
    %0 = place.region 0 (%x) : (tensor<1x8x8x4xi8>) -> tensor<1x8x8x4xi8> {
    ^bb0(%a: tensor<1x8x8x4xi8>):
      %f = edge.constant ...
      %r = schedule.kernel "conv2d_3x3" (%a, %f) ...
      place.yield %r : tensor<1x8x8x4xi8>
    }
    %1 = schedule.kernel "softmax" (%0) ...
    ```
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect", "::edgec::place::PlaceDialect", "::edgec::schedule::ScheduleDialect"];
  let options = [
    Option<"objective", "objective", "::edgec::place::Objective", "::edgec::place::Objective::latency",
           "what is to be small",
           [{::llvm::cl::values(
             clEnumValN(::edgec::place::Objective::latency, "latency", "the time of a run"),
             clEnumValN(::edgec::place::Objective::energy, "energy", "the energy of a run"),
             clEnumValN(::edgec::place::Objective::edp, "edp", "the product of both"))}]>,
    Option<"overrides", "overrides", "std::string", "\"\"", "a JSON file that says where nodes run">,
    Option<"randomSeed", "random-seed", "int64_t", "-1", "at least 0: place kernels at random instead, for tests">
  ];
  let statistics = [
    Statistic<"numRegions", "regions", "regions formed">,
    Statistic<"numPlaced", "placed", "kernels on accelerators">
  ];
}

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
