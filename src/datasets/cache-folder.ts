import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where files that can be made again are kept: `$NAS_CACHE`, `$XDG_CACHE_HOME/nas` or `~/.cache/nas`. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { NAS_CACHE, XDG_CACHE_HOME } = environment;
  if (NAS_CACHE) return NAS_CACHE;
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'nas');
}
