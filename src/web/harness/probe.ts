import { tickOf } from '../../devices/runtimes/litert/run-clock.ts';
import type { Page } from '../../devices/transports/browser/page-messages.ts';

/** Of Chrome and its kin, on connections they trust; see "User-Agent Client Hints". */
interface UserAgentData {
  getHighEntropyValues(
    hints: readonly string[],
  ): Promise<{ readonly platform?: string; readonly platformVersion?: string; readonly model?: string }>;
}

/** The smallest modules that use a feature: a function of no arguments that makes one vector. */
const HEADER = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10];
/** i32.const 0, i8x16.splat, i8x16.popcnt */
const SIMD = [...HEADER, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
/** Two splats and i8x16.relaxed_swizzle. */
const RELAXED_SIMD = [...HEADER, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11];

/** Finds out what this browser is and can do. */
export async function probe(): Promise<Page> {
  const { userAgentData } = navigator as { readonly userAgentData?: UserAgentData };
  const told = await userAgentData?.getHighEntropyValues(['model', 'platformVersion']).catch(() => undefined);
  const gpu = await graphicsProcessor();
  return {
    kind: 'page',
    userAgent: navigator.userAgent.slice(0, 1000),
    platform: told?.platform ?? '',
    platformVersion: told?.platformVersion ?? '',
    model: told?.model ?? '',
    cores: navigator.hardwareConcurrency || 1,
    simd: WebAssembly.validate(new Uint8Array(SIMD)),
    relaxedSimd: WebAssembly.validate(new Uint8Array(RELAXED_SIMD)),
    threads: self.crossOriginIsolated && typeof SharedArrayBuffer !== 'undefined',
    gpu,
    tickUs: 1000 * tickOf(() => performance.now()),
    wakeLock: 'wakeLock' in navigator,
    runtimes: gpu === null ? ['litert'] : ['litert', 'litert-webgpu'],
  };
}

async function graphicsProcessor(): Promise<string | null> {
  try {
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) return null;
    const { description, vendor, architecture } = adapter.info;
    return (description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed').slice(0, 200);
  } catch {
    return null;
  }
}
