"""Reads files as the worker does and tells what came of each: 'read', 'refused', or an exception that nobody meant."""
import json
import sys

sys.path.insert(0, sys.argv[1])
from nas_worker import safetensors_file
from nas_worker.decoding import decoder
from nas_worker.errors import Refused

decode = decoder() if sys.argv[2] == 'images' else None


def outcome(path):
    try:
        if decode is None:
            safetensors_file.read(path)
        else:
            with open(path, 'rb') as file:
                decode(file.read(), (4, 4), None)
    except Refused:
        return 'refused'
    except Exception as error:
        return '%s: %s' % (type(error).__name__, error)
    return 'read'


json.dump([outcome(path) for path in json.load(sys.stdin)], sys.stdout)
