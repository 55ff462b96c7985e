/**
 * What runs on the other machine, in the `sh` of Android (mksh) and of Debian (dash) with the tools of toybox,
 * BusyBox or coreutils.
 *
 * Both scripts write notes to the host into their standard output, each from a mark that nobody can guess to the
 * end of a line; see notes.ts. Every process carries a tag in its environment, `NAS_PROCESS`, by which it is found
 * again where its number is not known or its group was left.
 */

/**
 * `sh -c RUN sh MARK TAG SECONDS PROGRAM ARGUMENT…` runs a program, for no longer than SECONDS if that is not empty.
 * Notes: `missing` (no such program), or `started GROUP`, and `ended STATUS` after all that it wrote.
 */
export const RUN = `
mark=$1 tag=$2 seconds=$3
shift 3
if ! command -v "$1" >/dev/null 2>&1; then
  printf '%s missing\\n' "$mark"
  exit
fi
# The background would read from /dev/null; and while this shell held the input open, closing it would not be seen.
exec 3<&0 </dev/null
NAS_PROCESS=$tag setsid sh -c '
  printf "%s started %s\\n" "$1" "$$"
  seconds=$2
  shift 2
  if [ -n "$seconds" ]; then exec timeout -s KILL "$seconds" "$@"; else exec "$@"; fi
' sh "$mark" "$seconds" "$@" <&3 3<&- &
group=$!
exec 3<&-
# adbd hangs up when it loses the host.
trap 'kill -9 -"$group"' HUP INT TERM
wait "$group"
status=$?
# What the program has left behind.
kill -9 -"$group" 2>/dev/null
printf '%s ended %s\\n' "$mark" "$status"
`;

/**
 * `sh -c GUARD sh MARK SESSION SECONDS FORMER-SESSION…` stays for as long as the connection lasts. It ends what
 * former sessions have left, notes `started`, ends each process that a line `end TAG GROUP` of its input names, and
 * all of the session when its input closes: by the host, by the host's death, or by the loss of the connection.
 * A network may fail without a word; so the host has to write `beat` now and then, which is noted as `alive`. If it
 * does not in SECONDS, that is the end too, after twice as long at most. In between nothing runs that could disturb a
 * measurement.
 */
export const GUARD = `
mark=$1 session=$2 seconds=$3
shift 3
end() {
  for pass in 1 2 3 4 5; do
    found=
    for place in $(grep -ls "NAS_PROCESS=$1" /proc/[0-9]*/environ); do
      place=\${place#/proc/}
      kill -9 "\${place%/environ}" && found=yes
    done
    [ -n "$found" ] || return 0
  done
}
exec 2>/dev/null
for former; do end "$former"; done
(
  # A trap waits for the command to end during which its signal has come.
  trap 'alive=yes' USR1
  alive=yes
  while [ -n "$alive" ]; do
    alive=
    NAS_PROCESS=$session-silence- sleep "$seconds"
  done
  end "$session"
  kill -9 "$$"
) </dev/null >/dev/null &
watch=$!
finish() {
  kill -9 "$watch"
  end "$session"
  exit
}
trap finish HUP INT TERM
printf '%s started %s\\n' "$mark" "$$"
while read -r what tag group; do
  case $what in
    beat)
      kill -USR1 "$watch"
      printf '%s alive\\n' "$mark"
      ;;
    end)
      [ -n "$group" ] && kill -9 -"$group"
      end "$tag"
      ;;
  esac
done
finish
`;
