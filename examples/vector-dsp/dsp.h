/*===- dsp.h - the instructions of an imaginary vector DSP ----------------===*\
|*
|* The DSP computes on vectors of 32-bit integers in its working memory (buffer
|* 1 of a job). An instruction has DSP_WORDS words: the operation, the number of
|* elements, the places (byte offsets) of the result and of three operands, and
|* the operands' numbers of elements: shorter ones are repeated.
|*
\*===----------------------------------------------------------------------===*/
#pragma once

/* Raised when an instruction changes its meaning. */
#define DSP_VERSION 1

enum { DSP_OPERATION, DSP_COUNT, DSP_RESULT, DSP_A, DSP_B, DSP_C };
enum { DSP_PERIOD = 6 /* three words */, DSP_WORDS = 9 };

enum {
  DSP_LOAD = 1, /* a: byte offset in buffer b of elements of type c */
  DSP_STORE,    /* of a into buffer b as type c */
  DSP_WRAP,     /* a cut off to type c (here no place) */
  DSP_ADD,
  DSP_SUBTRACT,
  DSP_MINIMUM,
  DSP_MAXIMUM,
  DSP_SHIFT_LEFT,
  DSP_RESCALE_DOUBLE, /* a times b / 2^(31 + c), rounded twice */
  DSP_RESCALE_SINGLE  /* the same, rounded once */
};

/* Types of elements in the job's other buffers. */
enum { DSP_I8 = 1, DSP_U8 = 2, DSP_I16 = 3, DSP_I32 = 4 };
