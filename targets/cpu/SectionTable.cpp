//===- SectionTable.cpp - what threads must know of a section -------------===//
//
// Which calls are shared is known where the model runs: those whose handover is
// longer than what handing over takes there. Of an earlier call with a shorter
// handover than a later one in the same list nobody needs to know: whenever it
// is shared, so is the later one, and to wait for that is enough.
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/SectionTable.h"

#include "targets/cpu/ConstantGlobals.h"

using namespace edgec;
using namespace mlir;

namespace {
struct Row {
  int64_t extent, handover;
  int64_t awaitedHandover = 0;
  bool isAwaited = false;
  /// Earlier calls, latest first.
  SmallVector<int64_t> dependencies;
};
} // namespace

/// Leaves out what other dependencies in the list imply.
static SmallVector<int64_t> needed(rt::CallOp call, ArrayRef<Row> rows) {
  SmallVector<int64_t> list;
  for (int64_t before : call.getAfter()) {
    bool isImplied = llvm::any_of(list, [&](int64_t later) {
      return rows[before].handover <= rows[later].handover;
    });
    if (!isImplied)
      list.push_back(before);
  }
  return list;
}

static SmallVector<Row> rowsOf(rt::SectionOp section) {
  SmallVector<Row> rows;
  for (auto call : section.getCalls().getOps<rt::CallOp>()) {
    Row row;
    row.extent = std::max<int64_t>(call.getExtent(), 1);
    row.handover = int64_t(call.getHandover());
    row.dependencies = needed(call, rows);
    for (int64_t dependency : row.dependencies) {
      Row &before = rows[dependency];
      before.isAwaited = true;
      before.awaitedHandover = std::max(before.awaitedHandover, row.handover);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

SectionTable edgec::writeSectionTable(ModuleOp module, rt::SectionOp section,
                                      llvm::StringRef function) {
  ConstantGlobals data(module, function);
  SmallVector<SmallVector<ConstantField>> calls, dependencies;
  int64_t longest = 0;
  for (const Row &row : rowsOf(section)) {
    calls.push_back({data.i64(row.extent), data.i64(row.handover),
                     data.i64(row.awaitedHandover), data.i32(row.isAwaited),
                     data.i32(int64_t(dependencies.size())),
                     data.i32(int64_t(row.dependencies.size())), data.i32(0)});
    for (int64_t dependency : row.dependencies)
      dependencies.push_back({data.i32(dependency), data.i32(0)});
    longest = std::max(longest, row.handover);
  }
  ConstantField rows = data.structs(calls);
  ConstantField table = data.structs(
      {{data.address(function), rows, data.structs(dependencies),
        data.i32(int64_t(calls.size())), data.i32(0), data.i64(longest)}});
  return {std::get<std::string>(table.value),
          std::get<std::string>(rows.value)};
}
