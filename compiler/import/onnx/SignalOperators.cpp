//===- SignalOperators.cpp - DFT and STFT ---------------------------------===//
//
// Fourier transforms become matrix products (compiler/import/Fourier.h), and
// the transforms of a signal's frames one convolution, whose filters are the
// windowed cosines and sines:
//
//   STFT (signal, step, window) -> y    %y = conv2d %signal, %waves {strides =
//                                            [1, step]}
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Fourier.h"
#include "compiler/import/onnx/Operators.h"
#include <cmath>

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::Value;

/// A number that has to be known at import.
static std::optional<int64_t> wholeNumber(NodeImport &n, unsigned input,
                                          StringRef meaning) {
  std::optional<double> number = n.scalar(input, meaning);
  if (!number)
    return std::nullopt;
  if (*number < -0x1p53 || *number > 0x1p53 || *number != std::trunc(*number)) {
    n.error() << "the " << meaning << " should be a whole number, not "
              << *number;
    return std::nullopt;
  }
  return static_cast<int64_t>(*number);
}

//===-- DFT --------------------------------------------------------------===//

/// The last dimension holds real and imaginary part or the real part alone.
static bool hasParts(NodeImport &n, unsigned input, int64_t minimumRank) {
  if (n.rank(input) >= minimumRank &&
      (n.shape(input).back() == 1 || n.shape(input).back() == 2))
    return true;
  n.error() << "an input of shape " << shapeText(n.shape(input))
            << " should have at least " << minimumRank
            << " dimensions, the last one of size 1 (real) or 2 (complex)";
  return false;
}

/// The transform along `axis`; none after an error.
static std::optional<FourierTransform> transformAlong(NodeImport &n,
                                                      int64_t axis) {
  bool inverse = n.flag("inverse", false), onesided = n.flag("onesided", false);
  int64_t size = n.shape(0)[axis];
  FourierTransform transform = {axis, size, inverse, onesided};
  if (onesided && inverse)
    transform.length = 2 * (size - 1);
  if (!n.hasInput(1))
    return transform;
  // The size of the result decides a length that is a value of the run, unless
  // two lengths have the same half of a spectrum.
  auto declared = n.declaredShape(0);
  if (!n.constant(1) && declared && axis < int64_t(declared->size()) &&
      (!onesided || inverse)) {
    transform.length = (*declared)[axis];
    return transform;
  }
  auto length = wholeNumber(n, 1, "dft_length");
  if (!length)
    return std::nullopt;
  transform.length = *length;
  return transform;
}

static bool givesDeclaredShape(NodeImport &n,
                               const FourierTransform &transform) {
  llvm::SmallVector<int64_t> shape(n.shape(0));
  bool isHalf = transform.onesided && !transform.inverse;
  shape[transform.axis] = isHalf ? transform.length / 2 + 1 : transform.length;
  shape.back() = transform.onesided && transform.inverse ? 1 : 2;
  auto declared = n.declaredShape(0);
  return declared && ArrayRef<int64_t>(*declared) == ArrayRef<int64_t>(shape);
}

/// An axis that is a value of the run: the transforms along all axes that give
/// the declared shape, of which the axis selects one.
static void transformAlongRunTimeAxis(NodeImport &n) {
  int64_t rank = n.rank(0);
  if (n.type(2).getNumElements() != 1) {
    n.error() << "an axis of shape " << shapeText(n.shape(2))
              << " should be one number";
    return;
  }
  Value axis = n.reshape(n.operand(2), {}), result;
  auto isAxis = [&](int64_t number) {
    return n.make<edge::EqualOp>({axis, n.scalarLike(axis, double(number))});
  };
  for (int64_t d = 0; d < rank - 1; ++d) {
    auto transform = transformAlong(n, d);
    if (!transform)
      return;
    if (!givesDeclaredShape(n, *transform))
      continue;
    Value along = makeFourierTransform(n, n.operand(0), *transform);
    if (!result) {
      result = along;
      continue;
    }
    Value chosen = n.make<edge::OrOp>({isAxis(d), isAxis(d - rank)});
    result = n.make<edge::SelectOp>({chosen, along, result});
  }
  if (!result && !n.failed()) {
    n.error() << "an axis that is not constant needs a declared shape of the "
                 "result that a transform along some axis has; run "
                 "onnx.shape_inference on the model or make the axis constant";
  }
  n.set(0, result);
}

static void importDft(NodeImport &n) {
  bool inverse = n.flag("inverse", false), onesided = n.flag("onesided", false);
  int64_t axis = n.opset < 20 ? n.integer("axis", 1) : -2;
  if (!hasParts(n, 0, 2))
    return;
  bool isReal = n.shape(0).back() == 1;
  if (onesided && isReal == inverse) {
    n.error() << "onesided=1 with inverse=" << int(inverse) << " needs a "
              << (inverse ? "complex" : "real") << " input, not one of shape "
              << shapeText(n.shape(0));
    return;
  }
  if (n.hasInput(2) && !n.constant(2))
    return transformAlongRunTimeAxis(n);
  if (n.hasInput(2)) {
    auto number = wholeNumber(n, 2, "axis");
    if (!number)
      return;
    axis = *number;
  }
  axis = n.normalizeAxis(axis, n.rank(0));
  if (!n.failed() && axis == n.rank(0) - 1) {
    n.error() << "axis " << axis
              << " is the dimension of real and imaginary part; it should be "
                 "one before that";
  }
  auto transform = n.failed() ? std::nullopt : transformAlong(n, axis);
  if (transform)
    n.set(0, makeFourierTransform(n, n.operand(0), *transform));
}

//===-- STFT -------------------------------------------------------------===//

namespace {
struct Frames {
  int64_t step, length;
};
} // namespace

/// Step and length are often inputs of a model whose result has a fixed shape.
/// That shape, [batch, frames, bins, 2], decides them if only one pair has it.
static std::optional<Frames> declaredFrames(NodeImport &n, int64_t size,
                                            bool onesided) {
  auto shape = n.declaredShape(0);
  if (!shape || shape->size() != 4 || (*shape)[1] < 1 || (*shape)[2] < 1)
    return std::nullopt;
  int64_t frames = (*shape)[1], bins = (*shape)[2];
  llvm::SmallVector<Frames> fitting;
  int64_t least = onesided ? 2 * (bins - 1) : bins,
          most = onesided ? 2 * bins - 1 : bins;
  for (int64_t length = std::max<int64_t>(least, 1); length <= most; ++length) {
    bool isKnown = true;
    if (n.hasInput(2))
      isKnown = n.shape(2) == ArrayRef<int64_t>{length};
    if (n.constant(3))
      isKnown &= n.scalar(3, "frame_length") == double(length);
    int64_t span = size - length;
    if (!isKnown || span < 0)
      continue;
    // frames - 1 = floor(span / step)
    int64_t first = span / frames + 1,
            last = frames == 1 ? first : span / (frames - 1);
    for (int64_t step = first; step <= last && fitting.size() < 2; ++step)
      fitting.push_back({step, length});
  }
  if (fitting.size() != 1)
    return std::nullopt;
  return fitting.front();
}

static std::optional<Frames> readFrames(NodeImport &n, int64_t size,
                                        bool onesided) {
  if (!n.constant(1) || (n.hasInput(3) && !n.constant(3)))
    if (auto frames = declaredFrames(n, size, onesided))
      return frames;
  Frames frames = {0, 0};
  auto step = wholeNumber(n, 1, "frame_step");
  if (!step)
    return std::nullopt;
  frames.step = *step;
  if (n.hasInput(3)) {
    auto length = wholeNumber(n, 3, "frame_length");
    if (!length)
      return std::nullopt;
    frames.length = *length;
  } else if (n.hasInput(2) && n.rank(2) == 1) {
    frames.length = n.shape(2)[0];
  }
  if (frames.step >= 1 && frames.length >= 1 && frames.length <= size &&
      frames.step <= INT32_MAX)
    return frames;
  n.error() << "frames of length " << frames.length << " at steps of "
            << frames.step << " do not fit a signal of " << size
            << " elements; the length comes from frame_length or the window";
  return std::nullopt;
}

/// The elements of a window that is known, one per element of a frame.
static std::optional<Numbers> knownWindow(NodeImport &n) {
  if (!n.constant(2))
    return std::nullopt;
  std::optional<Numbers> window = Numbers::from(*n.constant(2));
  return window && window->isReal() ? window : std::nullopt;
}

/// The filters [2 bins, 1, length, parts], windowed.
static Value makeWaves(NodeImport &n, const FourierMatrix &matrix) {
  std::vector<float> elements = matrix.elements();
  int64_t parts = matrix.realInput ? 1 : 2;
  std::optional<Numbers> window = knownWindow(n);
  for (size_t i = 0; window && i < elements.size(); ++i) {
    double factor = window->reals[i / parts % matrix.inputs];
    elements[i] = static_cast<float>(elements[i] * factor);
  }
  Value waves =
      n.constantOf(elements, {matrix.rows(), 1, matrix.inputs, parts});
  if (!n.hasInput(2) || window)
    return waves;
  Value shaped = n.reshape(n.operand(2), {1, 1, matrix.inputs, 1});
  return n.make<edge::MulOp>({waves, shaped});
}

static void importStft(NodeImport &n) {
  bool onesided = n.flag("onesided", true);
  // [batch, length] is a real signal.
  bool hasDimension = n.rank(0) == 3;
  if (n.rank(0) != 2 && !hasParts(n, 0, 3))
    return;
  if (n.rank(0) > 3) {
    n.error() << "a signal of shape " << shapeText(n.shape(0))
              << " should be [batch, length, 1 or 2]";
    return;
  }
  int64_t batch = n.shape(0)[0], size = n.shape(0)[1];
  FourierMatrix matrix;
  matrix.realInput = !hasDimension || n.shape(0)[2] == 1;
  if (onesided && !matrix.realInput) {
    n.error() << "onesided=1 needs a real signal, not one of shape "
              << shapeText(n.shape(0));
    return;
  }
  auto frames = readFrames(n, size, onesided);
  if (!frames)
    return;
  if (n.hasInput(2) && n.shape(2) != ArrayRef<int64_t>{frames->length}) {
    n.error() << "a window of shape " << shapeText(n.shape(2))
              << " should have one element for each of a frame's "
              << frames->length;
    return;
  }
  matrix.length = matrix.inputs = frames->length;
  matrix.outputs = onesided ? frames->length / 2 + 1 : frames->length;
  if (matrix.rows() > maxFourierElements / matrix.columns()) {
    n.error() << "frames of " << frames->length
              << " elements are too long; they should have at most 2000";
    return;
  }
  int64_t parts = matrix.realInput ? 1 : 2;
  Value image = n.reshape(n.operand(0), {batch, 1, size, parts});
  Value spectra = n.make<edge::Conv2DOp>(
      {image, makeWaves(n, matrix)},
      {n.attr("strides", llvm::SmallVector<int64_t>{1, frames->step})});
  int64_t count = (size - frames->length) / frames->step + 1;
  n.set(0, n.reshape(spectra, {batch, count, matrix.outputs, 2}));
}

llvm::ArrayRef<Operator> onnx::signalOperators() {
  static constexpr Operator rows[] = {
      {"DFT",
       {17, 20},
       1,
       3,
       importDft,
       nullptr,
       types::floats,
       "axis and dft_length constant or decided by the declared result; length "
       "up to 4194304, prime factors up to 4096"},
      {"STFT", 17, 2, 4, importStft, nullptr, types::floats,
       "frame_step and frame_length constant or decided by the declared "
       "result; frames up to 2000"},
  };
  return rows;
}
