// nas-runner-xnnpack: loads op graphs into XNNPACK and times them. Reads one JSON request a line from standard
// input and answers each with one line on standard output, as protocol 2 in src/devices/runner-protocol.ts says;
// everything else goes to standard error. Ends at the end of its input, and in the middle of taking samples once the
// host is gone.
#include <pthreadpool.h>
#include <signal.h>
#include <unistd.h>
#include <xnnpack.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "cores.h"
#include "flags.h"
#include "limits.h"
#include "line-reader.h"
#include "session.h"

namespace {

// Denormal numbers, which made-up weights may run into, would cost a hundred cycles each.
void flush_denormals() {
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040);
#elif defined(__aarch64__)
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  control |= uint64_t{1} << 24;
  __asm__ volatile("msr fpcr, %0" : : "r"(control));
#endif
}

void watchdog(int) {
  const char message[] = "nas-runner-xnnpack: a request ran longer than --watchdog-seconds\n";
  const ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
  _exit(written < 0 ? 125 : 124);
}

void say(const Json& answer) {
  const std::string line = answer.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags = read_flags(argc, argv);
  if (flags.core == Flags::kFastest) {
    flags.core = pin_to_fastest();
  } else if (flags.core >= 0 && !pin(flags.core)) {
    std::fprintf(stderr, "nas-runner-xnnpack: --core: cannot run on core %d (%s)\n", flags.core, std::strerror(errno));
    return 2;
  }
  flush_denormals();
  if (xnn_initialize(nullptr) != xnn_status_success) {
    std::fprintf(stderr, "nas-runner-xnnpack: XNNPACK does not run on this processor\n");
    return 1;
  }
  signal(SIGALRM, watchdog);
  pthreadpool_t pool = flags.threads > 1 ? pthreadpool_create(size_t(flags.threads)) : nullptr;
  {
    Session session(flags.core, flags.threads, pool);
    say(session.hello());
    LineReader reader(STDIN_FILENO, limits::kLineBytes);
    std::string line;
    for (LineState state; (state = reader.next(line)) != LineState::kEnd;) {
      alarm(unsigned(flags.watchdog_seconds));
      if (state == LineState::kTooLong) {
        say(error_answer(Json(), {"request", "a line of more than 64 MiB", "a shorter one", ""}));
      } else {
        say(session.answer(line));
      }
      alarm(0);
    }
  }
  if (pool != nullptr) pthreadpool_destroy(pool);
  return 0;
}
