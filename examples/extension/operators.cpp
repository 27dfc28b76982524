/* An extension of the compiler: teaches it the operators of the ONNX domain
 * "com.example", and TFLite's custom operator of the same name, without
 * touching its sources.
 *
 *     edgec -load-extension=build/lib/libexample-operators.so sensor.onnx \
 *           -custom-operator=com.example.Median3=median3 -link=median3.o -o
 * s.so
 *
 * ClampedLine (x; slope, offset) = min(max(slope * x + offset, 0), 1) is
 * written with operators of the compiler, so it is fused like one of its own.
 */
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/Extension.h"
#include "compiler/import/tflite/CustomOperators.h"
#include "compiler/import/tflite/Operators.h"

using namespace edgec;

/// What both front doors make of the operator.
static mlir::Value makeClampedLine(OpMaker &n, mlir::Value x, float slope,
                                   float offset) {
  mlir::Value line = n.make<edge::MulOp>({x, n.splat(slope)});
  line = n.make<edge::AddOp>({line, n.splat(offset)});
  return n.make<edge::ClampOp>({line},
                               {n.attr("min", 0.0F), n.attr("max", 1.0F)});
}

/// Attributes: slope, offset.
static void importNode(onnx::NodeImport &n) {
  float slope = n.real("slope", 1), offset = n.real("offset", 0);
  n.set(0, makeClampedLine(n, n.operand(0), slope, offset));
}

/// Options: a FlexBuffers map of slope and offset.
static void importCustom(tflite::OperatorImport &n) {
  if (auto options = tflite::readMap(n))
    n.set(0, makeClampedLine(n, n.operand(0), (*options)["slope"].AsFloat(),
                             (*options)["offset"].AsFloat()));
}

extern "C" const char *edgec_register_extension(ImportExtensions &extensions) {
  static constexpr onnx::Operator nodes[] = {
      {"ClampedLine", {1}, 1, 1, importNode},
  };
  static constexpr tflite::CustomOperator customs[] = {
      {"ClampedLine", 1, 1, 1, importCustom},
  };
  extensions.addOnnx("com.example", nodes);
  extensions.addTflite(customs);
  return EDGEC_EXTENSION_VERSION;
}
