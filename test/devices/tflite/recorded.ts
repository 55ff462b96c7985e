/**
 * What `benchmark_model` writes, from version to version: the form of each as its source and recorded runs show it,
 * the numbers our own.
 */
export const RECORDED = {
  /** Whole phases by count, no prefix, a summary that ends in `no stats`. */
  'TensorFlow 1.12': `STARTING!
Num runs: [10]
Inter-run delay (seconds): [-1]
Num threads: [1]
Benchmark name: []
Output prefix: []
Warmup runs: [1]
Graph: [/data/local/tmp/nas/3.tflite]
Input layers: []
Input shapes: []
Use nnapi : [0]
Loaded model /data/local/tmp/nas/3.tflite
resolved reporter
Initialized session in 3.918ms
Running benchmark for 1 iterations
count=1 curr=151204

Running benchmark for 10 iterations
count=10 first=138112 curr=137391 min=137204 max=141870 avg=137985 std=1344

Average inference timings in us: Warmup: 151204, Init: 3918, no stats: 137985
`,
  /** Phases by time; so slow that fewer runs fit, and that six digits do not suffice for the mean. */
  'TensorFlow 2.2': `STARTING!
Min num runs: [10]
Min runs duration (seconds): [0.1]
Max runs duration (seconds): [10]
Inter-run delay (seconds): [-1]
Num threads: [4]
Benchmark name: []
Output prefix: []
Min warmup runs: [1]
Min warmup runs duration (seconds): [0.05]
Graph: [/data/local/tmp/nas/3.tflite]
Input layers: []
Input shapes: []
Use xnnpack : [1]
Loaded model /data/local/tmp/nas/3.tflite
INFO: Initialized TensorFlow Lite runtime.
Applied XNNPACK delegate, and the model graph will be completely executed w/ the delegate.
The input model file size (MB): 52.1184
Initialized session in 46.102ms.
Running benchmark for at least 1 iterations and at least 0.05 seconds but terminate if exceeding 10 seconds.
count=1 curr=3412877

Running benchmark for at least 10 iterations and at least 0.1 seconds but terminate if exceeding 10 seconds.
count=3 first=3370022 curr=3391410 min=3370022 max=3391410 avg=3.38136e+06 std=8822

Average inference timings in us: Warmup: 3.41288e+06, Init: 46102, Inference: 3.38136e+06
Note: as the benchmark tool itself affects memory footprint, the following is only APPROXIMATE to the actual memory footprint of the model at runtime. Take the information at your discretion.
Peak memory footprint (MB): init=1.5 overall=204.25
`,
  /** Another summary; profiling on, whose times are sums over operators. */
  'TensorFlow 2.5': `STARTING!
Log parameter values verbosely: [0]
Min num runs: [10]
Num threads: [1]
Graph: [/data/local/tmp/nas/3.tflite]
Enable op profiling: [1]
#threads used for CPU inference: [1]
Use xnnpack: [1]
Loaded model /data/local/tmp/nas/3.tflite
INFO: Created TensorFlow Lite XNNPACK delegate for CPU.
Explicitly applied XNNPACK delegate, and the model graph will be partially executed by the delegate w/ 2 delegate kernels.
The input model file size (MB): 0.021344
Initialized session in 1.204ms.
Running benchmark for at least 1 iterations and at least 0.05 seconds but terminate if exceeding 10 seconds.
count=11 first=5210 curr=4711 min=4702 max=5210 avg=4766.27 std=142

Running benchmark for at least 10 iterations and at least 0.1 seconds but terminate if exceeding 10 seconds.
count=21 first=4718 curr=4709 min=4699 max=4811 avg=4721.86 std=24

Inference timings in us: Init: 1204, First inference: 5210, Warmup (avg): 4766.27, Inference (avg): 4721.86
Note: as the benchmark tool itself affects memory footprint, the following is only APPROXIMATE to the actual memory footprint of the model at runtime. Take the information at your discretion.
Memory footprint delta from the start of the tool (MB): init=2.75 overall=3.5
Profiling Info for Benchmark Initialization:
Timings (microseconds): count=1 curr=612
Memory (bytes): count=0
1 nodes observed

Operator-wise Profiling Info for Regular Benchmark Runs:
Timings (microseconds): count=21 first=4310 curr=4302 min=4290 max=4420 avg=4311.5 std=22
Memory (bytes): count=0
3 nodes observed
`,
  /** Every line says how grave it is. */
  'TensorFlow 2.14': `INFO: STARTING!
INFO: Log parameter values verbosely: [0]
INFO: Min num runs: [10]
INFO: Num threads: [1]
INFO: Graph: [/data/local/tmp/nas/3.tflite]
INFO: #threads used for CPU inference: [1]
INFO: Use xnnpack: [1]
INFO: Loaded model /data/local/tmp/nas/3.tflite
INFO: Created TensorFlow Lite XNNPACK delegate for CPU.
VERBOSE: Replacing 3 out of 3 node(s) with delegate (TfLiteXNNPackDelegate) node, yielding 1 partitions for the whole graph.
INFO: XNNPACK delegate created.
INFO: Explicitly applied XNNPACK delegate, and the model graph will be completely executed by the delegate.
INFO: The input model file size (MB): 0.021344
INFO: Initialized session in 0.811ms.
INFO: Running benchmark for at least 1 iterations and at least 0.05 seconds but terminate if exceeding 10 seconds.
INFO: count=1622 first=64 curr=30 min=30 max=64 avg=30.4211 std=1

INFO: Running benchmark for at least 10 iterations and at least 0.1 seconds but terminate if exceeding 10 seconds.
INFO: count=3268 curr=30(all same)

INFO: Inference timings in us: Init: 811, First inference: 64, Warmup (avg): 30.4211, Inference (avg): 30
INFO: Note: as the benchmark tool itself affects memory footprint, the following is only APPROXIMATE to the actual memory footprint of the model at runtime. Take the information at your discretion.
INFO: Memory footprint delta from the start of the tool (MB): init=3 overall=3
`,
  /** With percentiles. */
  'LiteRT 2.0': `INFO: STARTING!
INFO: Log parameter values verbosely: [0]
INFO: Min num runs: [10]
INFO: Min runs duration (seconds): [0.1]
INFO: Max runs duration (seconds): [10]
INFO: Num threads: [1]
INFO: Min warmup runs: [1]
INFO: Min warmup runs duration (seconds): [0.05]
INFO: Graph: [/data/local/tmp/nas/3.tflite]
INFO: Signature to run: []
INFO: Use xnnpack: [1]
INFO: Loaded model /data/local/tmp/nas/3.tflite
INFO: Created TensorFlow Lite XNNPACK delegate for CPU.
INFO: Explicitly applied XNNPACK delegate, and the model graph will be completely executed by the delegate.
INFO: The input model file size (MB): 0.021344
INFO: Initialized session in 0.774ms.
INFO: Running benchmark for at least 1 iterations and at least 0.05 seconds but terminate if exceeding 10 seconds.
INFO: count=1 curr=60112 p5=60112 median=60112 p95=60112

INFO: Running benchmark for at least 10 iterations and at least 0.1 seconds but terminate if exceeding 10 seconds.
INFO: count=10 first=52218 curr=51377 min=51290 max=58804 avg=52417.3 std=2160 p5=51290 median=51702 p95=58804

INFO: Inference timings in us: Init: 774, First inference: 60112, Warmup (avg): 60112, Inference (avg): 52417.3
INFO: Note: as the benchmark tool itself affects memory footprint, the following is only APPROXIMATE to the actual memory footprint of the model at runtime. Take the information at your discretion.
INFO: Memory footprint delta from the start of the tool (MB): init=3.25 overall=7.125
`,
} as const;
