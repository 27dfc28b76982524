//===- onnx-seeds.cpp - writes the seed models into a folder --------------===//
//
//   onnx-seeds corpus
//
//===----------------------------------------------------------------------===//
#include "test/fuzz/OnnxSeeds.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <fstream>

int main(int argc, char **argv) {
  if (argc != 2 || llvm::sys::fs::create_directories(argv[1])) {
    llvm::errs() << "usage: onnx-seeds FOLDER\n";
    return 2;
  }
  int number = 0;
  for (const std::string &seed : edgec::test::onnxSeeds())
    std::ofstream(std::string(argv[1]) + "/seed" + std::to_string(number++) +
                      ".onnx",
                  std::ios::binary)
        << seed;
  return 0;
}
