/*===- emulator.c - RISC-V's Zvqdotq where QEMU lacks it ------------------===*\
|*
|* A handler of SIGILL does what the specification (RISC-V "Zvqdotq", 0.0.2)
|* says of vqdot, vqdotu, vqdotsu and vqdotus: each lane of 32 bits gets the sum
|* of four products of bytes. It reads and writes the vector registers
|* themselves, which works where a signal leaves them alone: under QEMU's user
|* emulation. Linux saves and restores them, so this is no emulator for boards.
|*
|* Programs are linked with --wrap=edge_machine_feature: the loader asks here
|* for the extension, all other questions are the runtime's.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "machine.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

/* Registers of at most 1024 bits. */
enum { REGISTERS = 32, MOST_BYTES = REGISTERS * 128 };

typedef struct {
  uint64_t vl, vtype, vlenb, vstart;
  uint8_t bytes[MOST_BYTES];
} vector_state;

static _Atomic uint64_t executed;

#define WITH_V(code) ".option push\n.option arch, +v\n" code ".option pop\n"

static void read_state(vector_state *state) {
  __asm__ volatile(WITH_V("csrr %0, vl\ncsrr %1, vtype\ncsrr %2, vlenb\n"
                          "csrr %3, vstart\n")
                   : "=r"(state->vl), "=r"(state->vtype), "=r"(state->vlenb),
                     "=r"(state->vstart));
  if (state->vlenb * REGISTERS > MOST_BYTES)
    abort();
  const uint64_t eight = 8 * state->vlenb;
  uint8_t *at = state->bytes;
  __asm__ volatile(WITH_V("csrw vstart, x0\n"
                          "vs8r.v v0, (%0)\nvs8r.v v8, (%1)\n"
                          "vs8r.v v16, (%2)\nvs8r.v v24, (%3)\n")
                   :
                   : "r"(at), "r"(at + eight), "r"(at + 2 * eight),
                     "r"(at + 3 * eight)
                   : "memory");
}

static void write_state(const vector_state *state) {
  const uint64_t eight = 8 * state->vlenb;
  const uint8_t *at = state->bytes;
  __asm__ volatile(WITH_V("vl8re8.v v0, (%0)\nvl8re8.v v8, (%1)\n"
                          "vl8re8.v v16, (%2)\nvl8re8.v v24, (%3)\n"
                          "vsetvl x0, %4, %5\n")
                   :
                   : "r"(at), "r"(at + eight), "r"(at + 2 * eight),
                     "r"(at + 3 * eight), "r"(state->vl), "r"(state->vtype)
                   : "memory");
}

/* The number that a byte is. */
static int32_t byte(const uint8_t *at, int is_signed) {
  return is_signed ? (int8_t)*at : *at;
}

/* Executes `word` if it is one of the four; `scalar` is register rs1. */
static int execute(uint32_t word, uint64_t scalar, vector_state *state) {
  enum { OP_V = 0x57, OPMVV = 2, OPMVX = 6 };
  enum { VQDOTU = 0x28, VQDOTSU = 0x2A, VQDOT = 0x2C, VQDOTUS = 0x2E };
  const uint32_t form = word >> 12 & 7, operation = word >> 26;
  if ((word & 0x7F) != OP_V || (form != OPMVV && form != OPMVX))
    return 0;
  if (operation != VQDOT && operation != VQDOTU && operation != VQDOTSU &&
      (operation != VQDOTUS || form != OPMVX))
    return 0;
  /* Elements of 32 bits only; an illegal vtype has its highest bit set. */
  if (state->vtype >> 63 || (state->vtype >> 3 & 7) != 2)
    return 0;
  const int is_left_signed = operation == VQDOT || operation == VQDOTSU,
            is_right_signed = operation == VQDOT || operation == VQDOTUS;
  uint8_t *sums = state->bytes + (word >> 7 & 31) * state->vlenb;
  const uint8_t *left = state->bytes + (word >> 20 & 31) * state->vlenb,
                *right = state->bytes + (word >> 15 & 31) * state->vlenb;
  uint8_t same[4];
  const uint32_t low = (uint32_t)scalar;
  memcpy(same, &low, sizeof same);
  for (uint64_t i = state->vstart; i < state->vl; i++) {
    const int is_active = word >> 25 & 1 || state->bytes[i / 8] >> i % 8 & 1;
    if (!is_active)
      continue;
    uint32_t sum;
    memcpy(&sum, sums + 4 * i, sizeof sum);
    for (int b = 0; b < 4; b++)
      sum += (uint32_t)(byte(left + 4 * i + b, is_left_signed) *
                        byte(form == OPMVV ? right + 4 * i + b : same + b,
                             is_right_signed));
    memcpy(sums + 4 * i, &sum, sizeof sum);
  }
  return 1;
}

static void handle(int number, siginfo_t *info, void *context) {
  (void)info;
  static _Thread_local vector_state state
      __attribute__((tls_model("initial-exec")));
  __riscv_mc_gp_state *registers =
      &((ucontext_t *)context)->uc_mcontext.__gregs;
  uint64_t done = 0;
  read_state(&state);
  /* They come in groups, and a signal takes longer than one. */
  for (;; done++, (*registers)[REG_PC] += 4) {
    uint32_t word;
    memcpy(&word, (const void *)(*registers)[REG_PC], sizeof word);
    const uint32_t rs1 = word >> 15 & 31;
    if (!execute(word, rs1 ? (*registers)[rs1] : 0, &state))
      break;
    state.vstart = 0;
  }
  write_state(&state);
  if (!done)
    signal(number, SIG_DFL); /* Happens again, and then ends the program. */
  atomic_fetch_add_explicit(&executed, done, memory_order_relaxed);
}

static void report(void) {
  fprintf(stderr, "Zvqdotq emulator: %llu instructions\n",
          (unsigned long long)executed);
}

static void emulate(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  sigaction(SIGILL, &action, NULL);
  if (getenv("EDGE_ZVQDOTQ_REPORT"))
    atexit(report);
}

edge_presence __real_edge_machine_feature(const char *name);
edge_presence __wrap_edge_machine_feature(const char *name);

edge_presence __wrap_edge_machine_feature(const char *name) {
  static _Atomic int is_installed;
  if (strcmp(name, "experimental-zvqdotq") != 0)
    return __real_edge_machine_feature(name);
  if (!atomic_exchange(&is_installed, 1))
    emulate();
  return EDGE_PRESENT;
}
