# Stands in for benchmark_model where nothing needs to be run: a model "takes" a millisecond and a microsecond a byte,
# always, so that every figure that comes of it can be worked out. In the `sh` of Android as well. The tests put before
# this how it goes wrong (`behaviour`), and after how many runs (`after`).
graph=
for argument; do
  case $argument in
    --graph=*) graph=${argument#--graph=} ;;
    --num_threads=*) threads=${argument#--num_threads=} ;;
  esac
done
# What was run, in order.
printf '%s\n' "${graph##*/}" >>"$0.log"
[ "$(wc -l <"$0.log")" -gt "$after" ] || behaviour=works

say() { printf 'INFO: %s\n' "$*"; }
say 'STARTING!'
[ "$behaviour" = ignores ] && echo "WARN: Unconsumed cmdline flags: --num_threads=$threads"
say "Graph: [$graph]"
if [ "$(head -c 8 "$graph" | tail -c 4)" != TFL3 ]; then
  echo "ERROR: Failed to load model $graph" >&2
  echo 'ERROR: Benchmarking failed.' >&2
  exit 1
fi
size=$(wc -c <"$graph")
us=$((1000 + size))
say "Loaded model $graph"
case $behaviour in
  lacks)
    echo "ERROR: Didn't find op for builtin opcode 'HARD_SWISH' version '1'. Are you using an old TFLite binary with a newer model?" >&2
    echo 'ERROR: Registration failed.' >&2
    echo 'ERROR: Benchmarking failed.' >&2
    exit 1
    ;;
  fails)
    echo 'ERROR: Failed to allocate tensors!' >&2
    echo 'ERROR: Benchmarking failed.' >&2
    exit 1
    ;;
  crashes) kill -s SEGV $$ ;;
  hangs) sleep 600 ;;
  stays) sleep 0.3 ;;
esac
say 'Created TensorFlow Lite XNNPACK delegate for CPU.'
say 'Running benchmark for at least 1 iterations and at least 0.05 seconds but terminate if exceeding 10 seconds.'
say "count=3 first=$((us + 9)) curr=$us min=$us max=$((us + 9)) avg=$((us + 3)) std=4 p5=$us median=$us p95=$((us + 9))"
echo
say 'Running benchmark for at least 10 iterations and at least 0.1 seconds but terminate if exceeding 10 seconds.'
say "count=10 curr=$us(all same) p5=$us median=$us p95=$us"
echo
[ "$behaviour" = stops ] && exit
say "Inference timings in us: Init: 12, First inference: $((us + 9)), Warmup (avg): $((us + 3)), Inference (avg): $us"
