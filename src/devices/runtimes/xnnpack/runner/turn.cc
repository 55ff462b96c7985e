#include "turn.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

// The lock is on the program itself, which all of them have open. Where it cannot be had there are no turns.
Turn::Turn() : file_(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)) {
  if (file_ >= 0) flock(file_, LOCK_EX);
}

Turn::~Turn() {
  if (file_ >= 0) close(file_);
}
