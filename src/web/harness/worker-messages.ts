/** What the worker tells the page: a line for the host, or why it cannot go on. */
export type FromWorker = { readonly line: string } | { readonly failed: string };
