/**
 * Coefficients of a linear model y ≈ X·β without intercept, by Huber's M-estimator with a pull towards a prior:
 *
 *     minimise Σᵢ ρ((yᵢ − xᵢ·β) / s) + Σⱼ λⱼ (βⱼ − priorⱼ)²
 *
 * with ρ quadratic up to `HUBER` and linear beyond, and s the scaled median absolute residual: a few bad points do not
 * bend the fit (Huber, Robust Estimation of a Location Parameter, 1964; weights as in Holland and Welsch, 1977). With
 * fewer points than coefficients, the prior decides what the points leave open. All `pulls` must be above 0.
 */
export function robustRegression(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  prior: readonly number[],
  pulls: readonly number[],
): readonly number[] {
  let weights = rows.map(() => 1);
  let coefficients = prior;
  for (let pass = 0; pass < PASSES; pass++) {
    coefficients = solveWeighted(rows, targets, weights, prior, pulls);
    const residuals = rows.map((row, i) => Math.abs((targets[i] ?? 0) - dot(row, coefficients)));
    const spread = 1.4826 * middle(residuals);
    weights = residuals.map((residual) => (residual <= HUBER * spread ? 1 : (HUBER * spread) / residual));
  }
  return coefficients;
}

/** 95 % as efficient as least squares where errors are normal. */
const HUBER = 1.345;
const PASSES = 20;

/** (XᵀWX + Λ) β = XᵀWy + Λ·prior, by Gaussian elimination; the matrix is positive definite. */
function solveWeighted(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  weights: readonly number[],
  prior: readonly number[],
  pulls: readonly number[],
): readonly number[] {
  const n = prior.length;
  const system = prior.map((asked, i) => {
    const pull = pulls[i] ?? 0;
    const line = new Array<number>(n + 1).fill(0);
    line[i] = pull;
    line[n] = pull * asked;
    rows.forEach((row, r) => {
      const factor = (weights[r] ?? 0) * (row[i] ?? 0);
      for (let j = 0; j < n; j++) line[j] = (line[j] ?? 0) + factor * (row[j] ?? 0);
      line[n] = (line[n] ?? 0) + factor * (targets[r] ?? 0);
    });
    return line;
  });
  for (let i = 0; i < n; i++) {
    const pivot = system[i] ?? [];
    for (const [j, line] of system.entries()) {
      if (j === i) continue;
      const factor = (line[i] ?? 0) / (pivot[i] ?? 1);
      for (let k = i; k <= n; k++) line[k] = (line[k] ?? 0) - factor * (pivot[k] ?? 0);
    }
  }
  return system.map((line, i) => (line[n] ?? 0) / (line[i] ?? 1));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
