//===- TosaExamples.cpp - functions of TOSA -------------------------------===//
#include "test/import/MlirExamples.h"

using namespace edgec::test;

std::vector<MlirExample> edgec::test::tosaExamples() {
  return {
      {"TosaAdd",
       R"((%x: tensor<3x5xf32>, %y: tensor<1x5xf32>) -> tensor<3x5xf32> {
  %r = tosa.add %x, %y : (tensor<3x5xf32>, tensor<1x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
})"},
  };
}
