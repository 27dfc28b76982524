/* An extension of the compiler: teaches it the operators of the ONNX domain
 * "com.example" without touching its sources.
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

using namespace edgec;
using namespace edgec::onnx;

static void importClampedLine(NodeImport &n) {
  float slope = n.real("slope", 1), offset = n.real("offset", 0);
  mlir::Value line = n.make<edge::MulOp>({n.operand(0), n.splat(slope)});
  line = n.make<edge::AddOp>({line, n.splat(offset)});
  n.set(0, n.make<edge::ClampOp>({line},
                                 {n.attr("min", 0.0F), n.attr("max", 1.0F)}));
}

extern "C" const char *edgec_register_extension(ImportExtensions &extensions) {
  static constexpr Operator rows[] = {
      {"ClampedLine", {1}, 1, 1, importClampedLine},
  };
  extensions.addOnnx("com.example", rows);
  return EDGEC_EXTENSION_VERSION;
}
