//===- ArtifactWriter.cpp - code and weights into one file ----------------===//
//
// The linker reads files, so the objects are written to a temporary folder
// first. Nothing in the results depends on that folder's name.
//
//===----------------------------------------------------------------------===//
#include "compiler/artifact/ArtifactWriter.h"

#include "compiler/artifact/Link.h"
#include "compiler/artifact/OutputFile.h"
#include "compiler/artifact/Seal.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace edgec;
using llvm::StringRef;

/// Writes the code objects; their paths in order.
static llvm::Expected<std::vector<std::string>>
writeCode(const ArtifactParts &parts, const TemporaryFolder &folder) {
  std::vector<std::string> paths;
  for (size_t index = 0; index < parts.code.size(); ++index) {
    const ObjectFile &object = parts.code[index];
    std::string path = folder.file("code" + std::to_string(index) + ".o");
    llvm::Error error = writeFile(path, [&](llvm::raw_ostream &stream) {
      stream.write(object.bytes.data(), object.bytes.size());
      return llvm::Error::success();
    });
    if (error)
      return std::move(error);
    paths.push_back(std::move(path));
  }
  return paths;
}

/// Writes the weights' object if the model has weights; its path or "".
static llvm::Expected<std::string> writeWeights(const ArtifactParts &parts,
                                                const TemporaryFolder &folder) {
  if (parts.interface.weightsBytes == 0)
    return std::string();
  const ObjectFile &code = parts.code.front();
  std::string path = folder.file("weights.o");
  llvm::Error error = writeFile(path, [&](llvm::raw_ostream &stream) {
    return writeWeightsObject(
        stream,
        llvm::MemoryBufferRef(StringRef(code.bytes.data(), code.bytes.size()),
                              code.name),
        "edge_weights_" + parts.interface.name, parts.interface.weightsBytes,
        parts.constants);
  });
  if (error)
    return std::move(error);
  return path;
}

/// All objects of an artifact as files.
static llvm::Expected<std::vector<std::string>>
writeObjects(const ArtifactParts &parts, const TemporaryFolder &folder) {
  auto paths = writeCode(parts, folder);
  if (!paths)
    return paths;
  auto weights = writeWeights(parts, folder);
  if (!weights)
    return weights.takeError();
  if (!weights->empty())
    paths->push_back(*weights);
  return paths;
}

llvm::Error edgec::writeShared(const ArtifactParts &parts, StringRef path) {
  auto folder = TemporaryFolder::beside(path);
  if (!folder)
    return folder.takeError();
  auto objects = writeObjects(parts, *folder);
  if (!objects)
    return objects.takeError();
  objects->insert(objects->end(), parts.links.begin(), parts.links.end());
  std::string linked = folder->file("linked.so");
  if (llvm::Error error =
          linkShared(*objects, parts.interface.name, parts.buildId, linked))
    return error;
  if (llvm::Error error =
          sealShared(linked, "edge_weights_" + parts.interface.name,
                     parts.interface.weightsBytes))
    return error;
  return publish(linked, path);
}

llvm::Error edgec::writeObject(const ArtifactParts &parts, StringRef path) {
  auto folder = TemporaryFolder::beside(path);
  if (!folder)
    return folder.takeError();
  auto objects = writeObjects(parts, *folder);
  if (!objects)
    return objects.takeError();
  std::string linked = folder->file("linked.o");
  if (llvm::Error error = linkRelocatable(*objects, linked))
    return error;
  return publish(linked, path);
}

/// Where the header of an archive goes: beside it, under the model's name.
static std::string headerPath(const ArtifactParts &parts, StringRef archive) {
  llvm::SmallString<128> path(llvm::sys::path::parent_path(archive));
  llvm::sys::path::append(path, parts.interface.name + ".h");
  return path.str().str();
}

llvm::Error edgec::writeStatic(const ArtifactParts &parts, StringRef path) {
  if (path == "-")
    return llvm::createStringError(
        "a static library is an archive and a header: name a file with -o");
  auto folder = TemporaryFolder::beside(path);
  if (!folder)
    return folder.takeError();
  auto code = writeCode(parts, *folder);
  if (!code)
    return code.takeError();
  auto weights = writeWeights(parts, *folder);
  if (!weights)
    return weights.takeError();

  // The code as one member, so that the archive's names speak of the model.
  const std::string &name = parts.interface.name;
  std::string merged = folder->file(name + ".o");
  if (llvm::Error error = linkRelocatable(*code, merged))
    return error;
  std::vector<std::pair<std::string, std::string>> files = {
      {merged, name + ".o"}};
  if (!weights->empty())
    files.emplace_back(*weights, name + "_weights.o");

  std::vector<llvm::NewArchiveMember> members;
  std::vector<std::string> memberNames;
  memberNames.reserve(files.size());
  for (const auto &[file, memberName] : files) {
    auto member = llvm::NewArchiveMember::getFile(file, /*Deterministic=*/true);
    if (!member)
      return member.takeError();
    memberNames.push_back(memberName);
    member->MemberName = memberNames.back();
    members.push_back(std::move(*member));
  }
  std::string archive = folder->file("archive.a");
  if (llvm::Error error = llvm::writeArchive(
          archive, members, llvm::SymtabWritingMode::NormalSymtab,
          llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false))
    return error;
  std::string header = folder->file("model.h");
  llvm::Error error = writeFile(header, [&](llvm::raw_ostream &stream) {
    stream << modelHeader(parts.interface);
    return llvm::Error::success();
  });
  if (error)
    return error;
  if (llvm::Error problem = publish(header, headerPath(parts, path)))
    return problem;
  return publish(archive, path);
}

llvm::Error edgec::writeText(StringRef text, StringRef path) {
  auto folder = TemporaryFolder::beside(path);
  if (!folder)
    return folder.takeError();
  std::string file = folder->file("text");
  llvm::Error error = writeFile(file, [&](llvm::raw_ostream &stream) {
    stream << text;
    return llvm::Error::success();
  });
  if (error)
    return error;
  return publish(file, path);
}
