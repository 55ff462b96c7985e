import type { DeviceState } from '../../latency/device-state.ts';
import { parseAndroidBattery, parseSysfsBattery } from './battery.ts';
import { groupCores } from './cores.ts';
import type { DeviceFacts } from './facts.ts';
import type { PROPERTIES } from './script.ts';
import { parseThermal } from './thermal.ts';

/** The sections of what `DESCRIBE` prints: all texts of a name, in order. */
export type Sections = (name: string) => readonly string[];

/** Reads what `DESCRIBE` prints. */
export function parseFacts(text: string): DeviceFacts {
  const sections = split(text);
  const first = (name: string): string | null => oneLine(firstOf(sections, name));
  const property = (name: (typeof PROPERTIES)[number]): string | null => first(name);
  const release = property('ro.build.version.release');
  const build = property('ro.build.display.id');
  const manufacturer = property('ro.product.manufacturer');
  const model = property('ro.product.model');
  const soc = property('ro.soc.model');
  return {
    model: joined(manufacturer, model) ?? first('tree-model') ?? first('product'),
    soc:
      joined(property('ro.soc.manufacturer'), soc) ??
      property('ro.board.platform') ??
      lastCompatible(first('tree-compatible')) ??
      processorOf(firstOf(sections, 'cpuinfo')),
    architecture: first('machine'),
    operatingSystem: first('system'),
    androidBuild: release === null ? null : `Android ${release}${build === null ? '' : ` (${build})`}`,
    cores: groupCores(sections('core'), firstOf(sections, 'cpuinfo') ?? ''),
    ...stateOf(sections),
  };
}

/** Reads what `DESCRIBE_STATE` prints. */
export function parseState(text: string): DeviceState {
  return stateOf(split(text));
}

function stateOf(sections: Sections): DeviceState {
  const governors = [...new Set(sections('governor').flatMap((name) => oneLine(name) || []))];
  return {
    battery: parseAndroidBattery(firstOf(sections, 'dumpsys-battery')) ?? parseSysfsBattery(sections),
    thermal: parseThermal(firstOf(sections, 'dumpsys-thermal'), sections('zone')),
    governors: governors.length === 0 ? null : governors,
  };
}

const firstOf = (sections: Sections, name: string): string | null =>
  sections(name).find((section) => section !== '') ?? null;

/** Longer than any name of a phone, a processor or a build. */
const LONGEST_NAME = 200;

/** What a machine says of itself goes into tables and onto the screen: without what would move the cursor. */
function oneLine(text: string | null): string | null {
  return (
    text
      ?.replaceAll(/\p{Cc}+/gu, ' ')
      .trim()
      .slice(0, LONGEST_NAME) ?? null
  );
}

function split(text: string): Sections {
  const sections = new Map<string, string[]>();
  // Files of the device tree end with a NUL, and have one between their words.
  for (const section of `\n${text}`.replaceAll('\0', ' ').split('\n@').slice(1)) {
    const [name = '', ...lines] = section.split('\n');
    sections.set(name, [...(sections.get(name) ?? []), lines.join('\n').trim()]);
  }
  return (name) => sections.get(name) ?? [];
}

/** `Google Pixel 8`; makers that begin their models with their own name are not named twice. */
function joined(maker: string | null, model: string | null): string | null {
  if (model === null || maker === null || model.toLowerCase().startsWith(maker.toLowerCase())) return model;
  return `${maker} ${model}`;
}

/** Of a device tree's `compatible`, which goes from the board to its chip: `brcm,bcm2711`. */
function lastCompatible(text: string | null): string | null {
  return text?.split(/\s+/).at(-1) ?? null;
}

function processorOf(cpuinfo: string | null): string | null {
  return oneLine(/^(?:Hardware|model name)\s*:\s*(.*\S)/m.exec(cpuinfo ?? '')?.[1] ?? null);
}
