import { useState } from 'react';
import type { NextCommand } from '../../../../report/pages/run-page.ts';

/** Exact commands, each with what it is for and a button that copies it. */
export function CommandList({ commands }: { readonly commands: readonly NextCommand[] }) {
  const [copied, setCopied] = useState('');
  const copy = (command: string): void => {
    copyText(command).then(
      () => setCopied(command),
      () => setCopied(''),
    );
  };
  return (
    <ul className="commands">
      {commands.map(([command, what]) => (
        <li key={command}>
          <code>{command}</code>
          <span className="quiet">{what}</span>
          <button type="button" onClick={() => copy(command)} aria-label={`copy ${command}`}>
            {copied === command ? 'copied' : 'copy'}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Over plain HTTP from another machine, and in a file, browsers keep their clipboard to themselves: then by selection. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}
