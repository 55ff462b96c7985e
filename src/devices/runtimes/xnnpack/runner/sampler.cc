#include "sampler.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr size_t kLineBytes = 64;
constexpr size_t kUsualL2 = size_t{1} << 20;

uint64_t nanoseconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return uint64_t(time.tv_sec) * 1'000'000'000u + uint64_t(time.tv_nsec);
}

int64_t preemptions() {
  rusage usage;
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? int64_t(usage.ru_nivcsw) : 0;
}

// `1280K`, as Linux prints it; 0 where it says nothing.
size_t l2_bytes_of(int core) {
  const std::string path = "/sys/devices/system/cpu/cpu" + std::to_string(core) + "/cache/index2/size";
  FILE* file = std::fopen(path.c_str(), "r");
  if (file == nullptr) return 0;
  char text[32] = {};
  const bool read = std::fgets(text, sizeof text, file) != nullptr;
  std::fclose(file);
  char* unit = nullptr;
  const unsigned long number = read ? std::strtoul(text, &unit, 10) : 0;
  if (number == 0 || number > 1'048'576) return 0;
  return *unit == 'K' ? number << 10 : *unit == 'M' ? number << 20 : number;
}

// Of the core that is pinned; else the largest, for nobody knows where the next sample runs.
size_t l2_bytes(int core) {
  size_t bytes = 0;
  const int cores = int(sysconf(_SC_NPROCESSORS_CONF));
  for (int i = 0; i < cores; i++) {
    if (core < 0 || i == core) bytes = std::max(bytes, l2_bytes_of(i));
  }
  return bytes == 0 ? kUsualL2 : std::min(std::max(bytes, size_t{64} << 10), size_t{64} << 20);
}

}  // namespace

Sampler::Sampler(int core, int threads) : threads_(threads), wall_of_bytes_(2 * l2_bytes(core), 1) {}

Sample Sampler::take(LoadedProgram& program, bool cold) {
  if (program.isolated) {
    program.invoke();
    if (cold) {
      walk();
      program.touch_inputs();
    }
  }
  const clockid_t cpu_clock = threads_ > 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_THREAD_CPUTIME_ID;
  const int64_t switches = preemptions();
  const uint64_t cpu = nanoseconds(cpu_clock);
  const uint64_t wall = nanoseconds(CLOCK_MONOTONIC_RAW);
  program.invoke();
  const uint64_t wall_after = nanoseconds(CLOCK_MONOTONIC_RAW);
  const uint64_t cpu_after = nanoseconds(cpu_clock);
  return {double(wall_after - wall) / 1000, double(cpu_after - cpu) / 1000, preemptions() - switches};
}

void Sampler::walk() {
  // Written, not only read: a line that is merely shared may be evicted without making room for itself.
  volatile unsigned char* bytes = wall_of_bytes_.data();
  for (size_t i = 0; i < wall_of_bytes_.size(); i += kLineBytes) bytes[i] = static_cast<unsigned char>(bytes[i] + 1);
}
