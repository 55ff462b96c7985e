import { formatPowerOfTen } from '../../../base/units.ts';
import { describeSpace } from '../../../report/space-report.ts';
import { textTable } from '../../../report/text-table.ts';
import { print, printJson } from '../../output.ts';
import { readSpace, shippedNames } from '../../space-files.ts';

export function listSpaces(json: boolean): void {
  const spaces = shippedNames()
    .map((name) => readSpace(name).space)
    .filter(({ decisions }) => decisions.length > 0)
    .map((space) => {
      const { name, family, networks, decisions, references } = describeSpace(space);
      return {
        name,
        family,
        decisions: decisions.length,
        networks,
        references: references.map((reference) => reference.name),
      };
    });
  if (json) {
    printJson(spaces);
    return;
  }
  print(
    textTable(spaces, [
      { title: 'space', cell: ({ name }) => name },
      { title: 'decisions', align: 'right', cell: ({ decisions }) => String(decisions) },
      { title: 'networks', align: 'right', cell: ({ networks }) => formatPowerOfTen(networks) },
      { title: 'what', cell: ({ family }) => family },
      { title: 'has', cell: ({ references }) => references.join(', ') },
    ]),
  );
}
