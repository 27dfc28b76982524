/*===- emulator.c - AMX on processors that have none ----------------------===*/

#define _GNU_SOURCE
#include "test/amx/emulator.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static const char *const names[AMX_OPERATIONS] = {
    "ldtilecfg", "sttilecfg",   "tilerelease", "tilezero",
    "tileloadd", "tileloaddt1", "tilestored",  "tdp"};

/* A handler may not allocate, which other models of thread-local storage do. */
static _Thread_local amx_state tiles __attribute__((tls_model("initial-exec")));
static _Atomic uint64_t counts[AMX_OPERATIONS];
static struct sigaction before;
static pthread_once_t installed = PTHREAD_ONCE_INIT;

uint64_t amx_count(amx_operation operation) { return counts[operation]; }

static void write_text(const char *text) {
  ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written;
}

static void read_registers(const ucontext_t *context,
                           amx_registers *registers) {
  static const int numbers[16] = {
      REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
      REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
  for (int i = 0; i < 16; i++)
    registers->general[i] = (uint64_t)context->uc_mcontext.gregs[numbers[i]];
  enum { ARCH_GET_FS = 0x1003, ARCH_GET_GS = 0x1004 };
  syscall(SYS_arch_prctl, ARCH_GET_FS, &registers->fs);
  syscall(SYS_arch_prctl, ARCH_GET_GS, &registers->gs);
}

static const char *execute(const amx_instruction *instruction) {
  uint8_t *memory = (uint8_t *)instruction->address;
  const unsigned *tile = instruction->tile;
  switch (instruction->operation) {
  case AMX_LDTILECFG:
    return amx_load_configuration(&tiles, memory);
  case AMX_STTILECFG:
    amx_store_configuration(&tiles, memory);
    return NULL;
  case AMX_TILERELEASE:
    amx_release(&tiles);
    return NULL;
  case AMX_TILEZERO:
    return amx_zero(&tiles, tile[0]);
  case AMX_TILELOADD:
  case AMX_TILELOADDT1:
    return amx_load(&tiles, tile[0], memory, instruction->stride);
  case AMX_TILESTORED:
    return amx_store(&tiles, tile[0], memory, instruction->stride);
  case AMX_TDP:
    return amx_multiply(&tiles, instruction->product, tile[0], tile[1],
                        tile[2]);
  case AMX_OPERATIONS:
    break;
  }
  return "no such instruction";
}

static void handle(int number, siginfo_t *info, void *context) {
  greg_t *ip = &((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
  amx_registers registers;
  amx_instruction instruction;
  int done = 0;
  /* Tile instructions come in groups, and a signal takes longer than most of
   * them. None changes a register. */
  for (;; done = 1) {
    registers.ip = (uint64_t)*ip;
    if (!done)
      read_registers(context, &registers);
    if (!amx_decode((const uint8_t *)*ip, &registers, &instruction))
      break;
    const char *fault = execute(&instruction);
    if (fault) {
      write_text("AMX emulator: ");
      write_text(names[instruction.operation]);
      write_text(": ");
      write_text(fault);
      write_text("\n");
      abort();
    }
    atomic_fetch_add_explicit(&counts[instruction.operation], 1,
                              memory_order_relaxed);
    *ip += instruction.length;
  }
  if (done)
    return;
  if (before.sa_flags & SA_SIGINFO)
    before.sa_sigaction(number, info, context);
  else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
    before.sa_handler(number);
  else /* Happens again, and then ends the program. */
    signal(number, SIG_DFL);
}

static void report(void) {
  for (int i = 0; i < AMX_OPERATIONS; i++)
    fprintf(stderr, "AMX emulator: %-11s %llu\n", names[i],
            (unsigned long long)counts[i]);
}

static void install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGILL, &action, &before);
  if (getenv("EDGE_AMX_REPORT"))
    atexit(report);
}

void amx_emulate(void) { pthread_once(&installed, install); }
