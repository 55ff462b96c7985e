// Lines from a file descriptor, of bounded length.
#pragma once
#include <cstddef>
#include <string>

enum class LineState { kLine, kTooLong, kEnd };

class LineReader {
 public:
  LineReader(int descriptor, size_t max_bytes) : descriptor_(descriptor), max_bytes_(max_bytes) {}
  // Of a line that is too long nothing is kept, and reading goes on behind it. A last line may lack its newline.
  LineState next(std::string& line);

 private:
  bool fill();
  int descriptor_;
  size_t max_bytes_;
  std::string chunk_;
  size_t position_ = 0;
};
