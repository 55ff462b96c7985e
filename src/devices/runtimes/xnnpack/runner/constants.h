// Weights and other constants. Their values are made up but fixed, so that a test can compute what a program gives:
//   pattern(i) = ((i · 7919 + 104729) mod 2003) / 1001 − 1, from −1 to 1
// weights: sqrt(3 / fan_in) · pattern, which keeps the variance of what flows through; bias: 0.1 · pattern;
// batch-norm alone: scale 1 + 0.1 · pattern, shift 0.1 · pattern; prelu: slope 0.25.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

constexpr size_t kAlignment = 128;  // on less, AVX-512 kernels pay for loads that straddle cache lines

float pattern(int64_t i);

// Input values: ((i · 7919) mod 2003) / 1001 − 1.
float input_pattern(int64_t i);

struct Free {
  void operator()(void* memory) const;
};
using Buffer = std::unique_ptr<void, Free>;

// Zeroed, with the room that XNNPACK may read past the end; throws std::bad_alloc.
Buffer allocate(size_t bytes, size_t alignment = kAlignment);

// Weights in the layout of the op set: [output channel][row][column][input channel of the group].
std::vector<float> weights(int64_t outputs, int64_t per_output);
std::vector<float> biases(int64_t channels);

// Constants live as long as the runtime that reads them.
class Constants {
 public:
  float* floats(const std::vector<float>& values);
  // One scale a channel, so that its largest value becomes 127. `channel_of` tells the channel of a value.
  struct Quantized {
    int8_t* values;
    float* scales;
  };
  template <typename ChannelOf>
  Quantized quantized(const std::vector<float>& values, size_t channels, ChannelOf channel_of);
  // scale_c = input_scale · scales[c], as XNNPACK wants the bias.
  struct QuantizedBias {
    int32_t* values;
    float* scales;
  };
  QuantizedBias quantized_bias(const std::vector<float>& values, const float* scales, float input_scale);

 private:
  void* keep(size_t bytes);
  Quantized quantize(const std::vector<float>& values, const std::vector<float>& scales,
                     const std::vector<uint32_t>& channel);
  std::vector<Buffer> buffers_;
};

template <typename ChannelOf>
Constants::Quantized Constants::quantized(const std::vector<float>& values, size_t channels, ChannelOf channel_of) {
  std::vector<float> largest(channels, 0.0f);
  std::vector<uint32_t> channel(values.size());
  for (size_t i = 0; i < values.size(); i++) {
    channel[i] = uint32_t(channel_of(i));
    const float size = values[i] < 0 ? -values[i] : values[i];
    if (size > largest[channel[i]]) largest[channel[i]] = size;
  }
  for (float& scale : largest) scale = scale > 0 ? scale / 127 : 1;
  return quantize(values, largest, channel);
}
