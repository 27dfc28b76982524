/*===- measure.c - wall time and peak memory of one command ---------------===*\
|*
|* A child inherits the peak memory of whoever forks it, so a Python script
|* cannot tell the few megabytes of edge-run from its own. This program is small
|* enough not to be in the way.
|*
|*     measure REPORT COMMAND [ARGUMENT]...
|*
|* runs COMMAND, writes {"wall_s", "cpu_s", "peak_mb"} to the file REPORT and
|* ends with the command's exit status (128 + signal if it was killed).
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s REPORT COMMAND [ARGUMENT]...\n", argv[0]);
    return 2;
  }
  double start = seconds();
  pid_t child = fork();
  if (child == 0) {
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    _exit(127);
  }
  int status;
  struct rusage usage;
  if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
    perror(argv[2]);
    return 127;
  }
  double wall = seconds() - start;
  FILE *report = fopen(argv[1], "w");
  if (!report) {
    perror(argv[1]);
    return 127;
  }
  fprintf(report, "{\"wall_s\": %.4f, \"cpu_s\": %.4f, \"peak_mb\": %.3f}\n",
          wall,
          (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
              (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6,
          (double)usage.ru_maxrss / 1024);
  fclose(report);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
