// The runner's command line.
#pragma once

struct Flags {
  int threads = 1;
  static constexpr int kFastest = -2;
  int core = -1;             // −1: wherever the system puts it
  int watchdog_seconds = 0;  // 0: none
};

// Ends the process with a message where the command line is wrong.
Flags read_flags(int argc, char** argv);
