#include "repeat.h"

Program repeat(const Program& program, int copies) {
  Program repeated = program;
  const size_t count = program.nodes.size();
  for (int copy = 1; copy < copies; copy++) {
    std::vector<uint32_t> place(count);
    for (uint32_t id = 0; id < count; id++) {
      place[id] = id;
      if (program.nodes[id].op.kind == OpKind::kInput) continue;
      place[id] = uint32_t(repeated.nodes.size());
      repeated.nodes.push_back(program.nodes[id]);
      for (uint32_t& input : repeated.nodes.back().inputs) input = place[input];
    }
    for (const uint32_t output : program.outputs) repeated.outputs.push_back(place[output]);
  }
  return repeated;
}
