"""
Checks models: python3 check-onnx.py FILE… writes a line of JSON a file: what onnx's own checker and shape inference
make of it.
"""
import json
import sys

import onnx

for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    print(json.dumps({
        'operator_set': [entry.version for entry in model.opset_import],
        'operators': sorted({node.op_type for node in model.graph.node}),
        'inferred': len(inferred.graph.value_info),
        'operator_count': len(model.graph.node),
        'metadata': {entry.key: entry.value for entry in model.metadata_props},
    }))
