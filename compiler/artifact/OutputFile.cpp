//===- OutputFile.cpp - files that appear when they are complete ----------===//
//
// The temporary folder lies beside the destination, because a rename is atomic
// only within one file system.
//
//===----------------------------------------------------------------------===//
#include "compiler/artifact/OutputFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include <mutex>
#include <set>

using namespace edgec;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

static llvm::Error cannotWrite(StringRef destination, std::error_code error) {
  return llvm::createStringError("cannot write '" + destination +
                                 "': " + error.message());
}

/// The folders to remove when the process is interrupted.
static std::mutex liveFoldersMutex;
static std::set<std::string> liveFolders;

TemporaryFolder::TemporaryFolder(std::string folder) : path(std::move(folder)) {
  std::lock_guard<std::mutex> lock(liveFoldersMutex);
  liveFolders.insert(path);
}

void edgec::removeTemporaryFolders() {
  // The interrupted thread may hold the lock; then one folder stays.
  std::unique_lock<std::mutex> lock(liveFoldersMutex, std::try_to_lock);
  if (!lock)
    return;
  for (const std::string &folder : liveFolders) {
    std::error_code ignored = fs::remove_directories(folder);
    (void)ignored;
  }
}

/// True if the destination is replaced by renaming a file onto it.
static bool isReplaced(StringRef destination) {
  if (destination == "-")
    return false;
  fs::file_status status;
  return fs::status(destination, status) || fs::is_regular_file(status);
}

/// The folder in which a destination lies.
static StringRef folderOf(StringRef destination) {
  StringRef folder = llvm::sys::path::parent_path(destination);
  return folder.empty() ? "." : folder;
}

llvm::Expected<TemporaryFolder> TemporaryFolder::beside(StringRef destination) {
  llvm::SmallString<128> model;
  if (isReplaced(destination))
    model = folderOf(destination);
  else
    llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, model);
  llvm::sys::path::append(model, ".edgec");
  // createUniqueDirectory looks in the system's temporary folder only.
  for (unsigned attempt = 0; attempt < 128; ++attempt) {
    std::string path =
        (model + "-" +
         llvm::Twine::utohexstr(llvm::sys::Process::GetRandomNumber()))
            .str();
    std::error_code error =
        fs::create_directory(path, /*IgnoreExisting=*/false);
    if (!error)
      return TemporaryFolder(path);
    if (error != std::errc::file_exists)
      return cannotWrite(destination, error);
  }
  return cannotWrite(destination, std::make_error_code(std::errc::file_exists));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder &&other) noexcept
    : path(std::move(other.path)) {
  other.path.clear();
}

TemporaryFolder::~TemporaryFolder() {
  if (path.empty())
    return;
  std::error_code ignored = fs::remove_directories(path);
  (void)ignored;
  std::lock_guard<std::mutex> lock(liveFoldersMutex);
  liveFolders.erase(path);
}

std::string TemporaryFolder::file(StringRef name) const {
  llvm::SmallString<128> result(path);
  llvm::sys::path::append(result, name);
  return result.str().str();
}

llvm::Error
edgec::writeFile(StringRef path,
                 llvm::function_ref<llvm::Error(llvm::raw_ostream &)> write) {
  std::error_code error;
  llvm::raw_fd_ostream stream(path, error);
  if (error)
    return cannotWrite(path, error);
  stream.SetBufferSize(1 << 20);
  llvm::Error problem = write(stream);
  stream.close();
  if (stream.has_error()) {
    error = stream.error();
    stream.clear_error();
    llvm::consumeError(std::move(problem));
    return cannotWrite(path, error);
  }
  return problem;
}

/// Copies a file's bytes to a stream that is already open.
static llvm::Error copyTo(StringRef file, llvm::raw_fd_ostream &stream,
                          StringRef destination) {
  auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return cannotWrite(destination, buffer.getError());
  stream << (*buffer)->getBuffer();
  stream.flush();
  if (!stream.has_error())
    return llvm::Error::success();
  std::error_code error = stream.error();
  stream.clear_error();
  return cannotWrite(destination, error);
}

llvm::Error edgec::publish(StringRef file, StringRef destination) {
  if (destination == "-")
    return copyTo(file, llvm::outs(), destination);
  if (isReplaced(destination)) {
    if (std::error_code error = fs::rename(file, destination))
      return cannotWrite(destination, error);
    return llvm::Error::success();
  }
  std::error_code error;
  llvm::raw_fd_ostream stream(destination, error);
  if (error)
    return cannotWrite(destination, error);
  return copyTo(file, stream, destination);
}

llvm::Error edgec::checkWritable(StringRef destination) {
  if (destination == "-")
    return llvm::Error::success();
  if (fs::is_directory(destination))
    return cannotWrite(destination,
                       std::make_error_code(std::errc::is_a_directory));
  if (isReplaced(destination)) {
    StringRef folder = folderOf(destination);
    if (!fs::is_directory(folder)) {
      std::errc reason = fs::exists(folder)
                             ? std::errc::not_a_directory
                             : std::errc::no_such_file_or_directory;
      return cannotWrite(destination, std::make_error_code(reason));
    }
    if (std::error_code error = fs::access(folder, fs::AccessMode::Write))
      return cannotWrite(destination, error);
    return llvm::Error::success();
  }
  if (std::error_code error = fs::access(destination, fs::AccessMode::Write))
    return cannotWrite(destination, error);
  return llvm::Error::success();
}
