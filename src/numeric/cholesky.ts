/**
 * The Cholesky factor L·Lᵀ of a positive definite matrix that grows by a row and a column at a time, packed by rows:
 * a new point costs O(n²), not O(n³).
 */
export class GrowingCholesky {
  readonly #factor: Float64Array;
  readonly capacity: number;
  #size = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#factor = new Float64Array((capacity * (capacity + 1)) / 2);
  }

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#size = 0;
  }

  /** Appends a row of the matrix: its products with the `size` rows before, then that with itself. */
  append(row: Float64Array, diagonal: number): void {
    const n = this.#size;
    const begin = (n * (n + 1)) / 2;
    const appended = this.#factor.subarray(begin, begin + n);
    const squares = this.#solveLower(row, appended);
    this.#factor[begin + n] = Math.sqrt(Math.max(diagonal - squares, SMALLEST));
    this.#size++;
  }

  /** Σ (L⁻¹·v)², which is vᵀ·A⁻¹·v, of a vector of `size` numbers. */
  quadraticForm(vector: Float64Array, scratch: Float64Array): number {
    return this.#solveLower(vector, scratch);
  }

  /** A⁻¹·b, written to `solution`. */
  solve(b: Float64Array, solution: Float64Array): void {
    this.#solveLower(b, solution);
    const factor = this.#factor;
    for (let i = this.#size - 1; i >= 0; i--) {
      const begin = (i * (i + 1)) / 2;
      const x = solution[i]! / factor[begin + i]!;
      solution[i] = x;
      for (let j = 0; j < i; j++) solution[j]! -= factor[begin + j]! * x;
    }
  }

  /** ln det A */
  logDeterminant(): number {
    let sum = 0;
    for (let i = 0; i < this.#size; i++) sum += 2 * Math.log(this.#factor[(i * (i + 3)) / 2]!);
    return sum;
  }

  #solveLower(b: Float64Array, solution: Float64Array): number {
    const factor = this.#factor;
    let squares = 0;
    for (let i = 0, at = 0; i < this.#size; i++) {
      // Four sums at once: each alone would wait for its last addition.
      let [sum, second, third, fourth] = [b[i]!, 0, 0, 0];
      let j = 0;
      for (; j + 3 < i; j += 4, at += 4) {
        sum -= factor[at]! * solution[j]!;
        second -= factor[at + 1]! * solution[j + 1]!;
        third -= factor[at + 2]! * solution[j + 2]!;
        fourth -= factor[at + 3]! * solution[j + 3]!;
      }
      for (; j < i; j++) sum -= factor[at++]! * solution[j]!;
      sum += second + third + fourth;
      const x = sum / factor[at++]!;
      solution[i] = x;
      squares += x * x;
    }
    return squares;
  }
}

/** Of a diagonal that rounding has made 0 or less. */
const SMALLEST = 1e-10;
