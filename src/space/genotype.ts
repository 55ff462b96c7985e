/**
 * A point of a space: one choice index a decision, in the space's order of decisions.
 * A decision that lies inside an option not chosen is inactive and holds `INACTIVE`, so that equal
 * choices have equal genotypes.
 */
export type Genotype = readonly number[];

/** Choices made so far, by decision; `undefined` where none was. */
export type Choices = readonly (number | undefined)[];

export const INACTIVE = -1;
