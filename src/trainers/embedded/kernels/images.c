// Images of bytes to normalised float32, flipped and shifted on the way.
#include "simd.h"

// One image [height][width][channels] of bytes to [height][width][stride] floats: (byte - mean) / deviation.
// Mirrored first if `flip`, then moved up by `down` and left by `right` pixels; what comes in from outside,
// and the lanes that pad the channels, are 0, which is the mean.
EXPORT(normalise_image)
void normalise_image(const unsigned char *image, int height, int width, int channels, int flip, int down,
                     int right, const float *mean, const float *inverse_deviation, float *output, int stride) {
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++, output += stride) {
      const int from_y = y + down, from_x = (flip ? width - 1 - x : x) + (flip ? -right : right);
      const int inside = from_y >= 0 && from_y < height && from_x >= 0 && from_x < width;
      const unsigned char *pixel = image + (from_y * width + from_x) * channels;
      for (int c = 0; c < stride; c++) {
        output[c] = inside && c < channels ? (pixel[c] - mean[c]) * inverse_deviation[c] : 0;
      }
    }
  }
}
