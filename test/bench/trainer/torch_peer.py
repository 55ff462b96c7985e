"""Trains the same op graph in PyTorch for main.mjs: a line of JSON in, a line of JSON out.

Settings that are best for it on one thread: channels last, in-place activations, flushed denormals. Padding is
symmetric, which spares it the separate padding step that TensorFlow's rule would need; the work is the same.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F

from torch_network import Network


def prepare(graph, batch):
    network = Network(graph).to(memory_format=torch.channels_last)
    height, width, channels = graph['nodes'][0]['shape']
    images = torch.randn(batch, channels, height, width).contiguous(memory_format=torch.channels_last)
    labels = torch.arange(batch) % graph['nodes'][graph['output']]['shape'][2]
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)

    def step():
        loss = F.cross_entropy(network(images), labels, label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return step


def answer(reply):
    print(json.dumps(reply), flush=True)


def main():
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    answer({'version': torch.__version__})
    step = None
    for line in sys.stdin:
        request = json.loads(line)
        if 'graph' in request:
            step = prepare(request['graph'], int(sys.argv[1]))
            answer({})
            continue
        # Of the whole process, whichever of its threads does the work.
        start = time.process_time()
        for _ in range(request['steps']):
            step()
        answer({'seconds': time.process_time() - start})


main()
