//===- TrialRun.cpp - tries something where it can do no harm -------------===//
//
// fork() copies only the calling thread, so a lock that another one holds stays
// locked in the child; the time limit ends that too.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/TrialRun.h"
#include "llvm/Support/Compiler.h"
#include <chrono>
#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace edgec;

static void limit(int resource, rlim_t most) {
  rlimit limits{most, most};
  setrlimit(static_cast<__rlimit_resource_t>(resource), &limits);
}

/// No message, no trace and no core of a fault that is expected.
static void prepareChild(unsigned seconds) {
  for (int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP})
    std::signal(fault, SIG_DFL);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, seconds);
#if !LLVM_ADDRESS_SANITIZER_BUILD && !LLVM_THREAD_SANITIZER_BUILD
  limit(RLIMIT_AS, maxTrialBytes);
#endif
}

Trial edgec::runTrial(llvm::function_ref<void()> body, unsigned seconds) {
  pid_t child = fork();
  if (child < 0)
    return Trial::passed;
  if (child == 0) {
    prepareChild(seconds);
    body();
    _exit(0);
  }
  using Clock = std::chrono::steady_clock;
  auto end = Clock::now() + std::chrono::seconds(seconds);
  auto pause = std::chrono::microseconds(100);
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (Clock::now() > end) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return Trial::tooLong;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds(10000));
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
    return Trial::tooLong;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? Trial::passed
                                                       : Trial::crashed;
}
