//===- ShareKernels.cpp - which kernels threads share ---------------------===//
//
// A shared kernel takes half as long, but threads wait for each other: before a
// call until another core is through with what it depends on, if either of the
// two is shared, and at the ends of a section. Bytes move as well. What one
// core computed for two, or two for one, crosses from cache to cache by half,
// and so do lines that are written where another core has them. So it is
// decided for all calls together: alone or shared, each call has a cost, and so
// has each pair that touches the same bytes one after the other.
//
//   rt.call @a [<arena, 0>] {cycles = 90000}
//   rt.call @b [<arena, 0>] {cycles = 7000}
//
// becomes
//
//   rt.call @a [<arena, 0>] {cycles = 90000, handover = 6400}
//   rt.call @b [<arena, 0>] {cycles = 7000, handover = 400}
//
// How long a handover takes is known where the model runs, so the sums are
// minimized for one length after the other; the bytes' costs grow with it,
// because both are the distance between cores.
//
//===----------------------------------------------------------------------===//
#include "passes/place/MinCut.h"
#include "targets/cpu/CallAccesses.h"
#include "targets/cpu/Passes.h"

#include "dialects/schedule/Schedule.h"

namespace edgec {
#define GEN_PASS_DEF_SHAREKERNELS
#include "targets/cpu/Passes.h.inc"
} // namespace edgec

using namespace mlir;
using namespace edgec;

namespace {

/// The lengths of a handover, in nanoseconds, that decisions are made for:
/// from cores with a common cache to threads that must be woken.
constexpr int64_t leastHandover = 100, mostHandover = 30000;

/// Bytes that cross in the time of a handover: 35 and 11 GB/s were measured on
/// two cores of Zen 5 without a common cache; with these figures models of
/// small layers run best on two cores of Sapphire Rapids. Writes take longer: a
/// core has few lines under way that it must first take away from another.
constexpr double readBytesPerHandover = 14000, writtenBytesPerHandover = 5000;

/// What is saved must be this many times what it costs: predictions are not
/// exact, and a model that stays as fast as on one thread disappoints less than
/// one that becomes slower.
constexpr double margin = 1.2;

/// Nothing is shared if less than this part of a run is saved: a worker that
/// has little to do may have gone to sleep, or have lost its core to others.
constexpr double leastSaved = 0.05;

/// Who has had each byte of the arena since it was written last: the call that
/// wrote it, then those that read it.
class Holders {
public:
  /// Calls `visit(calls, bytes)` for each part of the range that has any.
  void find(const Access &access,
            llvm::function_ref<void(ArrayRef<unsigned>, int64_t)> visit) const {
    for (const Part &part : parts) {
      int64_t bytes =
          std::min(access.end, part.end) - std::max(access.begin, part.begin);
      if (bytes > 0)
        visit(part.calls, bytes);
    }
  }
  void add(const Access &access, unsigned call) {
    SmallVector<Part> now;
    for (const Part &part : parts) {
      int64_t begin = std::max(part.begin, access.begin),
              end = std::min(part.end, access.end);
      if (begin >= end) {
        now.push_back(part);
        continue;
      }
      if (part.begin < begin)
        now.push_back({part.begin, begin, part.calls});
      if (end < part.end)
        now.push_back({end, part.end, part.calls});
      if (access.writes)
        continue;
      now.push_back({begin, end, part.calls});
      if (!llvm::is_contained(part.calls, call))
        now.back().calls.push_back(call);
    }
    if (access.writes)
      now.push_back({access.begin, access.end, {call}});
    parts = std::move(now);
  }

private:
  struct Part {
    int64_t begin, end;
    SmallVector<unsigned> calls;
  };
  SmallVector<Part> parts;
};

/// The calls of one program, and the bytes between them.
class ProgramSharing {
public:
  ProgramSharing(rt::ProgramOp program, CallAccesses &accesses,
                 int64_t parallelCycles, int64_t megahertz)
      : accesses(accesses), parallelCycles(parallelCycles),
        megahertz(megahertz > 0 ? double(megahertz) : 1000) {
    // The second time, the arena is as a run leaves it to the next.
    for (bool note : {false, true})
      readSteps(program.getBody().front(), 1, note);
  }

  void decide() {
    if (calls.empty())
      return;
    SmallVector<int64_t> handovers(calls.size());
    for (int64_t handover = leastHandover; handover < mostHandover;
         handover += handover / 4) {
      std::vector<bool> isShared = solve(double(handover));
      for (auto [index, shared] : llvm::enumerate(isShared))
        if (shared)
          handovers[index] = handover;
    }
    Builder b(calls.front().op->getContext());
    for (auto [call, handover] : llvm::zip_equal(calls, handovers))
      call.op.setHandoverAttr(b.getI64IntegerAttr(handover));
  }

private:
  struct Call {
    rt::CallOp op;
    double nanoseconds, sharedNanoseconds;
    /// How often a run makes the call.
    double times;
    /// What sharing it costs, in handovers of a run.
    double sharedHandovers = 0;
    bool canBeShared;
  };
  struct Pair {
    unsigned a, b;
    /// In handovers.
    double cost;
  };

  CallAccesses &accesses;
  int64_t parallelCycles;
  double megahertz;
  SmallVector<Call> calls;
  llvm::DenseMap<Operation *, unsigned> indexOf;
  SmallVector<Pair> pairs;
  Holders holders;

  /// Steps in order; a loop's body as it is after itself, too.
  void readSteps(Block &steps, double times, bool note) {
    for (Operation &op : steps) {
      if (auto call = dyn_cast<rt::CallOp>(op)) {
        readCall(call, times, note);
      } else if (auto section = dyn_cast<rt::SectionOp>(op)) {
        readSteps(section.getCalls().front(), times, note);
        if (note)
          addWaits(section, times);
      } else if (auto branch = dyn_cast<rt::IfOp>(op)) {
        readSteps(branch.getThenCalls().front(), times, note);
        readSteps(branch.getElseCalls().front(), times, note);
      } else if (auto loop = dyn_cast<rt::LoopOp>(op)) {
        double trips = double(loop.getTrips().value_or(1));
        readSteps(loop.getCalls().front(), times * trips, false);
        readSteps(loop.getCalls().front(), times * trips, note);
      }
    }
  }

  unsigned callIndex(rt::CallOp op, double times) {
    auto [place, isNew] = indexOf.try_emplace(op, calls.size());
    if (!isNew)
      return place->second;
    int64_t cycles = op.getCycles(), extent = op.getExtent();
    // Not predicted: 16 operations or 8 bytes per cycle, a modest core's rate.
    if (cycles <= 0)
      cycles = op.getFlops() / 16 + op.getBytes() / 8;
    Call call;
    call.op = op;
    call.times = times;
    call.canBeShared = extent >= 2 && cycles >= parallelCycles;
    call.nanoseconds = double(cycles) * 1000 / megahertz;
    int64_t longer = (extent + 1) / 2;
    call.sharedNanoseconds = call.nanoseconds * double(longer) /
                             double(std::max<int64_t>(extent, 1));
    calls.push_back(call);
    return place->second;
  }

  void readCall(rt::CallOp op, double times, bool note) {
    unsigned index = callIndex(op, times);
    SmallVector<Access> buffers = accesses.of(op);
    // The model's inputs are the caller's.
    for (const Access &access : buffers) {
      if (access.space == rt::Space::input && note) {
        calls[index].sharedHandovers += times *
                                        double(access.end - access.begin) / 2 /
                                        readBytesPerHandover;
      }
    }
    llvm::erase_if(buffers, [](const Access &access) {
      return access.space != rt::Space::arena;
    });
    if (note)
      for (const Access &access : buffers)
        addPairs(access, index);
    // Nothing is known of what goes on beside it.
    if (note && !isa<rt::SectionOp>(op->getParentOp()))
      calls[index].sharedHandovers += times;
    for (const Access &access : buffers)
      holders.add(access, index);
  }

  /// A call waits for the latest of those that it comes after, if one of the
  /// two is shared: half of a handover for each, half if only one is. Where
  /// nothing comes before, others must begin; where nothing comes after, the
  /// section ends and waits.
  void addWaits(rt::SectionOp section, double times) {
    auto ops = llvm::to_vector(section.getCalls().getOps<rt::CallOp>());
    llvm::SmallBitVector isAwaited(ops.size());
    for (rt::CallOp op : ops) {
      unsigned call = indexOf.at(op);
      ArrayRef<int64_t> after = op.getAfter();
      for (int64_t before : after)
        isAwaited.set(before);
      if (after.empty()) {
        calls[call].sharedHandovers += times;
        continue;
      }
      unsigned before = indexOf.at(ops[after.front()]);
      calls[before].sharedHandovers += times / 2;
      calls[call].sharedHandovers += times / 2;
      pairs.push_back({before, call, times / 2});
    }
    for (auto [number, op] : llvm::enumerate(ops))
      if (!isAwaited.test(number))
        calls[indexOf.at(op)].sharedHandovers += times;
  }

  /// Half of what an operand has in common with earlier calls crosses if one of
  /// the two is shared and the other is not. If one goes over columns, half
  /// crosses as soon as any is shared; but not of what nobody has read, which
  /// is scratch memory: each thread wrote its own part.
  void addPairs(const Access &access, unsigned index) {
    holders.find(access, [&](ArrayRef<unsigned> before, int64_t bytes) {
      // What others have read must be taken away from them to be written.
      for (unsigned call : access.writes ? before : before.take_front()) {
        if (call == index)
          continue;
        Call &a = calls[call], &b = calls[index];
        double cost =
            double(bytes) / 2 * std::min(a.times, b.times) /
            (access.writes ? writtenBytesPerHandover : readBytesPerHandover);
        bool isScratch = access.writes && before.size() == 1;
        if (!isScratch && (a.op.getColumns() || b.op.getColumns())) {
          cost /= 2;
          a.sharedHandovers += cost;
          b.sharedHandovers += cost;
        }
        pairs.push_back({call, index, cost});
      }
    });
  }

  double sharedCost(const Call &call, double handover) const {
    return call.sharedNanoseconds * call.times +
           handover * margin * call.sharedHandovers;
  }

  /// Which calls are shared if a handover takes so many nanoseconds.
  std::vector<bool> solve(double handover) const {
    constexpr double never = 1e15;
    place::MinCut cut(calls.size());
    for (auto [index, call] : llvm::enumerate(calls))
      cut.addNode(unsigned(index), call.nanoseconds * call.times,
                  call.canBeShared ? sharedCost(call, handover) : never);
    for (const Pair &pair : pairs) {
      cut.addPair(pair.a, pair.b, handover * margin * pair.cost);
      cut.addPair(pair.b, pair.a, handover * margin * pair.cost);
    }
    std::vector<bool> isShared = cut.solve();
    if (saved(isShared, handover) < leastSaved)
      isShared.assign(calls.size(), false);
    return isShared;
  }

  /// The part of a run on one thread that is saved.
  double saved(const std::vector<bool> &isShared, double handover) const {
    double alone = 0, cost = 0;
    for (auto [index, call] : llvm::enumerate(calls)) {
      alone += call.nanoseconds * call.times;
      cost += isShared[index] ? sharedCost(call, handover)
                              : call.nanoseconds * call.times;
    }
    for (const Pair &pair : pairs)
      if (isShared[pair.a] != isShared[pair.b])
        cost += handover * margin * pair.cost;
    return alone > 0 ? (alone - cost) / alone : 0;
  }
};

struct ShareKernels : edgec::impl::ShareKernelsBase<ShareKernels> {
  using ShareKernelsBase::ShareKernelsBase;

  void runOnOperation() override {
    auto programs = llvm::to_vector(getOperation().getOps<rt::ProgramOp>());
    if (programs.empty())
      return;
    if (parallelCycles == 0) {
      getOperation().walk([](rt::CallOp call) {
        call.setHandover(std::numeric_limits<int64_t>::max());
      });
      return;
    }
    schedule::MachineAttr machine = schedule::getMachine(getOperation());
    if (!machine) {
      getOperation().emitError(
          "has no schedule.machine; run edge-attach-machine");
      return signalPassFailure();
    }
    SymbolTable symbols(getOperation());
    CallAccesses accesses(symbols);
    for (rt::ProgramOp program : programs)
      ProgramSharing(program, accesses, parallelCycles, machine.getClockMHz())
          .decide();
  }
};

} // namespace
