/* Makes each write and sync of a process take longer, as on a slow disk: preloaded by faults.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static void wait_first(void) {
  const char *milliseconds = getenv("SLOW_WRITES_MS");
  usleep(1000 * (milliseconds ? atoi(milliseconds) : 20));
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) {
  static ssize_t (*next)(int, const void *, size_t, off64_t);
  if (!next) next = dlsym(RTLD_NEXT, "pwrite64");
  wait_first();
  return next(file, data, size, at);
}

int fsync(int file) {
  static int (*next)(int);
  if (!next) next = dlsym(RTLD_NEXT, "fsync");
  wait_first();
  return next(file);
}

int fdatasync(int file) {
  static int (*next)(int);
  if (!next) next = dlsym(RTLD_NEXT, "fdatasync");
  wait_first();
  return next(file);
}
