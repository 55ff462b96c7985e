// Takes samples: one timed invocation each, and what the system says about the time it took. Whether a sample
// counts is for the host to judge.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "loaded-program.h"

struct Sample {
  double wall_us;
  double cpu_us;     // of this thread; of the whole process where there are more threads
  int64_t switches;  // times this thread was pre-empted
};

class Sampler {
 public:
  // `core` as pinned, or −1; `threads` that programs run on.
  Sampler(int core, int threads);

  // A kernel: right after an invocation of the same program. Cold: what that left in the second-level cache has been
  // pushed out, into the third where there is one, but for the inputs. Where weights are before depends on nobody else
  // then. A network: as the one before it left the caches.
  Sample take(LoadedProgram& program, bool cold);

 private:
  void walk();
  int threads_;
  std::vector<unsigned char> wall_of_bytes_;
};
