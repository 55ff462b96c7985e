#include "constants.h"

#include <xnnpack.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

float pattern(int64_t i) { return float(double((i * 7919 + 104729) % 2003) / 1001 - 1); }

float input_pattern(int64_t i) { return float(double((i * 7919) % 2003) / 1001 - 1); }

void Free::operator()(void* memory) const { std::free(memory); }

Buffer allocate(size_t bytes, size_t alignment) {
  void* memory = nullptr;
  const size_t whole = bytes + XNN_EXTRA_BYTES + kAlignment;
  if (posix_memalign(&memory, alignment, whole) != 0) throw std::bad_alloc();
  std::memset(memory, 0, whole);
  return Buffer(memory);
}

std::vector<float> weights(int64_t outputs, int64_t per_output) {
  std::vector<float> values(size_t(outputs * per_output));
  const double scale = std::sqrt(3.0 / double(per_output));
  for (size_t i = 0; i < values.size(); i++) values[i] = float(scale * double(pattern(int64_t(i))));
  return values;
}

std::vector<float> biases(int64_t channels) {
  std::vector<float> values(size_t(channels), 0.0f);
  for (size_t i = 0; i < values.size(); i++) values[i] = 0.1f * pattern(int64_t(i));
  return values;
}

void* Constants::keep(size_t bytes) {
  buffers_.push_back(allocate(bytes));
  return buffers_.back().get();
}

float* Constants::floats(const std::vector<float>& values) {
  float* kept = static_cast<float*>(keep(values.size() * sizeof(float)));
  std::memcpy(kept, values.data(), values.size() * sizeof(float));
  return kept;
}

Constants::Quantized Constants::quantize(const std::vector<float>& values, const std::vector<float>& scales,
                                         const std::vector<uint32_t>& channel) {
  int8_t* kept = static_cast<int8_t*>(keep(values.size()));
  for (size_t i = 0; i < values.size(); i++) kept[i] = int8_t(std::lround(values[i] / scales[channel[i]]));
  return {kept, floats(scales)};
}

Constants::QuantizedBias Constants::quantized_bias(const std::vector<float>& values, const float* scales,
                                                   float input_scale) {
  std::vector<float> bias_scales(values.size());
  int32_t* kept = static_cast<int32_t*>(keep(values.size() * sizeof(int32_t)));
  for (size_t i = 0; i < values.size(); i++) {
    bias_scales[i] = input_scale * scales[i];
    kept[i] = int32_t(std::lround(values[i] / bias_scales[i]));
  }
  return {kept, floats(bias_scales)};
}
