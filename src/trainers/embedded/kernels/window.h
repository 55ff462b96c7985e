// Where a sliding window reads: shared by convolution, depthwise convolution and pooling.
// The host writes this structure, field by field: see `writeWindow` in window.ts.
#pragma once

struct window {
  int batch;
  int input_height, input_width;
  int output_height, output_width;
  int kernel_height, kernel_width;
  int stride_height, stride_width;
  int pad_top, pad_left;
};
