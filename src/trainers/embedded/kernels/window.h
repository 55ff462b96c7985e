// Where a sliding window reads: shared by convolution, depthwise convolution and pooling.
// The host writes this structure, field by field: see `writeWindow` in window.ts.
#pragma once
#include "simd.h"

struct window {
  int batch;
  int input_height, input_width;
  int output_height, output_width;
  int kernel_height, kernel_width;
  int stride_height, stride_width;
  int dilation_height, dilation_width; // Pixels from one tap to the next.
  int pad_top, pad_left;
};

// The taps of a row or column of a kernel that hit the image: `first` to `end`, exclusive.
struct tap_range {
  int first, end;
};

// Taps 0 to `taps` lie at the pixels start, start + dilation, …; those at 0 to `pixels` - 1 hit.
INLINE struct tap_range taps_inside(int start, int dilation, int taps, int pixels) {
  int first = larger(0, -start), end = larger(0, pixels - start);
  if (dilation != 1) {
    first = (first + dilation - 1) / dilation;
    end = (end + dilation - 1) / dilation;
  }
  return (struct tap_range){first, larger(first, smaller(taps, end))};
}
