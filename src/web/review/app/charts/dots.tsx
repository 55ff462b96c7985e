interface DotsProps {
  /** In pixels. */
  readonly points: Iterable<readonly [x: number, y: number]>;
  readonly className: string;
}

/** Many equal dots as one path of lines without length and with round ends: thousands cost as much as one. */
export function Dots({ points, className }: DotsProps) {
  let path = '';
  for (const [x, y] of points) path += `M${x.toFixed(1)} ${y.toFixed(1)}h0`;
  return <path d={path} className={className} />;
}
