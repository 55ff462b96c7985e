#include "input-closed.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

bool input_closed(int descriptor) {
  struct stat status;
  // A file is never closed by somebody else: what is left of it are requests.
  if (fstat(descriptor, &status) != 0 || S_ISREG(status.st_mode)) return false;
  pollfd waiting{descriptor, POLLIN | POLLRDHUP, 0};
  if (poll(&waiting, 1, 0) <= 0) return false;
  int unread = 0;
  return ioctl(descriptor, FIONREAD, &unread) == 0 && unread == 0;
}
