//===- Windows.h - windows of convolutions and pools -------------*- C++
//-*-===//
//
// What operators with a window share, whatever they compute with.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_WINDOWS_H
#define EDGEC_COMPILER_IMPORT_TFLITE_WINDOWS_H

#include "compiler/import/Spatial.h"
#include "compiler/import/tflite/OperatorImport.h"

namespace edgec::tflite {

/// Checks strides and dilations and computes the pads over an input of shape
/// [N, spatial..., C]: SAME gives as many positions as strides fit, the odd
/// zero at the end; VALID gives none. False after an error.
bool padWindow(OperatorImport &n, Window &window, llvm::ArrayRef<int64_t> shape,
               schema::Padding padding);

/// Whether the inputs at `places` have that many dimensions; an error if not.
bool checkRank(OperatorImport &n, int64_t rank,
               std::initializer_list<unsigned> places);

/// The bias at operand `index`; null if it has none or after an error.
mlir::Value readBias(OperatorImport &n, unsigned index);

/// Strides and dilations of two dimensions; size and pads are open.
template <typename OptionsT> Window planeWindow(const OptionsT &options) {
  Window window = Window::ones(2);
  window.strides = {options.stride_h(), options.stride_w()};
  window.dilations = {options.dilation_h(), options.dilation_w()};
  return window;
}

/// The window of a transposed convolution whose result has the shape `shape`,
/// [N, spatial..., O], from operand 2, [N, spatial..., I], by a filter of
/// `filter`, [I, O, spatial...]; none after an error.
std::optional<TransposedWindow> transposedWindow(OperatorImport &n,
                                                 Window window,
                                                 llvm::ArrayRef<int64_t> filter,
                                                 llvm::ArrayRef<int64_t> shape,
                                                 schema::Padding padding);

/// The window of a pool over the first operand; none after an error.
std::optional<Window> poolWindow(OperatorImport &n);

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_WINDOWS_H
