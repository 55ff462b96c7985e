/** One standard error of an accuracy measured on some images: √(p·(1 − p) / n). */
export function accuracyStandardError(accuracy: number, images: number): number {
  return Math.sqrt((accuracy * (1 - accuracy)) / images);
}
