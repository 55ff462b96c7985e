import type { WebSocket } from 'ws';

const BEAT_MS = 5_000;
/** Beats without an answer after which nobody is there: a phone asleep or out of reach says no goodbye. */
const MISSED_BEATS = 3;

/** Ends a connection whose other end has fallen silent. */
export function watchHeartbeat(socket: WebSocket): void {
  let missed = 0;
  const timer = setInterval(() => {
    if (missed++ >= MISSED_BEATS) return socket.terminate();
    socket.ping(() => {});
  }, BEAT_MS);
  timer.unref();
  socket.on('pong', () => {
    missed = 0;
  });
  socket.once('close', () => clearInterval(timer));
}
