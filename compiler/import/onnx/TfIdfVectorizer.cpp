//===- TfIdfVectorizer.cpp - counting n-grams of numbers ------------------===//
//
// The n-grams of one length are counted by comparing shifted slices of the
// input with all of them at once:
//
//   x [B, T], bigrams (2, 3), (5, 4):  x[:, :-1] == [2, 5] and x[:, 1:] == [3,
//   4]
//   -> [B, T-1, 2], summed over T-1 -> [B, 2]
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/TypedConstants.h"
#include "dialects/edge/Indexing.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

/// Comparisons that one node may become.
static constexpr int64_t maxComparisons = 1 << 12;

namespace {

using Ints = llvm::SmallVector<int64_t>;

class Vectorizer {
public:
  explicit Vectorizer(NodeImport &n) : n(n) {}
  void import();

private:
  bool readAttributes();
  bool readPool();
  Value slice(int64_t offset, int64_t size);
  Value matches(llvm::ArrayRef<int64_t> grams, int64_t length, int64_t step,
                int64_t windows);
  Value countGrams(llvm::ArrayRef<int64_t> grams, int64_t length);
  Value weigh(Value counts, int64_t first, int64_t count);

  NodeImport &n;
  Value x; // [batch, size], int64
  int64_t batch = 1, size = 0, comparisons = 0;
  int64_t shortest = 1, longest = 1, mostSkipped = 0;
  llvm::StringRef mode;
  Ints pool, lengthBegins, columns;
  std::optional<llvm::SmallVector<double>> weights;
};

} // namespace

bool Vectorizer::readAttributes() {
  shortest = n.integer("min_gram_length", 0);
  longest = n.integer("max_gram_length", 0);
  mostSkipped = n.integer("max_skip_count", 0);
  mode = n.string("mode", "");
  weights = n.realList("weights");
  if (n.hasAttribute("pool_strings")) {
    n.error() << "n-grams of strings are not supported; map the strings to "
                 "numbers outside of the model";
  } else if (mode != "TF" && mode != "IDF" && mode != "TFIDF") {
    n.error() << "mode '" << mode << "' is not one of TF, IDF and TFIDF";
  } else if (shortest < 1 || longest < shortest || mostSkipped < 0) {
    n.error() << "n-grams of " << shortest << " to " << longest
              << " numbers with up to " << mostSkipped
              << " between them are impossible";
  }
  return !n.failed() && readPool();
}

/// The pool has all n-grams of one number, then those of two, ...
bool Vectorizer::readPool() {
  pool = n.list("pool_int64s", /*bounded=*/false).value_or(Ints());
  lengthBegins = n.list("ngram_counts").value_or(Ints());
  columns = n.list("ngram_indexes").value_or(Ints());
  if (n.failed())
    return false;
  int64_t grams = 0, at = 0;
  bool fits = !lengthBegins.empty() && lengthBegins.front() == 0;
  lengthBegins.push_back(int64_t(pool.size()));
  for (size_t i = 0; fits && i + 1 < lengthBegins.size(); ++i) {
    int64_t numbers = lengthBegins[i + 1] - at, length = int64_t(i) + 1;
    fits = numbers >= 0 && numbers % length == 0;
    grams += numbers / length;
    at = lengthBegins[i + 1];
  }
  llvm::SmallDenseSet<int64_t> seen;
  for (int64_t column : columns)
    fits &= column >= 0 && column < Numbers::maxNumbers &&
            seen.insert(column).second;
  fits &= grams == int64_t(columns.size()) && grams > 0 &&
          (!weights || weights->size() == columns.size());
  if (!fits)
    n.error() << "pool_int64s, ngram_counts, ngram_indexes and weights do not "
                 "fit together";
  return fits;
}

Value Vectorizer::slice(int64_t offset, int64_t count) {
  return n.make<edge::SliceOp>(
      {x}, {n.attr("offsets", llvm::ArrayRef<int64_t>{0, offset}),
            n.attr("sizes", llvm::ArrayRef<int64_t>{batch, count}),
            n.attr("strides", llvm::ArrayRef<int64_t>{1, 1})});
}

/// [batch, windows, number of grams]: whether each of them is there, its
/// numbers `step` apart.
Value Vectorizer::matches(llvm::ArrayRef<int64_t> grams, int64_t length,
                          int64_t step, int64_t windows) {
  int64_t count = int64_t(grams.size()) / length;
  Value all;
  for (int64_t i = 0; i < length; ++i) {
    Ints wanted;
    for (int64_t gram = 0; gram < count; ++gram)
      wanted.push_back(grams[gram * length + i]);
    Value here = n.reshape(slice(i * step, windows), {batch, windows, 1});
    Value equal = n.make<edge::EqualOp>({here, integerConstant(n, wanted)});
    all = all ? n.make<edge::AndOp>({all, equal}) : equal;
  }
  return all;
}

Value Vectorizer::countGrams(llvm::ArrayRef<int64_t> grams, int64_t length) {
  int64_t count = int64_t(grams.size()) / length;
  Value sum;
  // Single numbers have nothing between them.
  int64_t mostSteps = length == 1 ? 1 : mostSkipped + 1;
  for (int64_t step = 1; step <= mostSteps; ++step) {
    int64_t windows = size - (length - 1) * step;
    if (windows < 1)
      break;
    comparisons += length;
    if (comparisons > maxComparisons) {
      n.error() << "these n-grams need more than " << maxComparisons
                << " comparisons, which is not supported; lower "
                   "max_skip_count";
      return nullptr;
    }
    Value found = matches(grams, length, step, windows);
    if (!found)
      return nullptr;
    auto type = mlir::RankedTensorType::get({batch, windows, count},
                                            n.builder.getF32Type());
    found = edge::CastOp::create(n.builder, n.loc, type, found);
    Value total = n.make<edge::ReduceSumOp>(
        {found}, {n.attr("axes", llvm::ArrayRef<int64_t>{1})});
    sum = sum ? n.make<edge::AddOp>({sum, total}) : total;
  }
  return sum ? sum : n.splat(0, {batch, count});
}

/// Counts become what the mode says; `first` is the first gram's number.
Value Vectorizer::weigh(Value counts, int64_t first, int64_t count) {
  if (mode == "IDF")
    counts = n.make<edge::MinOp>({counts, n.splat(1)});
  if (mode == "TF" || !weights)
    return counts;
  llvm::SmallVector<float> factors;
  for (int64_t i = first; i < first + count; ++i)
    factors.push_back(float((*weights)[i]));
  auto type = mlir::RankedTensorType::get({count}, n.builder.getF32Type());
  Value constant = edge::ConstantOp::create(
      n.builder, n.loc, type,
      mlir::DenseElementsAttr::get(type, llvm::ArrayRef(factors)));
  return n.make<edge::MulOp>({counts, constant});
}

void Vectorizer::import() {
  if (!readAttributes())
    return;
  if (n.rank(0) < 1 || n.rank(0) > 2) {
    n.error() << "the input has shape " << shapeText(n.shape(0))
              << " instead of [size] or [batch, size]";
    return;
  }
  batch = n.rank(0) == 2 ? n.shape(0)[0] : 1;
  size = n.shape(0).back();
  x = n.operand(0);
  if (!x)
    return;
  auto type = n.type(0).clone(n.builder.getI64Type());
  x = n.reshape(edge::CastOp::create(n.builder, n.loc, type, x), {batch, size});

  // What is not counted stays zero: column 0.
  llvm::SmallVector<Value> parts = {n.splat(0, {batch, 1})};
  Ints sources(1 + *std::max_element(columns.begin(), columns.end()), 0);
  int64_t gram = 0, next = 1;
  for (int64_t length = 1; length < int64_t(lengthBegins.size()); ++length) {
    auto grams = llvm::ArrayRef(pool).slice(lengthBegins[length - 1],
                                            lengthBegins[length] -
                                                lengthBegins[length - 1]);
    int64_t count = int64_t(grams.size()) / length, first = gram;
    gram += count;
    if (length < shortest || length > longest || count == 0)
      continue;
    Value counts = countGrams(grams, length);
    if (!counts)
      return;
    parts.push_back(weigh(counts, first, count));
    for (int64_t i = first; i < gram; ++i)
      sources[columns[i]] = next++;
  }
  Value all = n.make<edge::ConcatOp>(parts, {n.attr("axis", int64_t(1))});
  Value result = n.make<edge::GatherOp>({all, integerConstant(n, sources)},
                                        {n.attr("axis", int64_t(1))});
  if (n.rank(0) == 1)
    result = n.reshape(result, {int64_t(sources.size())});
  n.set(0, result);
}

void onnx::importTfIdfVectorizer(NodeImport &n) { Vectorizer(n).import(); }
