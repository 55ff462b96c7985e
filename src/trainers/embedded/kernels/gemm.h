// Matrix products; see gemm.c. Leading dimensions are in floats.
#pragma once

#define PANEL 8

// Floats that a packed [inner][columns] matrix takes.
#define PACKED_FLOATS(inner, columns) (((columns) + PANEL - 1) / PANEL * PANEL * (inner))

void pack(const float *matrix, int inner, int columns, int stride, float *packed);
void pack_transposed(const float *matrix, int inner, int columns, int stride, float *packed);
void multiply_packed(int rows, int columns, int inner, const float *a, int a_stride, const float *packed,
                     float *c, int c_stride, int accumulate);
void multiply_transposed(int rows, int columns, int inner, const float *a, int a_stride, const float *b,
                         int b_stride, float *c, int c_stride, int accumulate);
