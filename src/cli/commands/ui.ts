import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import { messageOf } from '../../base/errors.ts';
import { EVERY_NETWORK, isLoopback } from '../../devices/transports/browser/addresses.ts';
import { qrCode } from '../../report/qr-code.ts';
import { watchChanges } from '../../store/watch-changes.ts';
import { serveReview } from '../../web/review/server/review-server.ts';
import { interruptSignal } from '../exit.ts';
import { DATABASE } from '../folders.ts';
import { printJson } from '../output.ts';
import { readDocument } from '../review/documents.ts';

interface UiOptions {
  readonly port: number;
  readonly host?: string;
  readonly lan?: true;
  readonly json?: true;
}

/** Of the first page; any other is given by --port. */
const DEFAULT_PORT = 8627;

export function addUi(program: Command): void {
  program
    .command('ui')
    .description('Stored runs as pages in a browser, live while a search runs')
    .option('--port <number>', 'port of the pages; 0: any that is free', portNumber, DEFAULT_PORT)
    .option('--host <address>', 'serve the pages at this address of this machine (default: 127.0.0.1)')
    .option('--lan', 'serve them to every network that this machine is on')
    .option('--json', 'print one JSON document: where the pages are')
    .addHelpText(
      'after',
      `
The pages only read what is stored, and ask nothing of any other machine. They are served to this machine alone; with
--lan or --host a token, which is part of the address that is printed, lets a browser in.

Examples:
  $ nas ui
  $ nas ui --lan --port 8080`,
    )
    .action(async ({ port, host, lan, json }: UiOptions) => {
      const tell = (line: string): void => void process.stderr.write(`${line}\n`);
      const signal = interruptSignal(() => {});
      const watch = watchChanges(DATABASE);
      const server = await serveReview({
        port,
        host: lan ? EVERY_NETWORK : host,
        readDocument,
        version: () => watch.version(),
        onDefect: (error) => tell(`defect   ${messageOf(error)}`),
      });
      try {
        const [url, ...others] = server.urls;
        if (json) printJson({ url, urls: server.urls });
        else for (const line of invitation(url, others)) tell(line);
        if (!signal.aborted) await once(signal, 'abort');
      } finally {
        await server.close();
        watch.close();
      }
    });
}

function invitation(url: string, others: readonly string[]): readonly string[] {
  const ending = '         Ctrl-C ends it';
  if (isLoopback(new URL(url).hostname)) return [`ui       open ${url}`, ending];
  const elsewhere = others.filter((other) => !isLoopback(new URL(other).hostname));
  return [
    qrCode(url),
    `ui       open ${url}`,
    ...elsewhere.map((other) => `         or   ${other}`),
    '         who has the address can read the runs; it goes over the network as it is, so use one you trust',
    ending,
  ];
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port < 65536) return port;
  throw new InvalidArgumentError('Expected a whole number from 0 to 65535.');
}
