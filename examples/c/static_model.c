/*===- static_model.c - a model without files, threads, heap or runtime ---===*\
|*
|* What firmware does: the model is linked in, its memory is a static array
whose
|* size the generated header knows, and the only header of EdgeC's is the ABI.
|*
|*     edgec digits.onnx -emit=static -o libdigits.a        (writes digits.h
too)
|*     cc static_model.c libdigits.a
|*
\*===----------------------------------------------------------------------===*/

#include "digits.h"

#include <stdio.h>

/* A coarse 7, a row of pixels per line. */
static const float image[64] = {
    0, 0, 1, 1, 1, 1, 0, 0, /**/ 0, 0, 0, 0, 0, 1, 0, 0, /**/
    0, 0, 0, 0, 1, 1, 0, 0, /**/ 0, 0, 1, 1, 1, 1, 1, 0, /**/
    0, 0, 0, 1, 1, 0, 0, 0, /**/ 0, 0, 0, 1, 0, 0, 0, 0, /**/
    0, 0, 1, 1, 0, 0, 0, 0, /**/ 0, 0, 1, 0, 0, 0, 0, 0,
};

int main(void) {
  static _Alignas(
      DIGITS_ARENA_ALIGNMENT) unsigned char arena[DIGITS_ARENA_BYTES];
  static float probabilities[10];
  const edge_model *model = edge_model_digits();
  const void *inputs[] = {image};
  void *outputs[] = {probabilities};
  if (model->entry(NULL, inputs, outputs, arena))
    return 1;
  int digit = 0;
  for (int i = 1; i < 10; ++i)
    if (probabilities[i] > probabilities[digit])
      digit = i;
  printf("digit %d (%.1f %%)\n", digit, (double)probabilities[digit] * 100);
  return 0;
}
