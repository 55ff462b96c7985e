// Matrix products on row-major float32.
//
// A tile of 4 rows by 8 columns keeps 8 accumulators, 2 vectors of B and one splat of A in the 16 vector
// registers of x86-64 and leaves room to load ahead; tiles of 5 rows or more spill and are slower.
#include "gemm.h"
#include "simd.h"

#define TILE_ROWS 4

// Rows of A that are worked on while all panels of B pass by: they stay in the second-level cache.
#define ROW_BLOCK 96

// B [inner][columns] to panels [columns / 8][inner][8]; missing columns of the last panel are 0.
EXPORT(pack)
void pack(const float *matrix, int inner, int columns, int stride, float *packed) {
  int column = 0;
  for (; column + PANEL <= columns; column += PANEL) {
    const float *from = matrix + column;
    for (int k = 0; k < inner; k++, from += stride, packed += PANEL) {
      store(packed, load(from));
      store(packed + LANES, load(from + LANES));
    }
  }
  if (column == columns) return;
  for (int k = 0; k < inner; k++) {
    for (int j = 0; j < PANEL; j++) *packed++ = column + j < columns ? matrix[k * stride + column + j] : 0;
  }
}

// The same panels of the transpose of a [columns][inner] matrix.
EXPORT(pack_transposed)
void pack_transposed(const float *matrix, int inner, int columns, int stride, float *packed) {
  for (int column = 0; column < columns; column += PANEL) {
    const float *from = matrix + column * stride;
    const int filled = smaller(PANEL, columns - column);
    for (int k = 0; k < inner; k++) {
      for (int j = 0; j < filled; j++) packed[j] = from[j * stride + k];
      for (int j = filled; j < PANEL; j++) packed[j] = 0;
      packed += PANEL;
    }
  }
}

// Writes `count` (at most 8) columns of a tile held in two accumulators a row.
INLINE void write_tile(int rows, const f32x4 left[], const f32x4 right[], float *c, int c_stride, int count,
                       int accumulate) {
  for (int i = 0; i < rows; i++, c += c_stride) {
    if (count == PANEL) {
      store(c, accumulate ? load(c) + left[i] : left[i]);
      store(c + LANES, accumulate ? load(c + LANES) + right[i] : right[i]);
      continue;
    }
    float row[PANEL];
    store(row, left[i]);
    store(row + LANES, right[i]);
    for (int j = 0; j < count; j++) c[j] = accumulate ? c[j] + row[j] : row[j];
  }
}

// C tile [rows][count] = A [rows][inner] times one panel [inner][8].
INLINE void tile(int rows, int inner, const float *a, int a_stride, const float *panel, float *c, int c_stride,
                 int count, int accumulate) {
  f32x4 left[TILE_ROWS], right[TILE_ROWS];
  for (int i = 0; i < rows; i++) left[i] = right[i] = splat(0);
  for (int k = 0; k < inner; k++, panel += PANEL) {
    const f32x4 b_left = load(panel), b_right = load(panel + LANES);
    for (int i = 0; i < rows; i++) {
      const f32x4 factor = splat(a[i * a_stride + k]);
      left[i] += factor * b_left;
      right[i] += factor * b_right;
    }
  }
  write_tile(rows, left, right, c, c_stride, count, accumulate);
}

// C [rows][columns] (+)= A [rows][inner] B, with B in panels.
EXPORT(multiply_packed)
void multiply_packed(int rows, int columns, int inner, const float *a, int a_stride, const float *packed,
                     float *c, int c_stride, int accumulate) {
  for (int block = 0; block < rows; block += ROW_BLOCK) {
    const int end = smaller(block + ROW_BLOCK, rows);
    const float *panel = packed;
    for (int column = 0; column < columns; column += PANEL, panel += PANEL * inner) {
      const int count = smaller(PANEL, columns - column);
      int row = block;
      for (; row + TILE_ROWS <= end; row += TILE_ROWS) {
        tile(TILE_ROWS, inner, a + row * a_stride, a_stride, panel, c + row * c_stride + column, c_stride,
             count, accumulate);
      }
      for (; row < end; row++) {
        tile(1, inner, a + row * a_stride, a_stride, panel, c + row * c_stride + column, c_stride, count,
             accumulate);
      }
    }
  }
}

// C tile [inner][count] (+)= transpose of A [rows][inner] times B [rows][8].
INLINE void transposed_tile(int inner, int rows, const float *a, int a_stride, const float *b, int b_stride,
                            float *c, int c_stride, int count, int accumulate) {
  f32x4 left[TILE_ROWS], right[TILE_ROWS];
  for (int i = 0; i < inner; i++) left[i] = right[i] = splat(0);
  for (int row = 0; row < rows; row++, a += a_stride, b += b_stride) {
    // For fewer than 8 columns this reads past them, inside the memory, and the sums are not written.
    const f32x4 b_left = load(b), b_right = load(b + LANES);
    for (int i = 0; i < inner; i++) {
      const f32x4 factor = splat(a[i]);
      left[i] += factor * b_left;
      right[i] += factor * b_right;
    }
  }
  write_tile(inner, left, right, c, c_stride, count, accumulate);
}

// Rows of A and B that fit the first-level cache together: they are read once for every tile of C.
INLINE int rows_in_cache(int inner, int columns) {
  const int floats = 6 * 1024;
  return larger(32, smaller(256, floats / (inner + columns)));
}

// C [inner][columns] (+)= transpose of A [rows][inner] times B [rows][columns].
EXPORT(multiply_transposed)
void multiply_transposed(int rows, int columns, int inner, const float *a, int a_stride, const float *b,
                         int b_stride, float *c, int c_stride, int accumulate) {
  const int block_rows = rows_in_cache(inner, columns);
  for (int block = 0; block < rows; block += block_rows) {
    const int count = smaller(block_rows, rows - block);
    const int add = accumulate || block > 0;
    const float *a_block = a + block * a_stride, *b_block = b + block * b_stride;
    for (int column = 0; column < columns; column += PANEL) {
      const int width = smaller(PANEL, columns - column);
      int k = 0;
      for (; k + TILE_ROWS <= inner; k += TILE_ROWS) {
        transposed_tile(TILE_ROWS, count, a_block + k, a_stride, b_block + column, b_stride,
                        c + k * c_stride + column, c_stride, width, add);
      }
      for (; k < inner; k++) {
        transposed_tile(1, count, a_block + k, a_stride, b_block + column, b_stride,
                        c + k * c_stride + column, c_stride, width, add);
      }
    }
  }
}
