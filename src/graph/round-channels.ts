/**
 * The rounding rule of MobileNetV2 and its successors: the nearest multiple of `divisor`, at least `divisor`,
 * and one multiple more where rounding would take away over a tenth of the channels asked for.
 * With divisor 1 it rounds down to whole channels.
 */
export function roundChannels(channels: number, divisor: number): number {
  if (divisor === 1) return Math.max(1, Math.floor(channels));
  const rounded = Math.max(divisor, Math.floor((channels + divisor / 2) / divisor) * divisor);
  return rounded < 0.9 * channels ? rounded + divisor : rounded;
}
