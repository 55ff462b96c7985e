import { describePage } from '../../devices/transports/browser/describe-page.ts';
import type { Page, Work } from '../../devices/transports/browser/page-messages.ts';

/** How things stand, which the dot beside the headline shows. */
export type Mood = 'waiting' | 'busy' | 'good' | 'bad';

export interface View {
  /** The headline, and a sentence below it. */
  say(mood: Mood, headline: string, detail?: string): void;
  /** The last words: nothing more will happen. */
  end(mood: Mood, headline: string, detail: string): void;
  /** How far the work is. */
  work(work: Work): void;
  /** What is run just now. */
  subject(name: string): void;
  facts(page: Page): void;
}

/** Drawing takes time on the device that is measured, so little of it is done. */
const REDRAW_MS = 500;

export function createView(): View {
  let subject = '';
  let isDue = false;
  const drawSubject = (): void => {
    isDue = false;
    set('subject', subject);
  };
  const say: View['say'] = (mood, headline, detail = '') => {
    element('state').dataset.mood = mood;
    set('headline', headline);
    set('detail', detail);
    document.title = `${headline} · nas`;
  };
  return {
    say,
    end(mood, headline, detail) {
      say(mood, headline, detail);
      for (const id of ['work', 'advice']) element(id).hidden = true;
    },
    work(work) {
      element('work').hidden = false;
      const bar = element('bar') as HTMLProgressElement;
      if (work.of === 'networks' && work.total === 1) {
        bar.removeAttribute('value');
        set('count', 'a whole network');
        return;
      }
      bar.max = Math.max(1, work.total);
      bar.value = work.done;
      set('count', `${work.done} of ${work.total} ${work.of === 'kernels' ? 'kernels' : 'whole networks'}`);
    },
    subject(name) {
      subject = name;
      if (isDue) return;
      isDue = true;
      setTimeout(drawSubject, REDRAW_MS);
    },
    facts(page) {
      const { operatingSystem } = describePage(page);
      const tick =
        page.tickUs < 1000 ? `${Math.round(page.tickUs)} µs` : `${Math.round(page.tickUs / 1000)} ms`;
      const rows: readonly (readonly [string, string])[] = [
        ['Device', page.model || 'not told by the browser'],
        ['System', operatingSystem],
        ['Cores', String(page.cores)],
        ['WebAssembly', page.relaxedSimd ? 'relaxed SIMD' : page.simd ? 'SIMD' : 'no SIMD'],
        ['WebGPU', page.gpu ?? 'none'],
        ['Clock', `steps of ${tick}`],
      ];
      element('facts').replaceChildren(
        ...rows.flatMap(([term, text]) => [withText('dt', term), withText('dd', text)]),
      );
      set(
        'screen',
        page.wakeLock
          ? 'The screen stays on by itself while this page is in front.'
          : 'This browser cannot keep the screen on over such a connection: set it to stay on, or touch it now and then.',
      );
    },
  };
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element '${id}'`);
  return found;
}

function set(id: string, text: string): void {
  element(id).textContent = text;
}

function withText(tag: 'dt' | 'dd', text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
