// Runners of a device take turns with their samples, however many are at work: two on one core would pre-empt each
// other, and two on different cores share caches and memory. Held while it lives.
#pragma once

class Turn {
 public:
  Turn();
  ~Turn();
  Turn(const Turn&) = delete;

 private:
  int file_;
};
