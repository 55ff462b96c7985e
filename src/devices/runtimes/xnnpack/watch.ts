/** Who watches a build: is told how far it is, and may stop it. */
export interface BuildWatch {
  /** `fraction` of this part of the work, where it is known. */
  readonly report: (doing: string, fraction?: number) => void;
  readonly signal?: AbortSignal | undefined;
}
