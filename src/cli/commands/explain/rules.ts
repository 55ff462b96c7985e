import { formatCount, formatMs } from '../../../base/units.ts';
import { examineRule, RULES, type RuleFinding } from '../../../flows/rules.ts';
import { distinctKernels } from '../../../graph/fusion.ts';
import { textTable } from '../../../report/text-table.ts';
import { type DeviceOptions, withDevice } from '../../device-options.ts';
import { print, printJson } from '../../output.ts';
import { prepareTable } from '../../prepare.ts';
import { doWork } from '../../work.ts';

/** What `nas explain --rules` prints: what the table of a device says of ShuffleNetV2's rules. */
export function explainRules(options: DeviceOptions, json: boolean): Promise<void> {
  return doWork((work) =>
    withDevice(options, work, async (device) => {
      const kernels = distinctKernels(RULES.flatMap(({ variants }) => variants.map(({ graph }) => graph)));
      const { table } = await prepareTable(device, kernels, [], work);
      const { device: name, runtime, dtype, threads } = table.provenance;
      const examined = RULES.map((rule) => {
        const findings = examineRule(rule, table);
        return { rule: rule.name, statement: rule.statement, verdict: verdictOf(findings), findings };
      });
      if (json) return printJson({ device: name, runtime, dtype, threads, rules: examined });
      for (const { rule, statement, verdict, findings } of examined) {
        print(`${rule}: ${statement}`);
        print(
          textTable(findings, [
            { title: '  layers', cell: ({ label }) => `  ${label}` },
            { title: 'MACs', align: 'right', cell: ({ macs }) => formatCount(macs) },
            { title: 'time', align: 'right', cell: ({ ms }) => formatMs(ms) },
            { title: 'time a MAC', align: 'right', cell: ({ relative }) => `${relative.toFixed(2)}×` },
          ]),
        );
        print(`  ${name} says: ${verdict}\n`);
      }
      print(`measured on ${name}, ${runtime}, ${dtype}, ${threads} thread${threads === 1 ? '' : 's'}`);
    }),
  );
}

/** Differences smaller than this are not worth a rule. */
const NOTEWORTHY = 0.05;

function verdictOf(findings: readonly RuleFinding[]): string {
  const others = findings.slice(1);
  const worst = others.reduce((a, b) => (b.relative > a.relative ? b : a));
  const best = others.reduce((a, b) => (b.relative < a.relative ? b : a));
  if (best.relative < 1 - NOTEWORTHY) {
    return `not here; ${best.label} is ${((1 - best.relative) * 100).toFixed(0)} % faster a MAC`;
  }
  if (worst.relative <= 1 + NOTEWORTHY) return 'it makes no difference here';
  return `yes; ${worst.label} costs ${((worst.relative - 1) * 100).toFixed(0)} % more a MAC`;
}
