//===- GenericCases.cpp - loops over scalar computations ------------------===//
//
// Regions are short, so the cases are IR as text: `%x`, `%y` are the operands
// and `%r` is the result.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Generic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Parser/Parser.h"
#include "test/kernel/Cases.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

/// Copies the operators of a function, whose arguments become inputs in
/// `range`, into the graph. Every result is an output.
static void writeText(GraphWriter &graph, StringRef text, Tolerance tolerance,
                      Interval range) {
  MLIRContext *context = graph.builder.getContext();
  context->loadDialect<arith::ArithDialect, math::MathDialect,
                       tensor::TensorDialect>();
  auto module = parseSourceString<ModuleOp>(text, context);
  if (!module)
    llvm::report_fatal_error("a case does not parse");
  auto function = *module->getOps<func::FuncOp>().begin();
  IRMapping mapping;
  for (BlockArgument argument : function.getArguments())
    mapping.map(argument, graph.input(shapeOf(argument), range));
  for (Operation &op : function.getBody().front().without_terminator())
    graph.builder.clone(op, mapping);
  Operation *end = function.getBody().front().getTerminator();
  for (Value result : end->getOperands())
    graph.output(mapping.lookup(result), tolerance);
}

static Case generic(std::string name, std::string text,
                    Tolerance tolerance = Tolerance::elementwise(),
                    Interval range = {}) {
  return {"generic " + name, [=](GraphWriter &graph) {
            writeText(graph, text, tolerance, range);
          }};
}

/// One scalar operation (or a few, the last one %r) on elements of %a and %b.
static Case scalar(std::string operations, Interval range = {-4.0, 4.0},
                   Tolerance tolerance = Tolerance::elementwise()) {
  return generic("of " + operations, R"(
    #id = affine_map<(i, j) -> (i, j)>
    #row = affine_map<(i, j) -> (j)>
    func.func @f(%x: tensor<3x37xf32>, %y: tensor<37xf32>) -> tensor<3x37xf32> {
      %r = edge.generic (%x, %y) {sizes = array<i64: 3, 37>, maps = [#id, #row, #id]}
          : (tensor<3x37xf32>, tensor<37xf32>) -> tensor<3x37xf32> {
      ^bb0(%i: index, %j: index, %a: f32, %b: f32):
        )" + operations + R"(
        edge.generic_yield %r : f32
      }
      return %r : tensor<3x37xf32>
    })",
                 tolerance, range);
}

/// An operation on the integers between -8 and 8 that %a and %b truncate to.
static Case integer(std::string operation) {
  return scalar("%m = arith.fptosi %a : f32 to i32\n"
                "%n = arith.fptosi %b : f32 to i32\n" +
                    operation + "\n%r = arith.sitofp %v : i32 to f32",
                {-8.0, 8.0}, Tolerance::exact());
}

static std::vector<Case> scalarCases() {
  std::vector<Case> cases = {
      scalar("%0 = arith.mulf %a, %b : f32\n%r = arith.subf %0, %a : f32"),
      scalar("%0 = arith.cmpf ugt, %a, %b : f32\n"
             "%r = arith.select %0, %a, %b : f32",
             {}, Tolerance::exact()),
      scalar("%r = arith.maxnumf %a, %b : f32", {}, Tolerance::exact()),
      scalar("%r = arith.minimumf %a, %b : f32", {}, Tolerance::exact()),
      scalar("%0 = math.exp %a : f32\n%r = math.tanh %0 : f32"),
      scalar("%0 = math.absf %a : f32\n%1 = math.log %0 : f32\n"
             "%r = math.copysign %1, %b : f32"),
      scalar("%0 = math.absf %a : f32\n%r = math.powf %0, %b : f32"),
      scalar("%r = math.exp2 %a : f32"),
      scalar("%r = math.fma %a, %b, %a : f32"),
      scalar("%r = math.trunc %a : f32", {-9, 9}, Tolerance::exact()),
      scalar("%r = math.round %a : f32", {-9, 9}, Tolerance::exact()),
      scalar("%0 = math.isfinite %a : f32\n%r = arith.uitofp %0 : i1 to f32",
             {}, Tolerance::exact()),
      // What a float becomes that no integer is near to. One conversion each:
      // QEMU 7.2 stops at the second one of a block on RISC-V.
      scalar("%c = arith.constant 1.0e9 : f32\n%0 = arith.mulf %a, %c : f32\n"
             "%1 = arith.fptosi %0 : f32 to i8\n"
             "%2 = arith.sitofp %1 : i8 to f32\n%r = arith.addf %2, %b : f32"),
      scalar("%c = arith.constant 1.6e9 : f32\n%0 = arith.mulf %a, %c : f32\n"
             "%1 = arith.fptoui %0 : f32 to i32\n"
             "%r = arith.uitofp %1 : i32 to f32",
             {-4.0, 4.0}, Tolerance::exact()),
      // Indices.
      scalar("%0 = arith.muli %i, %j : index\n"
             "%1 = arith.index_cast %0 : index to i32\n"
             "%2 = arith.sitofp %1 : i32 to f32\n%r = arith.addf %2, %a : f32"),
  };
  for (const char *name :
       {"divsi", "remsi", "floordivsi", "ceildivsi", "divui", "remui", "shli",
        "shrsi", "shrui", "andi", "ori", "xori", "maxui", "minsi"})
    cases.push_back(
        integer(std::string("%v = arith.") + name + " %m, %n : i32"));
  cases.push_back(integer("%v = math.ctlz %m : i32"));
  cases.push_back(integer("%0 = arith.extsi %m : i32 to i64\n"
                          "%1 = arith.bitcast %a : f32 to i32\n"
                          "%2 = arith.extui %1 : i32 to i64\n"
                          "%3 = arith.cmpi ult, %0, %2 : i64\n"
                          "%v = arith.extsi %3 : i1 to i32"));
  return cases;
}

/// A contraction that has no operator: squared differences.
static const char *const distances = R"(
  #a = affine_map<(m, n, k) -> (m, k)>
  #b = affine_map<(m, n, k) -> (n, k)>
  #c = affine_map<(m, n, k) -> (m, n)>
  func.func @f(%x: tensor<5x19xf32>, %y: tensor<35x19xf32>, %z: tensor<5x35xf32>) -> tensor<5x35xf32> {
    %r = edge.generic (%x, %y) inits(%z) {sizes = array<i64: 5, 35, 19>, maps = [#a, #b, #c]}
        : (tensor<5x19xf32>, tensor<35x19xf32>, tensor<5x35xf32>) -> tensor<5x35xf32> {
    ^bb0(%m: index, %n: index, %k: index, %a: f32, %b: f32, %s: f32):
      %0 = arith.subf %a, %b : f32
      %1 = arith.mulf %0, %0 : f32
      %2 = arith.addf %s, %1 : f32
      edge.generic_yield %2 : f32
    }
    %s = edge.sqrt %r : (tensor<5x35xf32>) -> tensor<5x35xf32>
    %t = edge.add %s, %z : (tensor<5x35xf32>, tensor<5x35xf32>) -> tensor<5x35xf32>
    return %t : tensor<5x35xf32>
  })";

/// The largest element of each row and where it is: two results.
static const char *const argMax = R"(
  #x = affine_map<(i, k, j) -> (i, k, j)>
  #r = affine_map<(i, k, j) -> (j, i)>
  func.func @f(%x: tensor<3x21x18xf32>) -> (tensor<18x3xf32>, tensor<18x3xf32>) {
    %low = edge.constant {value = dense<-1.0e30> : tensor<18x3xf32>} : tensor<18x3xf32>
    %none = edge.constant {value = dense<-1.0> : tensor<18x3xf32>} : tensor<18x3xf32>
    %v:2 = edge.generic (%x) inits(%low, %none) {sizes = array<i64: 3, 21, 18>, maps = [#x, #r, #r]}
        : (tensor<3x21x18xf32>, tensor<18x3xf32>, tensor<18x3xf32>) -> (tensor<18x3xf32>, tensor<18x3xf32>) {
    ^bb0(%i: index, %k: index, %j: index, %a: f32, %best: f32, %at: f32):
      %0 = arith.cmpf ogt, %a, %best : f32
      %1 = arith.index_cast %k : index to i32
      %2 = arith.select %0, %a, %best : f32
      %3 = arith.sitofp %1 : i32 to f32
      %4 = arith.select %0, %3, %at : f32
      edge.generic_yield %2, %4 : f32, f32
    }
    return %v#0, %v#1 : tensor<18x3xf32>, tensor<18x3xf32>
  })";

/// Elements named by others, some of them outside of the table.
static const char *const lookUp = R"(
  #id = affine_map<(i) -> (i)>
  #none = affine_map<(i) -> ()>
  func.func @f(%x: tensor<41xf32>, %y: tensor<7x5xf32>) -> tensor<41xf32> {
    %r = edge.generic (%x, %y) {sizes = array<i64: 41>, maps = [#id, #none, #id]}
        : (tensor<41xf32>, tensor<7x5xf32>) -> tensor<41xf32> {
    ^bb0(%i: index, %a: f32, %table: tensor<7x5xf32>):
      %scale = arith.constant 12.0 : f32
      %0 = arith.mulf %a, %scale : f32
      %1 = arith.fptosi %0 : f32 to i32
      %2 = arith.index_cast %1 : i32 to index
      %3 = tensor.extract %table[%2, %i] : tensor<7x5xf32>
      edge.generic_yield %3 : f32
    }
    return %r : tensor<41xf32>
  })";

/// Reads backwards, apart, through a floor and a remainder, and one element.
static const char *const oddAccesses = R"(
  #x = affine_map<(i, j) -> (8 - i, j * 2 + 1)>
  #y = affine_map<(i, j) -> (j floordiv 3, (i + j) mod 4)>
  #z = affine_map<(i, j) -> (i ceildiv 2, 0)>
  #r = affine_map<(i, j) -> (i, j)>
  func.func @f(%x: tensor<9x46xf32>, %y: tensor<8x4xf32>, %z: tensor<5x2xf32>) -> tensor<9x22xf32> {
    %r = edge.generic (%x, %y, %z) {sizes = array<i64: 9, 22>, maps = [#x, #y, #z, #r]}
        : (tensor<9x46xf32>, tensor<8x4xf32>, tensor<5x2xf32>) -> tensor<9x22xf32> {
    ^bb0(%i: index, %j: index, %a: f32, %b: f32, %c: f32):
      %0 = arith.mulf %a, %b : f32
      %1 = arith.addf %0, %c : f32
      edge.generic_yield %1 : f32
    }
    return %r : tensor<9x22xf32>
  })";

/// Everything in one number, without an init: the last point stays.
static const char *const lastPoint = R"(
  #x = affine_map<(i, j) -> (i, j)>
  #r = affine_map<(i, j) -> ()>
  func.func @f(%x: tensor<5x7xf32>) -> tensor<f32> {
    %r = edge.generic (%x) {sizes = array<i64: 5, 7>, maps = [#x, #r]} : (tensor<5x7xf32>) -> tensor<f32> {
    ^bb0(%i: index, %j: index, %a: f32):
      edge.generic_yield %a : f32
    }
    return %r : tensor<f32>
  })";

/// Between two convolutions: the operand may have a halo and the result needs
/// one.
static const char *const betweenConvolutions = R"(
  #id = affine_map<(n, h, w, c) -> (n, h, w, c)>
  #up = affine_map<(n, h, w, c) -> (n, w, h, c)>
  func.func @f(%x: tensor<1x9x9x5xf32>, %f: tensor<5x3x3x5xf32>) -> tensor<1x9x9x5xf32> {
    %0 = edge.conv2d %x, %f {pads = array<i64: 1, 1, 1, 1>}
        : (tensor<1x9x9x5xf32>, tensor<5x3x3x5xf32>) -> tensor<1x9x9x5xf32>
    %1 = edge.generic (%0, %0) {sizes = array<i64: 1, 9, 9, 5>, maps = [#id, #up, #id]}
        : (tensor<1x9x9x5xf32>, tensor<1x9x9x5xf32>) -> tensor<1x9x9x5xf32> {
    ^bb0(%n: index, %h: index, %w: index, %c: index, %a: f32, %b: f32):
      %2 = arith.subf %a, %b : f32
      edge.generic_yield %2 : f32
    }
    %3 = edge.conv2d %1, %f {pads = array<i64: 1, 1, 1, 1>}
        : (tensor<1x9x9x5xf32>, tensor<5x3x3x5xf32>) -> tensor<1x9x9x5xf32>
    %4 = edge.conv2d %0, %f {pads = array<i64: 1, 1, 1, 1>}
        : (tensor<1x9x9x5xf32>, tensor<5x3x3x5xf32>) -> tensor<1x9x9x5xf32>
    %5 = edge.add %3, %4 : (tensor<1x9x9x5xf32>, tensor<1x9x9x5xf32>) -> tensor<1x9x9x5xf32>
    return %5 : tensor<1x9x9x5xf32>
  })";

std::vector<Case> edgec::test::genericCases() {
  std::vector<Case> cases = scalarCases();
  cases.push_back(generic("distances", distances, {}));
  cases.push_back(generic("arg max", argMax, Tolerance::exact()));
  cases.push_back(generic("look-up", lookUp, Tolerance::exact()));
  cases.push_back(generic("odd accesses", oddAccesses));
  cases.push_back(generic("last point", lastPoint, Tolerance::exact()));
  cases.push_back(generic("between convolutions", betweenConvolutions, {}));
  return cases;
}
