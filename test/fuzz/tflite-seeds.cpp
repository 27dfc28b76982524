//===- tflite-seeds.cpp - writes the seed models into a folder ------------===//
//
//   tflite-seeds corpus
//
//===----------------------------------------------------------------------===//
#include "test/fuzz/TfliteSeeds.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <fstream>

int main(int argc, char **argv) {
  if (argc != 2 || llvm::sys::fs::create_directories(argv[1])) {
    llvm::errs() << "usage: tflite-seeds FOLDER\n";
    return 2;
  }
  int number = 0;
  for (const std::string &seed : edgec::test::tfliteSeeds())
    std::ofstream(std::string(argv[1]) + "/seed" + std::to_string(number++) +
                      ".tflite",
                  std::ios::binary)
        << seed;
  return 0;
}
