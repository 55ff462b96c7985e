import { CLOSED, type Page } from '../../devices/transports/browser/page-messages.ts';
import { type Connection, connect } from './connection.ts';
import { probe } from './probe.ts';
import { enter } from './session.ts';
import { createView } from './view.ts';
import { keepScreenOn } from './wake-lock.ts';

/*
 * The page that a phone opens: it tells what the phone is, runs what it is asked to, and says what is going on. It
 * connects again whenever the connection ends, until it is told that there is no more work.
 */

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5_000;

function run(page: Page): void {
  const view = createView();
  let connection: Connection | undefined;
  let timer: number | undefined;
  let retryMs = FIRST_RETRY_MS;
  let isOver = false;

  view.facts(page);
  const letScreenSleep = keepScreenOn();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') leave();
    else void arrive();
  });

  // A new code, scanned into the same tab.
  window.addEventListener('hashchange', () => location.reload());

  /** Browsers slow down what is not in front, so that nothing measured then would count. */
  function leave(): void {
    clearTimeout(timer);
    connection?.close(CLOSED.hidden);
  }

  function retry(): void {
    clearTimeout(timer);
    timer = window.setTimeout(arrive, retryMs);
    retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
  }

  function end(mood: 'good' | 'bad', headline: string, detail: string): void {
    isOver = true;
    letScreenSleep();
    view.end(mood, headline, detail);
  }

  async function arrive(): Promise<void> {
    if (isOver || connection !== undefined || document.visibilityState === 'hidden') return;
    const admitted = await enter();
    switch (admitted) {
      case 'used':
        return end(
          'bad',
          'This link was used before',
          'It lets one browser in. Start again on the computer.',
        );
      case 'refused':
        return end(
          'bad',
          'This link is not valid',
          'Open the address, or scan the code, that nas shows now.',
        );
      case 'unreachable':
        view.say('waiting', 'The computer does not answer', 'Trying again. Is nas still running there?');
        return retry();
      case 'welcome':
        open();
    }
  }

  function open(): void {
    if (connection !== undefined) return;
    connection = connect(page, {
      onOpen() {
        retryMs = FIRST_RETRY_MS;
        view.say('good', 'Connected', 'Waiting for the computer to begin.');
      },
      onStart: () => view.say('busy', 'Loading', 'LiteRT is on its way, some 10 MB.'),
      onRequest(kind, key) {
        if (kind === 'load' || kind === 'sample') view.say('busy', 'Measuring');
        if (key !== '' && key !== 'sentinel') view.subject(key);
      },
      onWork(work) {
        view.work(work);
        if (work.done === work.total) view.say('good', 'Connected', 'Waiting for more work.');
      },
      onClose(code) {
        connection = undefined;
        switch (code) {
          case CLOSED.finished:
            return end('good', 'Done', 'You may close this page.');
          case CLOSED.replaced:
            return end('bad', 'Open in another tab', 'Only one page can measure at a time; close this one.');
          case CLOSED.hidden:
            view.say('waiting', 'Paused', 'The page was not in front, or the screen was off.');
            return void arrive();
          case CLOSED.runnerEnded:
            return void arrive();
          default:
            view.say('waiting', 'Connection lost', 'Trying again.');
            retry();
        }
      },
    });
  }

  void arrive();
}

void probe().then(run);
