/** Android's properties that say something about the device. */
export const PROPERTIES = [
  'ro.product.manufacturer',
  'ro.product.model',
  'ro.soc.manufacturer',
  'ro.soc.model',
  'ro.board.platform',
  'ro.build.version.release',
  'ro.build.display.id',
] as const;

const PRELUDE = `
exec 2>/dev/null
say() { echo "@$1"; shift; "$@"; echo; }
`;

const WHAT_IT_IS = `
say machine uname -m
say system uname -sr
if command -v getprop >/dev/null; then
  for name in ${PROPERTIES.join(' ')}; do say "$name" getprop "$name"; done
fi
say tree-model cat /proc/device-tree/model
say tree-compatible cat /proc/device-tree/compatible
say product cat /sys/class/dmi/id/product_name
say cpuinfo cat /proc/cpuinfo
for core in /sys/devices/system/cpu/cpu[0-9]*; do
  [ -d "$core" ] && say core cat "$core/cpufreq/cpuinfo_max_freq"
done
`;

const HOW_IT_IS = `
if command -v dumpsys >/dev/null; then
  say dumpsys-battery timeout 5 dumpsys battery
  say dumpsys-thermal timeout 5 dumpsys thermalservice
fi
for core in /sys/devices/system/cpu/cpu[0-9]*; do
  [ -d "$core" ] && say governor cat "$core/cpufreq/scaling_governor"
done
for supply in /sys/class/power_supply/*; do
  [ "$(cat "$supply/type")" = Battery ] || continue
  say battery-percent cat "$supply/capacity"
  say battery-state cat "$supply/status"
  say battery-temperature cat "$supply/temp"
done
for zone in /sys/class/thermal/thermal_zone*; do
  [ -d "$zone" ] && say zone cat "$zone/temp"
done
`;

/**
 * Prints all that is asked of a device, in one go: sections that begin with a line `@name` and have, as they are, the
 * words of whatever knows. A section of something that the device does not have is empty.
 */
export const DESCRIBE = `${PRELUDE}${WHAT_IT_IS}${HOW_IT_IS}echo @end\n`;

/** The part of `DESCRIBE` that changes while a device is used. */
export const DESCRIBE_STATE = `${PRELUDE}${HOW_IT_IS}echo @end\n`;
