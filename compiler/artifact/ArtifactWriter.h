//===- ArtifactWriter.h - code and weights into one file -------*- C++ -*-===//
//
// Puts the parts of a compiled model together in the form that the user asked
// for, and publishes the result when it is complete.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_ARTIFACT_ARTIFACTWRITER_H
#define EDGEC_COMPILER_ARTIFACT_ARTIFACTWRITER_H

#include "compiler/artifact/ModelHeader.h"
#include "compiler/artifact/WeightsObject.h"
#include "targets/cpu/CodeGenerator.h"

namespace edgec {

/// What an artifact is made of.
struct ArtifactParts {
  ModelInterface interface;
  std::string buildId;
  std::vector<ObjectFile> code;
  std::vector<PlacedConstant> constants;
  /// Paths of what else a shared object is linked from.
  std::vector<std::string> links;
};

/// A shared object for dlopen.
llvm::Error writeShared(const ArtifactParts &parts, llvm::StringRef path);

/// One relocatable object.
llvm::Error writeObject(const ArtifactParts &parts, llvm::StringRef path);

/// An archive of the code and the weights, and NAME.h beside it.
llvm::Error writeStatic(const ArtifactParts &parts, llvm::StringRef path);

/// Any text.
llvm::Error writeText(llvm::StringRef text, llvm::StringRef path);

} // namespace edgec

#endif // EDGEC_COMPILER_ARTIFACT_ARTIFACTWRITER_H
