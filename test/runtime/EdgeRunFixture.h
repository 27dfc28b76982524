// edge-run from outside: a folder for one test, and commands that run in it.

#ifndef EDGE_TEST_RUNTIME_EDGERUNFIXTURE_H
#define EDGE_TEST_RUNTIME_EDGERUNFIXTURE_H

#include "Models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/wait.h>

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Result {
  int exitStatus;
  std::string out, err;
};

inline std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A folder for one test, and commands that run in it.
class EdgeRun : public testing::Test {
protected:
  void SetUp() override {
    char name[] = "/tmp/edge-run-test-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  Result command(const std::string &line) const {
    const std::string shell = "cd " + folder + " && " + line + " >" + folder +
                              "/stdout 2>" + folder + "/stderr";
    const int status = std::system(shell.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            readFile(folder + "/stdout"), readFile(folder + "/stderr")};
  }
  Result run(const std::string &arguments) const {
    return command(std::string(EDGE_TEST_RUN) + " " + arguments);
  }

  /// Writes NAME.npy with the header's type and shape and any data.
  template <typename T>
  void writeNpy(const std::string &name, const std::string &descr,
                const std::string &shape, const std::vector<T> &data) const {
    std::string dict = "{'descr': '" + descr +
                       "', 'fortran_order': False, 'shape': " + shape + ", }\n";
    std::ofstream file(folder + "/" + name, std::ios::binary);
    file << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(dict.size())
         << '\0' << dict;
    file.write(reinterpret_cast<const char *>(data.data()),
               static_cast<std::streamsize>(data.size() * sizeof(T)));
  }

  /// x.npy, b.npy and the result y.npy of the affine model.
  void writeAffineFiles() const {
    AffineBuffers buffers(0.5f);
    std::vector<float> y(24);
    for (size_t i = 0; i < 24; ++i)
      y[i] = 2 * buffers.x[i] + buffers.b[i % 4];
    writeNpy("x.npy", "<f4", "(2, 3, 4)",
             std::vector<float>(buffers.x.begin(), buffers.x.end()));
    writeNpy("b.npy", "<f4", "(4,)",
             std::vector<float>(buffers.b.begin(), buffers.b.end()));
    writeNpy("y.npy", "<f4", "(2, 3, 4)", y);
    y[17] += 1;
    writeNpy("wrong.npy", "<f4", "(2, 3, 4)", y);
  }

  std::string folder;
};

#endif // EDGE_TEST_RUNTIME_EDGERUNFIXTURE_H
