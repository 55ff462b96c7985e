"""
Runs exported modules: python3 run-modules.py FOLDER, with cases.json in it: a list of {stem, input: [batch, height,
width, channels], pixels: whether to normalise}. Reads <stem>.input, writes <stem>.output: float32, channels last.
"""
import importlib.util
import json
import sys
from pathlib import Path

import torch

torch.set_num_threads(1)
folder = Path(sys.argv[1])
for case in json.loads((folder / 'cases.json').read_text()):
    stem = case['stem']
    spec = importlib.util.spec_from_file_location(stem, folder / (stem + '.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    values = bytearray((folder / (stem + '.input')).read_bytes())
    images = torch.frombuffer(values, dtype=torch.float32).reshape(case['input']).permute(0, 3, 1, 2)
    with torch.no_grad():
        output = module.load()(module.normalise(images) if case['pixels'] else images)
    if output.dim() == 4:
        output = output.permute(0, 2, 3, 1)
    (folder / (stem + '.output')).write_bytes(output.contiguous().numpy().tobytes())
