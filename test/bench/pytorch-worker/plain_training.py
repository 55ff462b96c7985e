"""
What one writes to train a network in PyTorch, with what makes it fast: images in memory on the device, batches made
there, channels last, in-place activations, bfloat16 on a GPU. For main.mjs: a line of JSON in, a line of JSON out.
"""
import contextlib
import json
import math
import sys
import time

import torch
import torch.nn.functional as F

from torch_network import Network


def training(graph, recipe, images, validation_images, device):
    """A function that trains for an epoch, validates, and returns the accuracy."""
    height, width, channels = graph['nodes'][0]['shape']
    classes = graph['nodes'][graph['output']]['shape'][2]

    def random_images(count):
        pixels = torch.randint(0, 256, (count, height, width, channels), dtype=torch.uint8, device=device)
        return pixels, torch.randint(0, classes, (count,), device=device)

    train, validation = random_images(images), random_images(validation_images)
    network = Network(graph, exact_padding=True).to(device, memory_format=torch.channels_last)
    decaying = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    optimizer = torch.optim.SGD(
        [{'params': decaying, 'weight_decay': recipe['weightDecay']}, {'params': others}],
        lr=recipe['peakLearningRate'], momentum=recipe['momentum'], nesterov=True,
    )
    mean, deviation = torch.full((1, channels, 1, 1), 128.0, device=device), 64.0
    batch, shift = recipe['batchSize'], recipe['shiftPixels']
    precision = (
        (lambda: torch.autocast('cuda', dtype=torch.bfloat16)) if device.type == 'cuda' else contextlib.nullcontext
    )

    def augmented(pixels):
        """Each image shifted by its own number of pixels, and mirrored or not."""
        x = pixels.permute(0, 3, 1, 2).float().sub_(mean).mul_(1 / deviation)
        x = F.pad(x, (shift,) * 4)
        down, right = torch.randint(0, 2 * shift + 1, (2, batch, 1), device=device)
        rows = torch.arange(height, device=device) + down
        columns = torch.arange(width, device=device) + right
        mirrored = torch.rand(batch, 1, device=device) < 0.5
        columns = torch.where(mirrored, columns.flip(1), columns)
        image = torch.arange(batch, device=device)[:, None, None]
        x = x.permute(0, 2, 3, 1)[image, rows[:, :, None], columns[:, None, :]]
        return x.permute(0, 3, 1, 2)

    def epoch():
        steps = images // batch
        network.train()
        total = torch.zeros((), device=device)
        order = torch.randperm(images, device=device)
        for step in range(steps):
            for group in optimizer.param_groups:
                group['lr'] = 0.5 * recipe['peakLearningRate'] * (1 + math.cos(math.pi * step / steps))
            own = order[step * batch : (step + 1) * batch]
            x, labels = augmented(train[0][own]), train[1][own]
            with precision():
                logits = network(x).flatten(1)
            loss = F.cross_entropy(logits.float(), labels, label_smoothing=recipe['labelSmoothing'])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.detach()
        network.eval()
        correct = torch.zeros((), dtype=torch.long, device=device)
        with torch.no_grad(), precision():
            for pixels, labels in zip(validation[0].split(batch), validation[1].split(batch)):
                x = pixels.permute(0, 3, 1, 2).float().sub_(mean).mul_(1 / deviation)
                correct += (network(x).flatten(1).argmax(1) == labels).sum()
        return correct.item() / validation_images, total.item() / steps

    return epoch


def answer(reply):
    print(json.dumps(reply), flush=True)


def main():
    device = torch.device(sys.argv[1])
    torch.manual_seed(0)
    if device.type == 'cpu':
        torch.set_num_threads(1)
        torch.set_flush_denormal(True)
    else:
        torch.backends.cudnn.benchmark = True
    answer({'version': torch.__version__})
    epoch = None
    for line in sys.stdin:
        request = json.loads(line)
        if 'graph' in request:
            epoch = training(
                request['graph'], request['recipe'], request['images'], request['validationImages'], device
            )
            answer({})
            continue
        start, processor_start = time.perf_counter(), time.process_time()
        epoch()
        answer({
            'seconds': time.perf_counter() - start,
            'processorSeconds': time.process_time() - processor_start,
        })


main()
