/** How a run stands. Its colour says nothing that the word does not. */
export function StateBadge({ state }: { readonly state: string }) {
  return <span className={`badge badge-${state}`}>{state}</span>;
}
