import type { StartOptions, TransportProcess } from './transport.ts';

/** Kills a process when its time is up or its signal aborts. */
export function limit(process: TransportProcess, { timeoutMs, signal }: StartOptions): TransportProcess {
  const end = (): void => void process.kill();
  const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  void process.exited.then(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  });
  if (signal?.aborted) end();
  return process;
}
