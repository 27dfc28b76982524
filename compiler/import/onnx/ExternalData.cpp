//===- ExternalData.cpp - weights in files beside the model ---------------===//
//
// A model from elsewhere must not make us read files from elsewhere: a location
// is relative, has no "..", and still lies in the model's folder once every
// symbolic link is resolved. The files are mapped, each once.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Constant.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::StringRef;
using mlir::failure;
using mlir::LogicalResult;
using mlir::success;
namespace path = llvm::sys::path;

/// Absolute for any system, or with a ".." that climbs out.
static bool leavesFolder(StringRef location) {
  using path::Style;
  if (location.contains('\0') || path::is_absolute(location, Style::posix) ||
      path::has_root_path(location, Style::windows))
    return true;
  for (auto part = path::begin(location, Style::windows);
       part != path::end(location); ++part)
    if (*part == "..")
      return true;
  return false;
}

mlir::FailureOr<MappedFile> TensorSource::openExternal(StringRef location,
                                                       ErrorFunction error) {
  auto known = opened.find(location);
  if (known != opened.end())
    return known->second;
  StringRef folder = path::parent_path(modelPath);
  if (folder.empty())
    folder = ".";
  llvm::SmallString<256> file(folder), realFolder, realFile;
  path::append(file, location);
  std::error_code code = llvm::sys::fs::real_path(folder, realFolder);
  if (!code)
    code = llvm::sys::fs::real_path(file, realFile);
  if (code) {
    error() << "external data '" << location
            << "' cannot be read: " << code.message()
            << "; put it beside the model";
    return failure();
  }
  StringRef rest = realFile;
  if (!rest.consume_front(realFolder) ||
      !(rest.starts_with("/") || realFolder.ends_with("/"))) {
    error() << "external data '" << location
            << "' is a link that leaves the model's folder; copy the file "
               "there instead";
    return failure();
  }
  llvm::ErrorOr<MappedFile> mapped = MappedFile::open(realFile);
  if (!mapped) {
    error() << "external data '" << location
            << "' cannot be read: " << mapped.getError().message();
    return failure();
  }
  opened.try_emplace(location, *mapped);
  return *mapped;
}

LogicalResult TensorSource::loadExternal(const Tensor &tensor,
                                         uint64_t sizeBytes, Constant &result,
                                         ErrorFunction error) {
  StringRef location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
  for (const Property &property : tensor.external) {
    uint64_t number = 0;
    bool isNumber = !property.value.getAsInteger(10, number);
    if (property.key == "location")
      location = property.value;
    else if (property.key == "offset" && isNumber)
      offset = number;
    else if (property.key == "length" && isNumber)
      length = number;
    else if (property.key == "offset" || property.key == "length") {
      return error() << "tensor '" << tensor.name << "': external "
                     << property.key << " '" << property.value
                     << "' is not a number";
    }
  }
  if (modelPath == "-") {
    return error() << "tensor '" << tensor.name
                   << "' lies in external data, and a model from standard "
                      "input has no folder; give the model's path";
  }
  if (location.empty())
    return error() << "tensor '" << tensor.name
                   << "' lies in external data without a location";
  if (leavesFolder(location)) {
    return error() << "external data '" << location
                   << "' lies outside the model's folder; its location must "
                      "be relative and without '..'";
  }
  mlir::FailureOr<MappedFile> file = openExternal(location, error);
  if (failed(file))
    return failure();
  StringRef bytes = file->bytes();
  if (offset > bytes.size() || length.value_or(sizeBytes) != sizeBytes ||
      sizeBytes > bytes.size() - offset) {
    return error() << "tensor '" << tensor.name << "' needs " << sizeBytes
                   << " bytes, but its external data is "
                   << length.value_or(sizeBytes) << " bytes from " << offset
                   << " on in '" << location << "' of " << bytes.size()
                   << " bytes";
  }
  result.bytes = bytes.substr(offset, sizeBytes);
  result.owner = file->owner();
  return success();
}
