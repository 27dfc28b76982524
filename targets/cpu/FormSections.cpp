//===- FormSections.cpp - which calls wait for which ----------------------===//
//
// Puts each straight run of calls into an rt.section and writes down which
// earlier calls each must come after: those that wrote bytes that it touches,
// and those that have read bytes that it writes.
//
//   rt.call @a [<input, 0>, <arena, 0>]     rt.section {
//   rt.call @b [<arena, 0>, <arena, 64>]      rt.call @a ...
//   rt.call @c [<input, 0>, <arena, 0>]  =>   rt.call @b ... {after = [0]}
//                                             rt.call @c ... {after = [1]}
//                                           }
//
// @c comes after @a, too, because it writes to the same place, but @b has
// waited for @a. An order in which nobody waits without need: what a call
// waited for is over when the call is over.
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/CallAccesses.h"
#include "targets/cpu/Passes.h"

#include <map>

namespace edgec {
#define GEN_PASS_DEF_FORMSECTIONS
#include "targets/cpu/Passes.h.inc"
} // namespace edgec

using namespace mlir;
using namespace edgec;

namespace {

/// Who has touched each byte of one memory since it was written last.
class Touched {
public:
  /// Adds the calls that `access` must come after.
  void find(const Access &access, llvm::SmallDenseSet<int64_t> &after) const {
    for (const Part &part : parts) {
      if (access.end <= part.begin || part.end <= access.begin)
        continue;
      if (part.writer >= 0)
        after.insert(part.writer);
      if (access.writes)
        after.insert(part.readers.begin(), part.readers.end());
    }
  }

  void add(const Access &access, int64_t call) {
    SmallVector<Part> now;
    int64_t known = access.begin;
    for (Part &part : parts) {
      int64_t begin = std::max(part.begin, access.begin),
              end = std::min(part.end, access.end);
      if (begin >= end) {
        now.push_back(std::move(part));
        continue;
      }
      if (part.begin < begin)
        now.push_back({part.begin, begin, part.writer, part.readers});
      if (end < part.end)
        now.push_back({end, part.end, part.writer, part.readers});
      if (access.writes)
        continue;
      // Parts are in order, so that gaps between them show up in order, too.
      if (known < begin)
        now.push_back({known, begin, -1, {call}});
      known = end;
      now.push_back({begin, end, part.writer, std::move(part.readers)});
      now.back().readers.push_back(call);
    }
    if (access.writes)
      now.push_back({access.begin, access.end, call, {}});
    else if (known < access.end)
      now.push_back({known, access.end, -1, {call}});
    llvm::sort(now,
               [](const Part &a, const Part &b) { return a.begin < b.begin; });
    parts = std::move(now);
  }

private:
  struct Part {
    int64_t begin, end;
    /// -1: none of this section.
    int64_t writer;
    SmallVector<int64_t> readers;
  };
  SmallVector<Part> parts;
};

/// The calls of one section.
class SectionDependencies {
public:
  explicit SectionDependencies(CallAccesses &accesses) : accesses(accesses) {}

  void add(rt::CallOp call) {
    int64_t number = int64_t(directly.size());
    SmallVector<Access> buffers = accesses.of(call);
    llvm::erase_if(buffers, [](const Access &access) {
      return access.space != rt::Space::arena &&
             access.space != rt::Space::output;
    });
    llvm::SmallDenseSet<int64_t> after;
    for (const Access &access : buffers)
      memories[{access.space, access.number}].find(access, after);
    // What a call reads and writes is the writer's alone.
    for (bool writes : {false, true}) {
      for (const Access &access : buffers)
        if (access.writes == writes)
          memories[{access.space, access.number}].add(access, number);
    }
    after.erase(number);
    directly.push_back(withoutImplied(std::move(after)));
    call.setAfter(directly.back());
  }

private:
  CallAccesses &accesses;
  std::map<std::pair<rt::Space, int64_t>, Touched> memories;
  /// Per call, the calls that it must come after, latest first.
  SmallVector<SmallVector<int64_t>> directly;

  /// Leaves out calls that others in the set come after anyway. Looks one step
  /// far, which finds nearly all of them and stays linear.
  SmallVector<int64_t> withoutImplied(llvm::SmallDenseSet<int64_t> after) {
    SmallVector<int64_t> all(after.begin(), after.end());
    for (int64_t call : all)
      for (int64_t before : directly[call])
        after.erase(before);
    SmallVector<int64_t> left(after.begin(), after.end());
    llvm::sort(left, std::greater<int64_t>());
    return left;
  }
};

struct FormSections : edgec::impl::FormSectionsBase<FormSections> {
  using FormSectionsBase::FormSectionsBase;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    CallAccesses accesses(symbols);
    for (auto program : getOperation().getOps<rt::ProgramOp>())
      formIn(program.getBody().front(), accesses);
  }

  void formIn(Block &steps, CallAccesses &accesses) {
    SmallVector<rt::CallOp> run;
    for (Operation &op : llvm::make_early_inc_range(steps)) {
      if (auto call = dyn_cast<rt::CallOp>(op)) {
        run.push_back(call);
        continue;
      }
      form(run, accesses);
      run.clear();
      if (isa<rt::IfOp, rt::LoopOp>(op))
        for (Region &region : op.getRegions())
          formIn(region.front(), accesses);
    }
    form(run, accesses);
  }

  void form(MutableArrayRef<rt::CallOp> run, CallAccesses &accesses) {
    if (run.empty())
      return;
    OpBuilder b(run.front());
    auto section = rt::SectionOp::create(b, run.front().getLoc());
    Block *calls = b.createBlock(&section.getCalls());
    SectionDependencies dependencies(accesses);
    for (rt::CallOp call : run) {
      call->moveBefore(calls, calls->end());
      dependencies.add(call);
    }
  }
};

} // namespace
