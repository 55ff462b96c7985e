// What a request may ask for. The host is trusted to be friendly, not to be right: a wrong line must end in an
// answer, never in a crash or in all of a phone's memory.
#pragma once
#include <cstddef>
#include <cstdint>

namespace limits {
constexpr size_t kLineBytes = size_t{64} << 20;
constexpr int kJsonDepth = 16;
constexpr size_t kJsonValues = size_t{4} << 20;
constexpr size_t kNodes = 8192;
constexpr size_t kInputsOfNode = 1024;
constexpr size_t kNameBytes = 4096;
constexpr size_t kSamples = 100'000;
constexpr int64_t kSize = int64_t{1} << 20;  // rows, columns, channels, groups
constexpr int64_t kWindow = 1024;            // kernel, stride and dilation along one axis
constexpr double kProgramBytes = double(int64_t{1} << 30);
}  // namespace limits
