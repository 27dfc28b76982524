//===- AbsorbShuffles.cpp - channel shuffles become an order of weights --===//
//
// ShuffleNets interleave the channels of their branches (reshape, transpose,
// reshape) before the next layers take a half each. But a convolution can write
// its channels in any order and read them in any other: what is shuffled need
// only be the rows and columns of filters. Each reader then takes runs of
// neighbouring channels from its sources, in whatever order:
//
//   %c = concat %a, %b                    // %a's and %b's filters reordered:
//   %s = shuffle %c                         %x = slice %a [0, 29)
//   %h = slice %s [58, 116)          ->     %y = slice %b [0, 29)
//   %r = conv2d %h, %f                      %h = concat %x, %y
//                                           %r = conv2d %h, %f'
//
// A source's channels are sorted by who reads them, the first reader's first.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "passes/graph/ChannelMoves.h"
#include "passes/graph/ChannelOrder.h"
#include "passes/graph/ChannelRanges.h"
#include "passes/graph/Passes.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"
#include <map>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_ABSORBSHUFFLES
#include "passes/graph/Passes.h.inc"

namespace {
/// A moved value that an operator looks at which does not only move it.
struct ReadValue {
  Value value;
  const MovedChannels *moved;
  /// Within which its readers let channels change places.
  ChannelBlocks blocks;
  /// Which of the value's channels will lie where.
  SmallVector<int64_t> order;
};

/// A tensor whose channels are moved.
struct Source {
  ChannelBlocks blocks;
  /// Which of the tensor's channels will lie where, and the reverse.
  SmallVector<int64_t> order, places;
  /// Of each channel: which read values show it, and in which blocks.
  std::vector<SmallVector<std::pair<size_t, int64_t>, 2>> readers;
};

/// Neighbouring channels of one source.
struct Run {
  Value source;
  int64_t first, size;
};

/// Sources and read values that have to do with each other.
struct Network {
  std::vector<ReadValue> read;
  llvm::MapVector<Value, Source> sources;
  bool isShuffled = false;
  /// Elements per position that are moved now.
  int64_t movedNow = 0;
};

/// The work on one function.
class Absorber {
public:
  explicit Absorber(Block &body) : body(body) {}

  /// How many networks were changed.
  unsigned run();

private:
  bool isOtherUse(OpOperand &use) { return !tracer.isMove(use.getOwner()); }
  bool isRead(Value value) {
    return llvm::any_of(value.getUses(),
                        [&](OpOperand &use) { return isOtherUse(use); });
  }
  std::vector<Network> findNetworks();
  bool describe(Network &network);
  void chooseOrders(Network &network);
  bool pays(const Network &network);
  void rewrite(Network &network);
  Value rebuild(const ReadValue &read, const Network &network);

  Block &body;
  ChannelTracer tracer;
};
} // namespace

/// What a vector's loads and stores cost, at least, in elements.
static constexpr int64_t elementsPerMove = 8;

//===-- which values -----------------------------------------------------===//

/// In the function's order.
std::vector<Network> Absorber::findNetworks() {
  llvm::MapVector<Value, unsigned> numbers;
  SmallVector<Operation *> moves;
  llvm::EquivalenceClasses<unsigned> classes;
  auto number = [&](Value source) {
    auto [entry, isNew] = numbers.insert({source, unsigned(numbers.size())});
    classes.insert(entry->second);
    return entry->second;
  };
  for (Operation &op : body) {
    if (!tracer.isMove(&op))
      continue;
    moves.push_back(&op);
    const MovedChannels &moved = *tracer.trace(op.getResult(0));
    unsigned first = number(moved.channels.front().source);
    for (const SourceChannel &channel : moved.channels)
      classes.unionSets(first, number(channel.source));
  }
  std::map<unsigned, size_t> indexOf;
  std::vector<Network> networks;
  auto networkOf = [&](Value source) -> Network & {
    unsigned leader = classes.getLeaderValue(numbers.lookup(source));
    auto [found, isNew] = indexOf.try_emplace(leader, networks.size());
    if (isNew)
      networks.emplace_back();
    return networks[found->second];
  };
  for (auto &[source, index] : numbers)
    networkOf(source).sources[source];
  for (Operation *op : moves) {
    Value value = op->getResult(0);
    const MovedChannels *moved = tracer.trace(value);
    Network &network = networkOf(moved->channels.front().source);
    network.isShuffled |= moved->isShuffled;
    if (!isa<edge::ReshapeOp>(op))
      network.movedNow += int64_t(moved->channels.size());
    if (isRead(value))
      network.read.push_back({value, moved, {}, {}});
  }
  return networks;
}

//===-- which order ------------------------------------------------------===//

/// How free everything is; false when a value cannot be made again.
bool Absorber::describe(Network &network) {
  for (ReadValue &read : network.read) {
    if (!read.moved->isImage())
      return false;
    bool isLast =
        read.moved->dimensions.back().kind == MovedDimension::channels;
    read.blocks =
        isLast ? readerBlocks(read.value,
                              [&](OpOperand &use) { return isOtherUse(use); })
               : llvm::to_vector(llvm::seq<int64_t>(
                     0, int64_t(read.moved->channels.size())));
  }
  for (auto &[value, source] : network.sources) {
    source.blocks = refine(
        writerBlocks(value),
        readerBlocks(value, [&](OpOperand &use) { return isOtherUse(use); }));
    source.readers.resize(channelCount(value));
  }
  return true;
}

void Absorber::chooseOrders(Network &network) {
  for (auto [index, read] : llvm::enumerate(network.read)) {
    for (auto [at, from] : llvm::enumerate(read.moved->channels)) {
      network.sources[from.source].readers[from.channel].emplace_back(
          index, read.blocks[at]);
    }
  }
  llvm::DenseMap<Value, size_t> rank;
  for (auto &[value, source] : network.sources) {
    rank[value] = rank.size();
    source.order = llvm::to_vector(llvm::seq<int64_t>(0, channelCount(value)));
    llvm::sort(source.order, [&, &source = source](int64_t a, int64_t b) {
      if (source.blocks[a] != source.blocks[b])
        return a < b;
      const auto &ofA = source.readers[a], &ofB = source.readers[b];
      // What nobody reads comes last.
      if (ofA.empty() != ofB.empty())
        return !ofA.empty();
      return std::tie(ofA, a) < std::tie(ofB, b);
    });
    source.places.resize(source.order.size());
    for (auto [place, channel] : llvm::enumerate(source.order))
      source.places[channel] = int64_t(place);
  }
  for (ReadValue &read : network.read) {
    read.order =
        llvm::to_vector(llvm::seq<int64_t>(0, int64_t(read.blocks.size())));
    llvm::sort(read.order, [&](int64_t a, int64_t b) {
      if (read.blocks[a] != read.blocks[b])
        return a < b;
      const SourceChannel &fromA = read.moved->channels[a],
                          &fromB = read.moved->channels[b];
      auto key = [&](const SourceChannel &from) {
        return std::pair(rank.lookup(from.source),
                         network.sources[from.source].places[from.channel]);
      };
      return std::pair(key(fromA), a) < std::pair(key(fromB), b);
    });
  }
}

//===-- the value again --------------------------------------------------===//

static SmallVector<Run> runsOf(const ReadValue &read, const Network &network) {
  SmallVector<Run> runs;
  for (int64_t channel : read.order) {
    const SourceChannel &from = read.moved->channels[channel];
    int64_t place =
        network.sources.find(from.source)->second.places[from.channel];
    if (!runs.empty() && runs.back().source == from.source &&
        runs.back().first + runs.back().size == place)
      ++runs.back().size;
    else
      runs.push_back({from.source, place, 1});
  }
  return runs;
}

/// What the runs take, compared with what is there.
bool Absorber::pays(const Network &network) {
  int64_t moves = 0;
  for (const ReadValue &read : network.read) {
    SmallVector<Run> runs = runsOf(read, network);
    if (runs.size() == 1)
      continue;
    for (const Run &run : runs)
      moves += llvm::divideCeil(run.size, elementsPerMove);
  }
  return moves * elementsPerMove < network.movedNow;
}

Value Absorber::rebuild(const ReadValue &read, const Network &network) {
  OpBuilder builder(read.value.getDefiningOp());
  Location loc = read.value.getLoc();
  SmallVector<Value> parts;
  for (const Run &run : runsOf(read, network)) {
    SmallVector<int64_t> sizes(
        cast<RankedTensorType>(run.source.getType()).getShape()),
        offsets(4, 0), steps(4, 1);
    if (sizes[3] == run.size) {
      parts.push_back(run.source);
      continue;
    }
    offsets[3] = run.first;
    sizes[3] = run.size;
    parts.push_back(
        edge::SliceOp::create(builder, loc, run.source, offsets, sizes, steps));
  }
  Value image = parts.front();
  if (parts.size() > 1)
    image = edge::ConcatOp::create(builder, loc, parts, /*axis=*/3);
  SmallVector<int64_t> permutation;
  for (const MovedDimension &dimension : read.moved->dimensions)
    permutation.push_back(
        dimension.kind == MovedDimension::channels ? 3 : dimension.kind);
  if (!llvm::is_sorted(permutation))
    image = edge::TransposeOp::create(builder, loc, image, permutation);
  return image;
}

void Absorber::rewrite(Network &network) {
  auto isOther = [&](OpOperand &use) { return isOtherUse(use); };
  // First the readers, while it is known which they are.
  SmallVector<Value> values;
  for (ReadValue &read : network.read) {
    reorderReaders(read.value, read.order, isOther);
    values.push_back(rebuild(read, network));
  }
  for (auto &[value, source] : network.sources) {
    if (llvm::is_sorted(source.order))
      continue;
    reorderReaders(value, source.order, isOther);
    reorderWriter(value, source.order);
  }
  for (auto [read, value] : llvm::zip_equal(network.read, values)) {
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : read.value.getUses())
      if (isOtherUse(use))
        uses.push_back(&use);
    for (OpOperand *use : uses)
      use->set(value);
  }
}

unsigned Absorber::run() {
  unsigned changed = 0;
  std::vector<Network> networks = findNetworks();
  for (Network &network : networks) {
    if (!network.isShuffled || !describe(network))
      continue;
    chooseOrders(network);
    if (!pays(network))
      continue;
    rewrite(network);
    ++changed;
  }
  return changed;
}

namespace {
struct AbsorbShuffles : impl::AbsorbShufflesBase<AbsorbShuffles> {
  void runOnOperation() override {
    if (!getOperation().getBody().hasOneBlock())
      return;
    Block &body = getOperation().getBody().front();
    unsigned changed = Absorber(body).run();
    numNetworks += changed;
    if (changed == 0)
      return;
    // The moves that nobody looks at any more.
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
      if (isOpTriviallyDead(&op))
        op.erase();
  }
};
} // namespace

} // namespace edgec
