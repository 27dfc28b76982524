/*===- classify.c - reads handwritten digits with a compiled model --------===*\
|*
|* The program behind scripts/demo: it embeds the runtime, loads the compiled
|* digit reader, runs it on every held-out image and says how well, how fast and
|* in how much memory it works. It is also the longer of the two C examples:
|* examples/c shows the least that an embedder has to write.
|*
|*     digits-classify digits.so FOLDER      (FOLDER: images.npy, labels.npy)
|*
\*===----------------------------------------------------------------------===*/

#define _POSIX_C_SOURCE 200809L

#include "edge/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { SIDE = 8, PIXELS = SIDE * SIDE, CLASSES = 10, PER_ROW = 5, PASSES = 20 };

/* Reads the elements of a version 1 .npy file whose type is `descr`. Returns
   their number, or 0; the caller frees *data. */
static size_t readNpy(const char *folder, const char *name, const char *descr,
                      size_t elementBytes, void **data) {
  char path[4096];
  *data = NULL;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    return 0;
  }
  unsigned char start[10];
  char header[4096] = "";
  struct stat status;
  size_t headerBytes = 0, count = 0;
  if (fread(start, 1, sizeof start, file) == sizeof start &&
      memcmp(start, "\x93NUMPY\x01", 7) == 0) {
    headerBytes = start[8] | (size_t)start[9] << 8;
    if (headerBytes < sizeof header &&
        fread(header, 1, headerBytes, file) == headerBytes &&
        strstr(header, descr) && fstat(fileno(file), &status) == 0) {
      count =
          ((size_t)status.st_size - sizeof start - headerBytes) / elementBytes;
      *data = malloc(count * elementBytes);
      if (!*data || fread(*data, elementBytes, count, file) != count)
        count = 0;
    }
  }
  fclose(file);
  if (count == 0)
    fprintf(stderr, "%s: not a .npy array of type %s\n", path, descr);
  return count;
}

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static int best(const float *probabilities) {
  int digit = 0;
  for (int i = 1; i < CLASSES; ++i)
    if (probabilities[i] > probabilities[digit])
      digit = i;
  return digit;
}

/* Draws PER_ROW images side by side, two characters a pixel, and below each
   what the model reads in it. */
static void draw(const float *images, const float *probabilities,
                 const unsigned char *labels) {
  static const char shades[] = " .:-=+*#%@";
  for (int y = 0; y < SIDE; ++y) {
    for (int i = 0; i < PER_ROW; ++i)
      for (int x = 0; x < SIDE; ++x) {
        char shade =
            shades[(int)(images[i * PIXELS + y * SIDE + x] * 9 + 0.5f)];
        printf("%c%c", shade, shade);
      }
    putchar('\n');
  }
  for (int i = 0; i < PER_ROW; ++i) {
    const float *p = probabilities + i * CLASSES;
    int digit = best(p);
    printf(" %s %d %5.1f%% ", digit == labels[i] ? "reads" : "WRONG", digit,
           (double)p[digit] * 100);
  }
  puts("\n");
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s MODEL.so FOLDER\n", argv[0]);
    return 2;
  }
  float *images;
  unsigned char *labels;
  size_t count = readNpy(argv[2], "labels.npy", "'|u1'", 1, (void **)&labels);
  size_t pixels = readNpy(argv[2], "images.npy", "'<f4'", 4, (void **)&images);
  if (count < 2 * PER_ROW || pixels != count * PIXELS)
    return 1;

  edge_artifact *artifact = NULL;
  edge_session *session = NULL;
  edge_message message;
  if (edge_model_load(argv[1], &artifact, &message) ||
      edge_session_create(edge_artifact_model(artifact), 1, &session,
                          &message)) {
    fprintf(stderr, "%s: %s\n", argv[1], message.text);
    return 1;
  }
  const edge_model *model = edge_artifact_model(artifact);
  if (model->input_count != 1 || model->output_count != 1 ||
      model->inputs[0].size_bytes != PIXELS * sizeof(float) ||
      model->outputs[0].size_bytes != CLASSES * sizeof(float)) {
    fprintf(stderr, "%s: not the model of this example\n", argv[1]);
    return 1;
  }

  float *probabilities = calloc(count * CLASSES, sizeof(float));
  double *times = calloc(count * PASSES, sizeof(double));
  if (!probabilities || !times)
    return 1;
  for (size_t run = 0; run < count * PASSES; ++run) {
    size_t i = run % count;
    const void *inputs[] = {images + i * PIXELS};
    void *outputs[] = {probabilities + i * CLASSES};
    double start = microseconds();
    if (edge_session_run(session, inputs, outputs, &message)) {
      fprintf(stderr, "%s: %s\n", argv[1], message.text);
      return 1;
    }
    times[run] = microseconds() - start;
  }

  for (int row = 0; row < 2; ++row)
    draw(images + row * PER_ROW * PIXELS,
         probabilities + row * PER_ROW * CLASSES, labels + row * PER_ROW);

  size_t right = 0;
  for (size_t i = 0; i < count; ++i)
    right += best(probabilities + i * CLASSES) == labels[i];
  qsort(times, count * PASSES, sizeof(double), ascending);
  struct stat status;
  if (stat(argv[1], &status))
    return 1;
  printf("accuracy  %.1f %%: %zu of %zu images the model has never seen\n",
         100.0 * (double)right / (double)count, right, count);
  printf("latency   %.1f us median, %.1f us at best, one thread (%s)\n",
         times[count * PASSES / 2], times[0], model->cpu);
  printf("artifact  %.1f KB on disk, %.1f KB of it weights\n",
         (double)status.st_size / 1024, (double)model->weights_bytes / 1024);
  printf("RAM       %.1f KB arena\n", (double)model->arena_bytes / 1024);

  edge_session_destroy(session);
  edge_model_unload(artifact);
  free(images);
  free(labels);
  free(probabilities);
  free(times);
  return 0;
}
