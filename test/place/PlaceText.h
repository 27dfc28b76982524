//===- PlaceText.h - graphs of kernels as text -----------------*- C++ -*-===//
#ifndef EDGEC_TEST_PLACE_PLACETEXT_H
#define EDGEC_TEST_PLACE_PLACETEXT_H

#include "dialects/edge/Edge.h"
#include "dialects/place/Place.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "passes/place/PlacementGraph.h"
#include "gmock/gmock.h"

namespace edgec::test {

inline constexpr llvm::StringLiteral machineText =
    "#schedule.machine<name = \"m\", triple = \"aarch64-unknown-linux-gnu\", "
    "cpu = \"cortex-a76\", features = \"\", vectorBits = 128, vectorRegisters "
    "= 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, "
    "fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, "
    "l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = "
    "1600, memoryBytesPerCycle = 400, cores = 4, clockMHz = 2000>";

/// "%r = schedule.kernel "relu" (%a, ...)": a sum of its operands, which are
/// all of one type.
inline std::string sumKernel(const std::string &result, const std::string &name,
                             const std::vector<std::string> &operands) {
  const std::string type = "tensor<64xf32>";
  std::string types, arguments, body, sum = "%a0";
  for (size_t i = 0; i < operands.size(); ++i) {
    types += (i ? ", " : "") + type;
    arguments += (i ? ", %a" : "%a") + std::to_string(i) + ": " + type;
    if (i == 0)
      continue;
    std::string next = "%s" + std::to_string(i);
    body += "  " + next + " = edge.add " + sum + ", %a" + std::to_string(i) +
            " : (" + type + ", " + type + ") -> " + type + "\n";
    sum = next;
  }
  body += "  %r = edge.relu " + sum + " : (" + type + ") -> " + type + "\n";
  return result + " = schedule.kernel \"" + name + "\" (" +
         llvm::join(operands, ", ") + ") : (" + types + ") -> " + type +
         " {\n^bb0(" + arguments + "):\n" + body +
         "  schedule.yield %r : " + type + "\n} loc(\"" + result.substr(1) +
         "\")\n";
}

inline std::string function(const std::string &body,
                            const std::string &result) {
  return "module attributes {schedule.machine = " + machineText.str() +
         "} {\nfunc.func @f(%x: tensor<64xf32>) -> tensor<64xf32> {\n" + body +
         "return " + result + " : tensor<64xf32>\n}\n}\n";
}

/// A module and the first function of it.
class PlaceText {
public:
  PlaceText() {
    context.loadDialect<edge::EdgeDialect, schedule::ScheduleDialect,
                        place::PlaceDialect, mlir::func::FuncDialect>();
  }
  mlir::func::FuncOp parse(const std::string &text) {
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module) << text;
    return *module->getOps<mlir::func::FuncOp>().begin();
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// A function of `count` kernels, each of which reads up to three earlier ones.
inline std::string randomGraph(unsigned count, uint64_t seed) {
  std::vector<std::string> values = {"%x"};
  std::string body;
  uint64_t state = seed * 6364136223846793005u + 1442695040888963407u;
  auto draw = [&](uint64_t choices) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % choices;
  };
  std::set<std::string> unread;
  for (unsigned i = 0; i < count; ++i) {
    std::vector<std::string> operands;
    for (uint64_t reads = 1 + draw(3); reads > 0; --reads) {
      // Near ones mostly.
      uint64_t back = std::min<uint64_t>(draw(4), values.size() - 1);
      operands.push_back(values[values.size() - 1 - back]);
      unread.erase(operands.back());
    }
    std::string result = "%k" + std::to_string(i);
    body += sumKernel(result, draw(5) ? "sum" : "softmax", operands);
    values.push_back(result);
    unread.insert(result);
  }
  body += sumKernel("%last", "sum",
                    std::vector<std::string>(unread.begin(), unread.end()));
  return function(body, "%last");
}

} // namespace edgec::test

#endif // EDGEC_TEST_PLACE_PLACETEXT_H
