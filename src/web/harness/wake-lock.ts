/** Keeps the screen on while the page is in front, where the browser lets it, until the answer is called. */
export function keepScreenOn(): () => void {
  let lock: WakeLockSentinel | undefined;
  let isOver = false;
  const ask = async (): Promise<void> => {
    if (isOver || document.visibilityState !== 'visible') return;
    // Refused where the battery is low, say; the page tells the person to keep the screen on in any case.
    lock = await navigator.wakeLock?.request('screen').catch(() => undefined);
    if (isOver) await lock?.release();
  };
  // Browsers let go by themselves when the page is not in front.
  document.addEventListener('visibilitychange', ask);
  void ask();
  return () => {
    isOver = true;
    void lock?.release();
  };
}
