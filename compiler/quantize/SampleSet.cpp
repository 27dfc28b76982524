//===- SampleSet.cpp - inputs of a model from .npy files ------------------===//
//
// See SampleSet.h for how files are named. Problems are told at the file, which
// is the user's own place, like a node of the model.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/SampleSet.h"

#include "compiler/import/Import.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace edgec;
using namespace mlir;
using evaluator::NpyFile;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

//===-- folders
//------------------------------------------------------------===//

static InFlightDiagnostic errorAt(MLIRContext &context, StringRef file) {
  return emitError(FileLineColLoc::get(&context, file, 0, 0));
}

/// What stands behind the first quotation mark pair of an openNpy error.
static std::string withoutPath(llvm::Error error, StringRef file) {
  std::string text = llvm::toString(std::move(error));
  StringRef rest = text;
  if (rest.consume_front(("'" + file + "': ").str()))
    return rest.str();
  return text;
}

/// The names in a folder, sorted.
static FailureOr<std::vector<std::string>> list(MLIRContext &context,
                                                StringRef folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    names.push_back(path::filename(entry->path()).str());
  if (error)
    return errorAt(context, folder) << "cannot be read: " << error.message();
  llvm::sort(names);
  return names;
}

static std::string join(StringRef folder, StringRef name) {
  llvm::SmallString<128> file(folder);
  path::append(file, name);
  return file.str().str();
}

/// "labels.npy", "labels.first.npy".
static bool isOf(StringRef file, StringRef name) {
  return file.consume_front(name) &&
         (file == ".npy" || (file.starts_with(".") && file.ends_with(".npy")));
}

//===-- elements
//-----------------------------------------------------------===//

/// Mantissa bits and exponent bits of an IEEE-like format.
struct FloatLayout {
  unsigned mantissa, exponent;
};

/// The first element that is a NaN or an infinity: its exponent is all ones.
template <typename Bits>
static std::optional<int64_t> findNonFinite(ArrayRef<char> bytes,
                                            FloatLayout layout) {
  Bits mask = Bits(((Bits(1) << layout.exponent) - 1) << layout.mantissa);
  for (size_t i = 0; i < bytes.size() / sizeof(Bits); ++i) {
    Bits bits;
    std::memcpy(&bits, bytes.data() + i * sizeof(Bits), sizeof(Bits));
    if ((bits & mask) == mask)
      return int64_t(i);
  }
  return std::nullopt;
}

static std::optional<int64_t> findNonFinite(Type element,
                                            ArrayRef<char> bytes) {
  if (element.isF32())
    return findNonFinite<uint32_t>(bytes, {23, 8});
  if (element.isF64())
    return findNonFinite<uint64_t>(bytes, {52, 11});
  if (element.isF16())
    return findNonFinite<uint16_t>(bytes, {10, 5});
  if (element.isBF16())
    return findNonFinite<uint16_t>(bytes, {7, 8});
  return std::nullopt;
}

/// [2, 0, 5] of the element at `index`.
static std::string position(ArrayRef<int64_t> shape, int64_t index) {
  std::vector<std::string> places(shape.size());
  for (size_t d = shape.size(); d-- > 0;) {
    places[d] = std::to_string(index % shape[d]);
    index /= shape[d];
  }
  return "[" + llvm::join(places, ", ") + "]";
}

//===-- reading
//------------------------------------------------------------===//

namespace edgec {
/// Collects the files of each input and then the samples of each file, so that
/// one run tells every file that does not fit.
class SampleReader {
public:
  SampleReader(StringRef root, func::FuncOp model)
      : root(root), model(model), context(*model.getContext()) {
    for (unsigned i = 0; i < model.getNumArguments(); ++i) {
      auto name = model.getArgAttrOfType<StringAttr>(i, "edge.name");
      names.push_back(name ? name.getValue().str() : std::to_string(i));
    }
    filesOf.resize(names.size());
  }

  FailureOr<SampleSet> read();

private:
  LogicalResult findFiles();
  LogicalResult sortFile(StringRef name);
  std::optional<size_t> inputOf(StringRef file, bool isFolder) const;
  void readFile(size_t input, const std::string &file);
  int64_t samplesIn(ArrayRef<int64_t> shape, ArrayRef<int64_t> wanted) const;
  LogicalResult checkCounts() const;

  std::string namesText() const {
    return "'" + llvm::join(names, "', '") + "'";
  }

  StringRef root;
  func::FuncOp model;
  MLIRContext &context;
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> filesOf;
  SampleSet set;
  bool isWrong = false;
};
} // namespace edgec

/// The input that a file or folder is named after; of several, the one with the
/// longest name ("x.1.npy" belongs to "x.1" rather than "x").
std::optional<size_t> SampleReader::inputOf(StringRef file,
                                            bool isFolder) const {
  std::optional<size_t> found;
  for (auto [index, name] : llvm::enumerate(names)) {
    for (const std::string &spelling :
         {name, makeIdentifier(name), std::to_string(index)}) {
      bool fits = isFolder ? file == spelling : isOf(file, spelling);
      if (fits && (!found || names[*found].size() < name.size()))
        found = index;
    }
  }
  return found;
}

LogicalResult SampleReader::sortFile(StringRef name) {
  std::string file = join(root, name);
  bool isFolder = fs::is_directory(file);
  if (!isFolder && (!name.ends_with(".npy") || isOf(name, "labels")))
    return success();
  if (names.size() == 1 && !isFolder) {
    filesOf.front().push_back(file);
    return success();
  }
  std::optional<size_t> input = inputOf(name, isFolder);
  if (!input) {
    // Folders may hold anything.
    if (isFolder)
      return success();
    return errorAt(context, file)
           << "belongs to no input; the model's are " << namesText()
           << ", so name it INPUT.npy or INPUT.ANYTHING.npy";
  }
  if (!isFolder) {
    filesOf[*input].push_back(file);
    return success();
  }
  auto entries = list(context, file);
  if (failed(entries))
    return failure();
  for (const std::string &entry : *entries)
    if (StringRef(entry).ends_with(".npy"))
      filesOf[*input].push_back(join(file, entry));
  return success();
}

LogicalResult SampleReader::findFiles() {
  if (names.empty())
    return errorAt(context, root) << "the model has no inputs to calibrate";
  if (!fs::exists(root)) {
    return errorAt(context, root)
           << "there is no such folder; give one with .npy files of the "
              "model's inputs";
  }
  if (!fs::is_directory(root)) {
    if (names.size() > 1) {
      return errorAt(context, root)
             << "the model has " << names.size() << " inputs (" << namesText()
             << "), so give a folder with INPUT.npy or INPUT.ANYTHING.npy for "
                "each";
    }
    filesOf.front().push_back(root.str());
    return success();
  }
  auto entries = list(context, root);
  if (failed(entries))
    return failure();
  LogicalResult result = success();
  for (const std::string &entry : *entries)
    if (failed(sortFile(entry)))
      result = failure();
  for (auto [name, files] : llvm::zip_equal(names, filesOf)) {
    if (files.empty()) {
      result = errorAt(context, root)
               << "holds no .npy file for input '" << name
               << "'; put samples there as "
               << (names.size() == 1 ? "ANYTHING" : name) << ".npy";
    }
  }
  return result;
}

/// How many samples of shape `wanted` a file of `shape` holds; 0 if it fits in
/// no way.
int64_t SampleReader::samplesIn(ArrayRef<int64_t> shape,
                                ArrayRef<int64_t> wanted) const {
  if (shape == wanted)
    return 1;
  if (shape.empty() || shape[0] == 0)
    return 0;
  // A list of whole samples.
  if (shape.drop_front() == wanted)
    return shape[0];
  if (wanted.empty())
    return 0;
  // Samples joined along the model's own first dimension.
  if (shape.drop_front() == wanted.drop_front() && shape[0] % wanted[0] == 0)
    return shape[0] / wanted[0];
  // One without the first dimension of size 1.
  return wanted[0] == 1 && shape == wanted.drop_front() ? 1 : 0;
}

void SampleReader::readFile(size_t input, const std::string &file) {
  auto fault = [&]() {
    isWrong = true;
    return errorAt(context, file);
  };
  auto opened = evaluator::openNpy(file);
  if (!opened)
    return void(fault() << withoutPath(opened.takeError(), file));
  auto type = cast<RankedTensorType>(model.getArgumentTypes()[input]);
  std::string wanted = evaluator::npyDescriptor(type.getElementType());
  if (opened->descriptor != wanted) {
    return void(fault() << "element type is '" << opened->descriptor
                        << "', but input '" << names[input] << "' takes '"
                        << wanted << "'; convert it with numpy.astype('"
                        << wanted << "')");
  }
  int64_t samples = samplesIn(opened->shape, type.getShape());
  if (samples == 0) {
    return void(fault() << "has the shape "
                        << evaluator::npyShapeText(opened->shape)
                        << ", but input '" << names[input] << "' takes "
                        << evaluator::npyShapeText(type.getShape())
                        << " or several of them along the first dimension");
  }
  if (auto at = findNonFinite(type.getElementType(), opened->data)) {
    return void(fault() << "the element at " << position(opened->shape, *at)
                        << " is not a finite number; leave such samples out");
  }
  if (input == 0)
    set.origins.push_back(
        {path::filename(file).str(), int64_t(set.inputs[0].samples.size())});
  size_t bytes = opened->data.size() / samples;
  for (int64_t i = 0; i < samples; ++i)
    set.inputs[input].samples.push_back(opened->data.slice(i * bytes, bytes));
  set.files.push_back(std::move(*opened));
}

LogicalResult SampleReader::checkCounts() const {
  for (auto [name, input] : llvm::zip_equal(names, set.inputs)) {
    if (input.samples.size() != set.inputs.front().samples.size()) {
      return errorAt(context, root)
             << "has " << input.samples.size() << " samples of input '" << name
             << "', but " << set.inputs.front().samples.size() << " of '"
             << names.front() << "'; each sample needs all inputs";
    }
  }
  return success();
}

FailureOr<SampleSet> SampleReader::read() {
  if (failed(findFiles()))
    return failure();
  set.inputs.resize(names.size());
  for (auto [input, files] : llvm::enumerate(filesOf))
    for (const std::string &file : files)
      readFile(input, file);
  if (isWrong || failed(checkCounts()))
    return failure();
  return std::move(set);
}

FailureOr<SampleSet> SampleSet::open(StringRef path, func::FuncOp model) {
  return SampleReader(path, model).read();
}

llvm::SmallVector<ArrayRef<char>> SampleSet::operator[](int64_t index) const {
  llvm::SmallVector<ArrayRef<char>> values;
  for (const Input &input : inputs)
    values.push_back(input.samples[index]);
  return values;
}

std::string SampleSet::describe(int64_t index) const {
  auto origin = llvm::find_if(llvm::reverse(origins), [&](const Origin &o) {
    return o.firstSample <= index;
  });
  return origin->file + ", sample " +
         std::to_string(index - origin->firstSample);
}

//===-- labels
//-------------------------------------------------------------===//

/// The integers of a file, of whatever width.
static bool appendIntegers(const NpyFile &file, std::vector<int64_t> &numbers) {
  StringRef kind = StringRef(file.descriptor).drop_front();
  bool isSigned = kind.starts_with("i");
  if ((!isSigned && !kind.starts_with("u")) || file.elementBytes > 8 ||
      file.descriptor[0] == '>')
    return false;
  for (int64_t i = 0; i < file.size(); ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, file.data.data() + i * file.elementBytes,
                file.elementBytes);
    numbers.push_back(isSigned ? llvm::SignExtend64(bits, file.elementBytes * 8)
                               : int64_t(bits));
  }
  return true;
}

FailureOr<std::vector<int64_t>> edgec::readLabels(StringRef root, int64_t rows,
                                                  MLIRContext &context) {
  std::vector<int64_t> labels;
  if (!fs::is_directory(root))
    return labels;
  auto entries = list(context, root);
  if (failed(entries))
    return failure();
  bool isGiven = false;
  for (const std::string &entry : *entries) {
    if (!isOf(entry, "labels"))
      continue;
    isGiven = true;
    std::string path = join(root, entry);
    auto file = evaluator::openNpy(path);
    if (!file)
      return errorAt(context, path) << withoutPath(file.takeError(), path);
    if (!appendIntegers(*file, labels)) {
      return errorAt(context, path)
             << "element type is '" << file->descriptor
             << "', but labels are numbers of classes, integers";
    }
  }
  if (isGiven && int64_t(labels.size()) != rows) {
    return errorAt(context, root)
           << "has " << labels.size() << " labels for " << rows
           << " rows of the model's first output; give one for each";
  }
  return labels;
}
