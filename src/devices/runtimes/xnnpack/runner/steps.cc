#include "steps.h"

#include <algorithm>
#include <utility>

namespace {

bool takes_range(OpKind kind) {
  return kind == OpKind::kConvolution || kind == OpKind::kLinear || kind == OpKind::kBatchNorm ||
         kind == OpKind::kAdd || kind == OpKind::kMultiply || kind == OpKind::kPool;
}

Range range_of(Activation activation) {
  if (activation == Activation::kRelu6) return {0.0f, 6.0f};
  return {0.0f, INFINITY};
}

}  // namespace

Steps cut(const Program& program) {
  const size_t count = program.nodes.size();
  std::vector<uint32_t> readers(count, 0);
  for (const Node& node : program.nodes) {
    for (const uint32_t input : node.inputs) readers[input]++;
  }
  for (const uint32_t output : program.outputs) readers[output]++;

  Steps cut;
  std::vector<Step> all(count);
  std::vector<uint32_t> made_by(count);  // the node whose step makes this node's value
  for (uint32_t id = 0; id < count; id++) {
    const Node& node = program.nodes[id];
    made_by[id] = id;
    all[id] = {id, node.op, node.shape, {}, {}};
    for (const uint32_t input : node.inputs) all[id].inputs.push_back(made_by[input]);
    if (node.op.kind == OpKind::kInput) cut.inputs.push_back(id);
    if (node.inputs.size() != 1 || readers[node.inputs[0]] != 1) continue;
    const uint32_t input = node.inputs[0];
    const OpKind before = program.nodes[input].op.kind;
    Step& step = all[made_by[input]];
    if (node.op.kind == OpKind::kBatchNorm && (before == OpKind::kConvolution || before == OpKind::kLinear)) {
      step.op.bias = true;
      made_by[id] = made_by[input];
    } else if (node.op.kind == OpKind::kActivation && takes_range(before) &&
               (node.op.activation == Activation::kRelu || node.op.activation == Activation::kRelu6)) {
      step.range = range_of(node.op.activation);
      made_by[id] = made_by[input];
    }
  }

  std::vector<bool> needed(count, false);
  for (const uint32_t output : program.outputs) {
    const uint32_t node = made_by[output];
    const auto found = std::find(cut.outputs.begin(), cut.outputs.end(), node);
    cut.output_position.push_back(size_t(found - cut.outputs.begin()));
    if (found == cut.outputs.end()) cut.outputs.push_back(node);
    needed[node] = true;
  }
  for (size_t id = count; id-- > 0;) {
    if (!needed[id]) continue;
    for (const uint32_t input : all[id].inputs) needed[input] = true;
  }
  for (uint32_t id = 0; id < count; id++) {
    if (needed[id] && made_by[id] == id && all[id].op.kind != OpKind::kInput) cut.steps.push_back(std::move(all[id]));
  }
  return cut;
}
