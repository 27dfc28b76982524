//===- OverlapJobs.cpp - processors at work at the same time --------------===//
//
//   submit a; wait a; launch b; launch c(a, b)
//
// becomes
//
//   submit a; launch b; wait a; launch c(a, b)
//
// by list scheduling over predicted times. See Passes.td.
//
//===----------------------------------------------------------------------===//
#include "passes/place/Passes.h"

#include "dialects/edge/Control.h"

namespace edgec {
#define GEN_PASS_DEF_OVERLAPJOBS
#include "passes/place/Passes.h.inc"
} // namespace edgec

using namespace edgec;
using namespace mlir;

namespace {

/// An operation of the function and what the scheduler knows of it.
struct Step {
  Operation *op = nullptr;
  /// Time of the processor that runs it; of a submission, the device's.
  double nanoseconds = 0;
  /// Of the longest way from its start to the end of the function.
  double toEnd = 0;
  SmallVector<size_t> users;
  size_t missing = 0;
};

/// Orders the steps of one function.
class ListScheduler {
public:
  ListScheduler(Block &block, double nanosecondsPerCycle) {
    llvm::DenseMap<Operation *, size_t> indexOf;
    for (Operation &op : block.without_terminator()) {
      Step step;
      step.op = &op;
      step.nanoseconds = timeOf(&op, nanosecondsPerCycle);
      size_t index = steps.size();
      llvm::SmallDenseSet<size_t> writers;
      for (Value operand : op.getOperands()) {
        auto writer = indexOf.find(operand.getDefiningOp());
        if (writer != indexOf.end() && writers.insert(writer->second).second)
          steps[writer->second].users.push_back(index);
      }
      step.missing = writers.size();
      indexOf[&op] = index;
      steps.push_back(std::move(step));
    }
    for (Step &step : llvm::reverse(steps)) {
      for (size_t user : step.users)
        step.toEnd = std::max(step.toEnd, steps[user].toEnd);
      step.toEnd += step.nanoseconds;
    }
  }

  /// The operations in their new order.
  SmallVector<Operation *> run() {
    for (size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].missing == 0)
        ready.push_back(i);
    }
    SmallVector<Operation *> order;
    order.reserve(steps.size());
    while (!ready.empty()) {
      size_t next = takeNext();
      advance(steps[next]);
      order.push_back(steps[next].op);
      for (size_t user : steps[next].users) {
        if (--steps[user].missing == 0)
          ready.push_back(user);
      }
    }
    return order;
  }

private:
  SmallVector<Step> steps;
  SmallVector<size_t> ready;
  /// When the processor has done what is ordered so far, and each device.
  double now = 0;
  llvm::DenseMap<int64_t, double> deviceFree;
  llvm::DenseMap<Operation *, double> doneAt;

  static double timeOf(Operation *op, double nanosecondsPerCycle) {
    if (auto launch = dyn_cast<rt::LaunchOp>(op))
      return static_cast<double>(static_cast<int64_t>(launch.getCycles())) *
             nanosecondsPerCycle;
    if (auto submit = dyn_cast<rt::SubmitOp>(op))
      return static_cast<double>(static_cast<int64_t>(submit.getNanoseconds()));
    return 0;
  }

  double doneTime(size_t index) const {
    return doneAt.lookup(cast<rt::WaitOp>(steps[index].op).getSubmit());
  }

  /// What costs the processor nothing comes first, then submissions and jobs
  /// that are done, then work, and idling last.
  int classOf(size_t index) const {
    Operation *op = steps[index].op;
    if (isa<rt::SubmitOp>(op))
      return 1;
    if (isa<rt::WaitOp>(op))
      return doneTime(index) <= now ? 2 : 4;
    return isa<rt::LaunchOp>(op) || edge::isControl(op) ? 3 : 0;
  }

  bool isBefore(size_t a, size_t b) const {
    int classA = classOf(a), classB = classOf(b);
    if (classA != classB)
      return classA < classB;
    if (classA == 4 && doneTime(a) != doneTime(b))
      return doneTime(a) < doneTime(b);
    if (steps[a].toEnd != steps[b].toEnd)
      return steps[a].toEnd > steps[b].toEnd;
    return a < b;
  }

  size_t takeNext() {
    auto *best = ready.begin();
    for (auto *each = ready.begin(); each != ready.end(); ++each) {
      if (isBefore(*each, *best))
        best = each;
    }
    size_t next = *best;
    ready.erase(best);
    return next;
  }

  void advance(const Step &step) {
    if (auto submit = dyn_cast<rt::SubmitOp>(step.op)) {
      double &free = deviceFree[static_cast<int64_t>(submit.getDevice())];
      free = std::max(free, now) + step.nanoseconds;
      doneAt[submit] = free;
    } else if (auto wait = dyn_cast<rt::WaitOp>(step.op)) {
      now = std::max(now, doneAt.lookup(wait.getSubmit()));
    } else {
      now += step.nanoseconds;
    }
  }
};

struct OverlapJobs : edgec::impl::OverlapJobsBase<OverlapJobs> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || !llvm::hasSingleElement(function.getBody()))
      return;
    Block &block = function.getBody().front();
    if (block.getOps<rt::SubmitOp>().empty())
      return;
    schedule::MachineAttr machine = schedule::getMachine(function);
    double perCycle = machine && machine.getClockMHz() > 0
                          ? 1e3 / static_cast<double>(machine.getClockMHz())
                          : 1;
    for (Operation *op : ListScheduler(block, perCycle).run())
      op->moveBefore(block.getTerminator());
  }
};

} // namespace
