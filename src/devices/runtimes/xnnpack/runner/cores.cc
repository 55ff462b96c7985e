#include "cores.h"

#include <sched.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace {

// 0 where the system does not tell.
long kilohertz_of(int core) {
  const std::string path = "/sys/devices/system/cpu/cpu" + std::to_string(core) + "/cpufreq/cpuinfo_max_freq";
  FILE* file = std::fopen(path.c_str(), "r");
  if (file == nullptr) return 0;
  long kilohertz = 0;
  if (std::fscanf(file, "%ld", &kilohertz) != 1) kilohertz = 0;
  std::fclose(file);
  return kilohertz;
}

}  // namespace

bool pin(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(size_t(core), &cores);
  return sched_setaffinity(0, sizeof cores, &cores) == 0;
}

int pin_to_fastest() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return -1;
  std::vector<std::pair<long, int>> cores;
  for (int core = 0; core < CPU_SETSIZE; core++) {
    if (CPU_ISSET(size_t(core), &allowed)) cores.emplace_back(kilohertz_of(core), core);
  }
  std::sort(cores.rbegin(), cores.rend());
  for (const auto& [_, core] : cores) {
    if (pin(core)) return core;
  }
  return -1;
}
