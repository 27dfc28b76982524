//===- MatrixCost.cpp - how long a matrix unit takes ----------------------===//
//
// A step loads the tiles of lhs and rhs and multiplies each with each, while
// the vector unit turns the sums of another block into results: the longer one
// counts. Rates are AMX's, the only such unit that there are kernels for:
// Intel 64 and IA-32 Architectures Optimization Reference Manual (248966),
// "Intel AMX instruction throughput and latency" (a product of 16 rows every 16
// cycles, a load of 16 rows every 8, 52 cycles until sums can be read).
//
//===----------------------------------------------------------------------===//
#include "passes/schedule/MatrixCost.h"
#include "passes/schedule/CostModel.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace edgec::schedule;

double edgec::schedule::matrixCycles(const MatrixWork &work,
                                     MachineAttr machine) {
  constexpr double loadRowsPerCycle = 2, sumLatency = 52, tileRows = 16,
                   configuration = 250;
  double lhsRows = double(work.blockTiles * work.rows),
         rhsRows = double(work.panelTiles * work.stepBytes) / 4;
  double products = double(work.blockTiles * work.panelTiles) *
                    std::max(double(work.rows), tileRows / 2);
  double step = std::max(products, (lhsRows + rhsRows) / loadRowsPerCycle);
  int64_t panelBytes = work.steps * work.panelTiles * work.stepBytes * 16;
  double stream = streamCycles(double(panelBytes), panelBytes, machine);
  double block = std::max(double(work.steps) * step, stream) + sumLatency +
                 double(work.blockTiles * work.panelTiles) * tileRows;
  double panels = double(llvm::divideCeil(work.channels, work.panelTiles * 16));
  double vectors =
      double(work.outputs) * double(llvm::divideCeil(work.channels, 16));
  double ends = vectors * (3.0 + 1.0 * double(work.epilogueOperators));
  double cold = double(panelBytes) * panels /
                (double(machine.getMemoryBytesPerCycle()) / 100.0);
  double lhs = panels *
               streamCycles(double(work.lhsBytes), work.lhsBytes, machine) /
               double(std::max<int64_t>(work.batch, 1));
  double computed = double(work.blocks) * panels * block + ends;
  return configuration + double(work.batch) * (std::max({computed, cold, lhs}) +
                                               0.05 * std::max(cold, lhs));
}
