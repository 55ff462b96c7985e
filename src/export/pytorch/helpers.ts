/** Functions that a module is given where one of its layers needs them. */
export const HELPERS = {
  channel_shuffle: `def channel_shuffle(x, groups):
    """Channel g * n + i moves to i * groups + g, where n = channels / groups (ShuffleNet, section 3.1)."""
    batch, channels, height, width = x.shape
    grouped = x.reshape(batch, groups, channels // groups, height, width)
    return grouped.transpose(1, 2).reshape(batch, channels, height, width)`,
  average_pool: `def average_pool(x, kernel, stride, padding):
    """An average pool that counts no padded pixels; padding is (left, right, top, bottom)."""
    sums = F.avg_pool2d(F.pad(x, padding), kernel, stride, divisor_override=1)
    counts = F.avg_pool2d(F.pad(torch.ones_like(x[:1, :1]), padding), kernel, stride, divisor_override=1)
    return sums / counts`,
} as const;
export type Helper = keyof typeof HELPERS;
