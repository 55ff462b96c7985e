#include "line-reader.h"

#include <errno.h>
#include <unistd.h>

LineState LineReader::next(std::string& line) {
  line.clear();
  bool too_long = false;
  bool any = false;
  for (;;) {
    if (position_ == chunk_.size() && !fill()) {
      if (too_long) return LineState::kTooLong;
      return any ? LineState::kLine : LineState::kEnd;
    }
    any = true;
    const size_t end = chunk_.find('\n', position_);
    const size_t stop = end == std::string::npos ? chunk_.size() : end;
    if (!too_long && line.size() + (stop - position_) > max_bytes_) {
      too_long = true;
      line = std::string();
    }
    if (!too_long) line.append(chunk_, position_, stop - position_);
    position_ = end == std::string::npos ? stop : stop + 1;
    if (end != std::string::npos) return too_long ? LineState::kTooLong : LineState::kLine;
  }
}

bool LineReader::fill() {
  char buffer[65536];
  ssize_t count;
  do {
    count = read(descriptor_, buffer, sizeof buffer);
  } while (count < 0 && errno == EINTR);
  if (count <= 0) return false;
  chunk_.assign(buffer, size_t(count));
  position_ = 0;
  return true;
}
