/*===- edge/model.h - the ABI of a compiled model -------------------------===*\
|*
|* A compiled model is an object file (`.o`, `.a` or `.so`) that exports one
|* function, `edge_model_NAME`, which returns a read-only descriptor. The
|* descriptor says everything an embedder has to know: inputs, outputs, memory,
|* what processor the code needs, and the entry function. This header is that
|* contract: EdgeC emits these structs as constants from LLVM IR and includes
|* nothing else of the runtime; the runtime includes nothing of the compiler.
|*
|*     generated code                          embedder, e.g. edge-run
|*     const edge_model *edge_model_NAME();    m = edge_model_NAME();
|*       -> {magic, sizes, tensors, entry}     m->entry(ctx, in, out, arena);
|*
|* The header is C11 and C++11, needs only <stddef.h> and <stdint.h>, and is
|* enough on its own to run a model on bare metal. docs/abi.md explains it at
|* length.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_MODEL_H
#define EDGE_MODEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Rules that hold for every struct below
 *
 * - Layout: the fields stand in the order written, in the natural alignment of
 *   the target's C ABI, without packing; no field is a C `enum`, `bool`, `int`
 *   or `long`. edge/model_layout.h asserts the offsets on 64-bit targets, so
 *   that a compiler can mirror them.
 * - Ownership: what a descriptor points to lies in the artifact, is never
 *   written or freed, and lives until that is unloaded, if it ever is.
 * - Strings: UTF-8, terminated by NUL, never NULL; "" means "not known".
 * - Counts: an array pointer may be NULL only if its count is 0.
 * - Threads: descriptors are constant; any number of threads may read them.
 */

/** First word of every descriptor: the characters "EDGE" read as a
 *  little-endian integer. */
#define EDGE_MODEL_MAGIC UINT32_C(0x45474445)

/** Version of this contract. It is raised when an existing field, enumerator or
 *  calling convention changes its meaning. Fields that are merely appended to a
 *  struct leave it alone: `struct_size` tells whether they are there. */
#define EDGE_ABI_VERSION UINT32_C(2)

/** Name under which a shared object exports its descriptor function besides
 *  `edge_model_NAME`, for loaders that do not know NAME. */
#define EDGE_MODEL_SYMBOL "edge_model"

/*===----------------------------------------------------------------------===*\
 * Element types and machines
\*===----------------------------------------------------------------------===*/

/** Element type of a tensor (`edge_dtype`). A multi-byte element is in the byte
 *  order of the target, which is little-endian for every target so far. */
enum {
  EDGE_DTYPE_INVALID = 0,
  EDGE_DTYPE_F32 = 1,
  EDGE_DTYPE_F64 = 2,
  EDGE_DTYPE_F16 = 3,  /* IEEE 754 binary16 */
  EDGE_DTYPE_BF16 = 4, /* upper half of a binary32 */
  EDGE_DTYPE_I8 = 5,
  EDGE_DTYPE_U8 = 6,
  EDGE_DTYPE_I16 = 7,
  EDGE_DTYPE_U16 = 8,
  EDGE_DTYPE_I32 = 9,
  EDGE_DTYPE_U32 = 10,
  EDGE_DTYPE_I64 = 11,
  EDGE_DTYPE_U64 = 12,
  EDGE_DTYPE_BOOL = 13,   /* one byte, 0 or 1 */
  EDGE_DTYPE_I4 = 14,     /* two per byte, the lower half first; an odd count
                             leaves the last upper half 0 */
  EDGE_DTYPE_U4 = 15,     /* as I4 */
  EDGE_DTYPE_F8E4M3 = 16, /* OCP E4M3 ("fn": no infinities) */
  EDGE_DTYPE_F8E5M2 = 17  /* OCP E5M2 */
};
typedef uint32_t edge_dtype;

/** Instruction set family of the code in an artifact (`edge_architecture`). */
enum {
  EDGE_ARCHITECTURE_ANY = 0, /* not checked */
  EDGE_ARCHITECTURE_X86_64 = 1,
  EDGE_ARCHITECTURE_AARCH64 = 2,
  EDGE_ARCHITECTURE_RISCV64 = 3,
  EDGE_ARCHITECTURE_ARM = 4, /* 32-bit Arm, A32 or Thumb */
  EDGE_ARCHITECTURE_RISCV32 = 5
};
typedef uint32_t edge_architecture;

/*===----------------------------------------------------------------------===*\
 * The context: what the embedder lends to a running model
\*===----------------------------------------------------------------------===*/

typedef struct edge_context edge_context;
struct edge_section;

/** A part of one kernel: computes the iterations [begin, end) of the kernel's
 *  outer loop, 0 <= begin <= end <= extent.
 *
 *  Disjoint ranges may run at the same time on different threads and in any
 *  order; together the ranges must cover [0, extent) exactly once.
 *
 *  args   Belongs to the caller of parallel_for and is valid until that call
 *         returns. Tasks read it and never write it. */
typedef void (*edge_task)(void *args, int64_t begin, int64_t end);

/** Phases of a kernel, given to `edge_context::profile`. */
enum {
  EDGE_PROFILE_BEGIN = 0, /* the kernel is about to start */
  EDGE_PROFILE_END = 1    /* the kernel is done, on all threads */
};

/** Optional services for one run. A model runs without any: the context may be
 *  NULL, and each callback in it may be NULL.
 *
 *  The embedder owns the context and keeps it unchanged while the entry
 * function runs. A model reads it and passes it on to the callbacks. */
struct edge_context {
  /** sizeof(edge_context) as the embedder was compiled, in bytes. A model that
   *  knows of later fields looks here before it reads them. */
  uint32_t struct_size;

  /** Threads that parallel_for can use, the caller included; 1 or more. A hint:
   *  0 means that the embedder does not say. */
  uint32_t thread_count;

  /** The embedder's own pointer. Never read by a model. */
  void *user;

  /** Runs task(args, begin, end) on ranges that cover [0, extent), extent >= 1,
   *  and returns when all of them are done; their writes are then visible to
   * the caller. Called only from the thread that called the entry function,
   * never from within a task. NULL: the model calls the task itself. */
  void (*parallel_for)(const edge_context *context, edge_task task, void *args,
                       int64_t extent);

  /** Called with EDGE_PROFILE_BEGIN before and EDGE_PROFILE_END after each
   *  kernel, from the thread that called the entry function. `kernel` is the
   *  index into edge_model::kernels; kernels do not nest. NULL: not called. */
  void (*profile)(const edge_context *context, uint32_t kernel, uint32_t phase);

  /** Starts job `job`, an index into edge_model::jobs, on its device and
   * returns without waiting for it. Called from the thread that called the
   * entry function, never from within a task, and not again for the same job
   * before `wait` has returned for it.
   *
   *  buffers  edge_job_info::buffer_count addresses of memory that stays valid
   *           until `wait` returns. Until then the model writes to none of it
   *           and does not read what the job writes. The array itself is copied
   *           or used before the call returns.
   *
   *  Returns 0, or a negative edge_status; the job is then not running and must
   *  not be waited for. NULL: there is no device; a model with jobs returns
   *  EDGE_ERROR_DEVICE. Jobs for one device start in the order of the calls. */
  int32_t (*submit)(const edge_context *context, uint32_t job,
                    void *const *buffers);

  /** Returns once job `job`, which was submitted, is done: 0, and what it wrote
   *  is visible to the caller; or a negative edge_status, and the contents of
   *  its output buffers are unspecified, but nobody writes to them any more.
   *  The model then returns that status at once. Not NULL if `submit` is not.
   */
  int32_t (*wait)(const edge_context *context, uint32_t job);

  /** What `parallel_for` costs, in nanoseconds: how long it takes if the task
   *  does nothing. A kernel that gains less by being shared is not offered to
   *  it. 0: not known; then each kernel is that the compiler found worth it. */
  uintptr_t handover_nanoseconds;

  /** Runs a section, whose calls several threads make (edge/section.h), and
   *  returns when all are done. Not called while `profile` is set. NULL: the
   *  model makes the section's calls itself, one after the other. */
  void (*run_section)(const edge_context *context,
                      const struct edge_section *section,
                      const void *const *inputs, void *const *outputs,
                      void *arena);
};

/** What an entry function returns if the model has jobs and its context has no
 *  `submit`; one of the edge_status values of edge/runtime.h. */
#define EDGE_ERROR_DEVICE (-12)

/*===----------------------------------------------------------------------===*\
 * The descriptor: what a model says about itself
\*===----------------------------------------------------------------------===*/

/** One input or output. Its elements lie densely in row-major order (the last
 *  dimension runs fastest), in the dimension order of the source model. */
typedef struct edge_tensor_info {
  /** The tensor's name in the source model. */
  const char *name;

  /** Element type of the buffer, an EDGE_DTYPE_ value. For a quantized tensor
   *  that is the storage type. */
  edge_dtype dtype;

  /** Number of dimensions; 0 for a scalar, which has one element. */
  uint32_t rank;

  /** `rank` dimensions, each >= 0; NULL if rank is 0. */
  const int64_t *shape;

  /** Size of the buffer that the embedder gives for this tensor, in bytes:
   *  elements times element size, or half of that rounded up for I4 and U4. */
  uint64_t size_bytes;

  /** Number of quantization parameters: 0 not quantized, 1 one pair for the
   *  whole tensor, otherwise shape[quant_axis] pairs.
   *  real value = scales[i] * (stored value - zero_points[i]) */
  uint32_t quant_count;

  /** Dimension that the parameters run along, in [0, rank); -1 if quant_count
   * is 0 or 1. */
  int32_t quant_axis;

  /** `quant_count` scales, each finite and > 0; NULL if quant_count is 0. */
  const float *scales;

  /** `quant_count` zero points within the storage type's range; NULL if
   *  quant_count is 0. */
  const int32_t *zero_points;

  /** Only a run knows how large some outputs are: how many elements are not
   *  zero, say. Then `shape` is the largest that the output can have, its
   *  buffer always has that shape, and this is the index of another output, an
   *  I64 scalar, in which the run leaves the actual size of the dimension
   *  `size_dimension`, in [0, shape[size_dimension]]. What lies beyond it is
   *  zero. Otherwise -1. */
  int32_t size_output;

  /** A dimension in [0, rank), or -1 if size_output is. */
  int32_t size_dimension;
} edge_tensor_info;

/** One kernel launch of the model, for profiles and reports. The same machine
 *  code may stand behind several launches. */
typedef struct edge_kernel_info {
  /** Symbol or short description of the kernel, for example "conv2d_7". */
  const char *name;

  /** Names of the source model's layers fused into it, joined by ", ". */
  const char *layers;

  /** Arithmetic operations of one launch: a multiply-add counts as 2; 0 if the
   *  kernel only moves data or if it is not known. */
  uint64_t flops;

  /** Compulsory traffic of one launch, in bytes: every operand read once and
   *  every result written once; 0 if not known. */
  uint64_t bytes_moved;

  /** Iterations of the outer loop, the `extent` given to parallel_for; >= 1. */
  int64_t extent;

  /** Element type that the kernel computes in, an EDGE_DTYPE_ value: tells
   *  floating-point operations from integer ones. */
  edge_dtype compute_dtype;

  /** What the compiler's cost model predicts for one launch on one core, in
   *  clock cycles; 0 if not known, UINT32_MAX if it is more. */
  uint32_t predicted_cycles;
} edge_kernel_info;

/*===----------------------------------------------------------------------===*\
 * Devices and their jobs
\*===----------------------------------------------------------------------===*/

/** An accelerator that the model uses. */
typedef struct edge_device_info {
  /** Which driver it needs, for example "npu". */
  const char *kind;

  /** The machine description's name, for example "npu-256". Two devices of one
   *  model may have the same name: they are two pieces of hardware. */
  const char *name;

  /** What the commands are made for: the driver's own numbers in the order of
   *  its specification. NULL if parameter_count is 0. */
  const uint64_t *parameters;
  uint32_t parameter_count;

  /** Version of the command streams, by the driver's specification. */
  uint32_t format_version;
} edge_device_info;

/** What a job does with a buffer (`edge_job_buffer::access`), a set of bits. A
 *  device that does not see the host's memory has copies of the buffers; the
 *  last two bits say which copies are needless. */
enum {
  EDGE_ACCESS_READ = 1,
  EDGE_ACCESS_WRITE = 2,
  EDGE_ACCESS_CONSTANT = 4, /* with READ alone: the contents never change */
  EDGE_ACCESS_SCRATCH = 8   /* with READ and WRITE: the contents mean nothing
                               before the job and after it */
};

/** One buffer of a job. Buffers that are only read may overlap each other; one
 *  that is written overlaps no other. */
typedef struct edge_job_buffer {
  uint64_t size_bytes;

  /** EDGE_ACCESS_ bits: READ, WRITE or both, with what goes with them. */
  uint32_t access;

  /** 0. */
  uint32_t reserved;
} edge_job_buffer;

/** One submission to a device. */
typedef struct edge_job_info {
  /** The job's name, for messages and profiles: "npu_0". */
  const char *name;

  /** Names of the source model's layers in it, joined by ", ". */
  const char *layers;

  /** Index into edge_model::devices. */
  uint32_t device;

  /** Length of `buffers`, at most EDGE_MAX_JOB_BUFFERS. */
  uint32_t buffer_count;

  /** The buffers in the order in which submit gets their addresses. What stands
   *  where is the device's convention. */
  const edge_job_buffer *buffers;

  /** The command stream, aligned to 4 bytes, and its size in bytes. */
  const void *commands;
  uint64_t commands_bytes;

  /** What the compiler's cost model predicts for one run of the job, from the
   *  submission to its end; 0 if not known. */
  uint64_t predicted_nanoseconds;
  uint64_t predicted_nanojoules;

  /** Multiply-adds of one run; 0 if not known. */
  uint64_t macs;
} edge_job_info;

#define EDGE_MAX_JOB_BUFFERS 1024

/** One way in which a model was compiled: a precision, a placement. */
typedef struct edge_alternative {
  /** "npu", "cpu", "int8"; no two of a model are equal. */
  const char *label;

  /** A descriptor without alternatives and variants of its own, whose inputs
   *  and outputs have the model's names, shapes and element types. NULL: the
   *  model itself; that is the first alternative and no other. Its arena may be
   *  larger than the model's. */
  const struct edge_model *model;

  /** What the compiler predicts for one run; 0 if not known. */
  uint64_t predicted_nanoseconds;
  uint64_t predicted_nanojoules;

  /** Largest relative L2 error of an output against the source model, as the
   *  compiler measured it; NaN if not known. */
  double error;
} edge_alternative;

/*===----------------------------------------------------------------------===*\
 * The model
\*===----------------------------------------------------------------------===*/

/** Runs the model once on the calling thread, with the context's help.
 *
 *  context  May be NULL. Must not change during the call.
 *  inputs   edge_model::input_count buffers in order, each of the tensor's
 *           size_bytes, aligned to its element; read only. The caller owns
 * them. outputs  edge_model::output_count buffers likewise, written completely.
 * They overlap neither each other nor an input nor the arena. arena
 * edge_model::arena_bytes of scratch memory aligned to
 *           edge_model::arena_alignment. Need not be cleared and keeps nothing
 *           from one run to the next. May be NULL if arena_bytes is 0.
 *
 *  Returns 0, or a negative edge_status of edge/runtime.h; the outputs are then
 *  unspecified. Code for the CPU alone cannot fail and returns 0; a model with
 *  jobs returns EDGE_ERROR_DEVICE without a device, or the status of the first
 *  submit or wait that failed. It has waited for all of its jobs if it returns
 *  0; otherwise some may still be running, and whoever gave it the context
 *  takes them back before the buffers are used again.
 *  Never allocates. Reentrant: several threads may run one model at the same
 *  time, each with its own arena and outputs. */
typedef int32_t (*edge_entry)(const edge_context *context,
                              const void *const *inputs, void *const *outputs,
                              void *arena);

/** A compiled model. */
typedef struct edge_model {
  /** EDGE_MODEL_MAGIC. */
  uint32_t magic;

  /** EDGE_ABI_VERSION of the compiler. A reader refuses every other version. */
  uint32_t abi_version;

  /** sizeof(edge_model) as the compiler knew it, in bytes. A reader refuses a
   *  smaller size than that of the first struct of this version, and does not
   *  read fields beyond it. */
  uint32_t struct_size;

  /** Instruction set of the code, an EDGE_ARCHITECTURE_ value. */
  edge_architecture architecture;

  /** The model's name, a C identifier: the NAME of edge_model_NAME. */
  const char *name;

  /** LLVM target triple, for example "aarch64-unknown-linux-gnu". */
  const char *target;

  /** LLVM name of the CPU that the code is tuned for, for messages. */
  const char *cpu;

  /** Hash of the model, the options and the compiler, in lower-case hexadecimal
   *  digits: equal ids mean equal bytes. */
  const char *build_id;

  /** Size of the scratch memory that a run needs, in bytes; may be 0. */
  uint64_t arena_bytes;

  /** Alignment of the arena, in bytes: a power of two, at least 1. */
  uint64_t arena_alignment;

  /** Size of the constants in the artifact's read-only data, in bytes. */
  uint64_t weights_bytes;

  /** Floating-point operations (multiply-add = 2) that one core of the machine
   *  description finishes per cycle at best; 0 if not known. */
  double peak_flops_per_cycle;

  /** Clock of one core in the machine description, in Hz; 0 if not known. */
  double clock_hz;

  /** Length of `inputs`. */
  uint32_t input_count;

  /** Length of `outputs`. */
  uint32_t output_count;

  /** The model's inputs, in the source model's order. */
  const edge_tensor_info *inputs;

  /** The model's outputs, in the source model's order. */
  const edge_tensor_info *outputs;

  /** Length of `kernels`. */
  uint32_t kernel_count;

  /** Length of `features`. */
  uint32_t feature_count;

  /** The kernel launches in the order in which a run makes them. */
  const edge_kernel_info *kernels;

  /** Instruction-set extensions that the processor must have, by LLVM's names
   *  without "+": "avx2", "fma", "avx512f", "dotprod", "v", "zvl128b". Only
   *  extensions whose instructions the code may contain (or, for zvl*b, whose
   *  register size it relies on); tuning flags such as "fast-gather" are left
   *  out, because a loader refuses what it cannot confirm. */
  const char *const *features;

  /** Runs the model. */
  edge_entry entry;

  /** Length of `variants`. This field and those below are not there in a
   *  struct_size of EDGE_MODEL_FIRST_SIZE; then there are no variants. */
  uint32_t variant_count;

  /** 0. */
  uint32_t reserved;

  /** The same model for other shapes of its inputs, each complete: descriptors
   *  of their own with the same name, tensors in the same order with smaller
   *  shapes, kernels and an entry function, and without variants. No two have
   *  the same input shapes. Memory that is enough for this model (its arena,
   *  and a buffer of size_bytes for each tensor) is enough for all of them;
   *  tensors are dense at the variant's own shape. */
  const struct edge_model *const *variants;

  /** Length of `devices`. This field and those below are not there in a
   *  struct_size of EDGE_MODEL_VARIANTS_SIZE; then all counts are 0. */
  uint32_t device_count;

  /** Length of `jobs`. */
  uint32_t job_count;

  /** The accelerators that the jobs run on. */
  const edge_device_info *devices;

  /** The submissions of a run, in the order of the program. */
  const edge_job_info *jobs;

  /** Length of `alternatives`; 0: there is only this model. */
  uint32_t alternative_count;

  /** 0. */
  uint32_t reserved2;

  /** The ways in which the model was compiled, the first being this one. */
  const edge_alternative *alternatives;
} edge_model;

/** The least edge_model::struct_size of this version: that of a compiler that
 *  knew no variants. */
#define EDGE_MODEL_FIRST_SIZE offsetof(edge_model, variant_count)

/** The edge_model::struct_size of a compiler that knew variants, but no
 *  devices. */
#define EDGE_MODEL_VARIANTS_SIZE offsetof(edge_model, device_count)

/** The one function that an artifact exports, as `edge_model_NAME`. Returns its
 *  descriptor, never NULL. Callable at any time from any thread; it neither
 *  allocates nor runs instructions beyond the architecture's baseline, so it is
 *  safe to call before the machine has been checked. */
typedef const edge_model *(*edge_model_function)(void);

/*===----------------------------------------------------------------------===*\
 * The seal of a shared object
\*===----------------------------------------------------------------------===*/

/** The last bytes of a shared object that edgec wrote. With it a loader tells a
 *  damaged file before the system's loader acts on it. It finds accidents, not
 *  intent: whoever changes a file can also seal it again. Shared objects that
 *  were linked by other tools have none. */
typedef struct edge_seal {
  /** EDGE_SEAL_MAGIC without its NUL. */
  char magic[8];

  /** A range of the file that the sum leaves out, because reading it would take
   *  longer than loading: the weights, which are data and nothing else. */
  uint64_t skip_offset;
  uint64_t skip_bytes;

  /** CRC-32 (IEEE 802.3, as zlib's) of the bytes before the range, those
   *  between the range and the seal, and the seal's own first 24. */
  uint32_t crc;

  /** 0. */
  uint32_t reserved;
} edge_seal;

#define EDGE_SEAL_MAGIC "EDGESEAL"

/*===----------------------------------------------------------------------===*\
 * Operators of the embedder's own
\*===----------------------------------------------------------------------===*/

/** What the model says of one node whose operator is a C function of the
 *  embedder's, linked with the artifact (`edgec -custom-operator`). Constant:
 *  every call of the node gets the same. */
typedef struct edge_custom_info {
  /** sizeof(edge_custom_info) as the compiler knew it, in bytes. */
  uint32_t struct_size;

  /** Lengths of `inputs` and `outputs`. An optional input that the model leaves
   *  out is not counted. */
  uint32_t input_count;
  uint32_t output_count;

  /** Length of `options`, in bytes. */
  uint32_t options_bytes;

  /** Shapes, element types and quantization; the names are "". */
  const edge_tensor_info *inputs;
  const edge_tensor_info *outputs;

  /** The node's attributes. ONNX: a JSON object, without a terminating NUL;
   *  TFLite: the custom options as they stand in the file. NULL if there are
   *  none. */
  const void *options;
} edge_custom_info;

/** Computes such an operator.
 *
 *  info     What the model says of this node.
 *  inputs   info->input_count buffers, dense and row-major; read only.
 *  outputs  info->output_count buffers, to be written completely. They overlap
 *           neither each other nor an input.
 *
 *  All buffers belong to the caller; those that are the model's own inputs and
 *  outputs are aligned as the embedder gave them, all others to 64 bytes. The
 *  function keeps nothing from one call to the next, gives the same results for
 *  the same inputs, may be called from several threads at once (on different
 *  buffers), and cannot fail. */
typedef void (*edge_custom_function)(const edge_custom_info *info,
                                     const void *const *inputs,
                                     void *const *outputs);

#ifdef __cplusplus
}
#endif

#endif /* EDGE_MODEL_H */
