#include "flags.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

[[noreturn]] void refuse(const char* flag, const char* found, const char* expected) {
  std::fprintf(stderr, "nas-runner-xnnpack: %s: %s; expected %s\n", flag, found, expected);
  std::exit(2);
}

int number(const char* flag, const char* value, long low, long high, const char* expected) {
  if (value == nullptr) refuse(flag, "no value", expected);
  char* end = nullptr;
  const long parsed = std::strtol(value, &end, 10);
  if (end == value || *end != '\0' || parsed < low || parsed > high) refuse(flag, value, expected);
  return int(parsed);
}

}  // namespace

Flags read_flags(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i < argc; i += 2) {
    const char* flag = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (std::strcmp(flag, "--threads") == 0) {
      flags.threads = number(flag, value, 1, 256, "1 to 256");
    } else if (std::strcmp(flag, "--core") == 0) {
      const bool fastest = value != nullptr && std::strcmp(value, "fastest") == 0;
      flags.core = fastest ? Flags::kFastest : number(flag, value, 0, 1023, "the number of a core, or fastest");
    } else if (std::strcmp(flag, "--watchdog-seconds") == 0) {
      flags.watchdog_seconds = number(flag, value, 1, 86'400, "seconds, 1 to 86400");
    } else {
      refuse(flag, "unknown", "--threads N, --core N or --watchdog-seconds S");
    }
  }
  if (flags.core != -1 && flags.threads > 1) refuse("--core", "several threads", "--threads 1: one core runs one thread");
  return flags;
}
