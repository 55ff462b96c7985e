/** The number that a text is; null where it is none. */
export function numberOf(text: string | null | undefined): number | null {
  return text !== null && text !== undefined && /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : null;
}
