#include <utility>

#include "infer-shape.h"
#include "limits.h"
#include "program.h"

namespace {

template <typename Value>
Value one_of(const Json& value, const std::vector<std::pair<const char*, Value>>& names, const std::string& where) {
  const std::string& name = text(value, limits::kNameBytes, where);
  std::string known;
  for (const auto& [candidate, meaning] : names) {
    if (name == candidate) return meaning;
    known += (known.empty() ? "" : ", ") + std::string(candidate);
  }
  throw Refusal{where, excerpt(value), known, ""};
}

int64_t size_field(const Json& op, const char* name, const std::string& where) {
  return integer(field(op, name, where), 1, limits::kSize, where + "." + name);
}

Extent extent_of(const Json& value, const std::string& where) {
  array(value, 2, 2, where);
  return {integer(value[0], 1, limits::kWindow, where + "[0]"), integer(value[1], 1, limits::kWindow, where + "[1]")};
}

Extent extent_field(const Json& op, const char* name, const std::string& where) {
  return extent_of(field(op, name, where), where + "." + name);
}

bool is_same(const Json& op, const std::string& where) {
  return one_of<bool>(field(op, "padding", where), {{"same", true}, {"valid", false}}, where + ".padding");
}

OpKind kind_of(const Json& op, const std::string& where) {
  return one_of<OpKind>(field(op, "kind", where),
                        {{"input", OpKind::kInput},
                         {"convolution", OpKind::kConvolution},
                         {"linear", OpKind::kLinear},
                         {"batch-norm", OpKind::kBatchNorm},
                         {"activation", OpKind::kActivation},
                         {"add", OpKind::kAdd},
                         {"multiply", OpKind::kMultiply},
                         {"concat", OpKind::kConcat},
                         {"channel-split", OpKind::kChannelSplit},
                         {"channel-shuffle", OpKind::kChannelShuffle},
                         {"pool", OpKind::kPool},
                         {"global-average-pool", OpKind::kGlobalAveragePool}},
                        where + ".kind");
}

Op read_op(const Json& json, const std::string& where) {
  Op op;
  op.kind = kind_of(json, where);
  switch (op.kind) {
    case OpKind::kInput: {
      const Json& shape = array(field(json, "shape", where), 3, 3, where + ".shape");
      const auto axis = [&](size_t i) { return integer(shape[i], 1, limits::kSize, where + ".shape"); };
      op.shape = {axis(0), axis(1), axis(2)};
      break;
    }
    case OpKind::kConvolution:
      op.channels = size_field(json, "channels", where);
      op.kernel = extent_field(json, "kernel", where);
      op.stride = extent_field(json, "stride", where);
      if (json.contains("dilation")) op.dilation = extent_field(json, "dilation", where);
      op.groups = size_field(json, "groups", where);
      op.same = is_same(json, where);
      op.bias = boolean(field(json, "bias", where), where + ".bias");
      break;
    case OpKind::kLinear:
      op.channels = size_field(json, "channels", where);
      op.bias = boolean(field(json, "bias", where), where + ".bias");
      break;
    case OpKind::kActivation:
      op.activation = one_of<Activation>(field(json, "function", where),
                                         {{"relu", Activation::kRelu},
                                          {"relu6", Activation::kRelu6},
                                          {"hswish", Activation::kHswish},
                                          {"hsigmoid", Activation::kHsigmoid},
                                          {"sigmoid", Activation::kSigmoid},
                                          {"swish", Activation::kSwish},
                                          {"prelu", Activation::kPrelu}},
                                         where + ".function");
      break;
    case OpKind::kChannelSplit:
      op.offset = integer(field(json, "offset", where), 0, limits::kSize, where + ".offset");
      op.channels = size_field(json, "channels", where);
      break;
    case OpKind::kChannelShuffle:
      op.groups = size_field(json, "groups", where);
      break;
    case OpKind::kPool:
      op.average = one_of<bool>(field(json, "function", where), {{"max", false}, {"average", true}}, where + ".function");
      op.kernel = extent_field(json, "kernel", where);
      op.stride = extent_field(json, "stride", where);
      op.same = is_same(json, where);
      break;
    case OpKind::kBatchNorm:
    case OpKind::kAdd:
    case OpKind::kMultiply:
    case OpKind::kConcat:
    case OpKind::kGlobalAveragePool:
      break;
  }
  return op;
}

}  // namespace

Program read_program(const Json& request) {
  Program program;
  program.dtype = one_of<Dtype>(
      field(request, "dtype", "load"),
      {{"float32", Dtype::kFloat32}, {"float16", Dtype::kFloat16}, {"int8", Dtype::kInt8}}, "load.dtype");
  const Json& nodes = array(field(request, "nodes", "load"), 1, limits::kNodes, "load.nodes");
  for (size_t id = 0; id < nodes.size(); id++) {
    std::string where = "nodes[" + std::to_string(id) + "]";
    Node node;
    node.name = text(field(nodes[id], "name", where), limits::kNameBytes, where + ".name");
    where += " (" + node.name.substr(0, 80) + ")";
    node.op = read_op(field(nodes[id], "op", where), where + ".op");
    const Json& inputs = array(field(nodes[id], "inputs", where), 0, limits::kInputsOfNode, where + ".inputs");
    std::vector<Shape> shapes;
    for (const Json& input : inputs) {
      if (id == 0) throw Refusal{where + ".inputs", excerpt(input), "none: no node is before it", ""};
      node.inputs.push_back(uint32_t(integer(input, 0, int64_t(id) - 1, where + ".inputs")));
      shapes.push_back(program.nodes[node.inputs.back()].shape);
    }
    node.shape = infer_shape(node.op, shapes, where);
    program.nodes.push_back(std::move(node));
  }
  const Json& outputs = array(field(request, "outputs", "load"), 1, limits::kNodes, "load.outputs");
  for (const Json& output : outputs) {
    program.outputs.push_back(uint32_t(integer(output, 0, int64_t(nodes.size()) - 1, "load.outputs")));
  }
  return program;
}

const char* dtype_name(Dtype dtype) {
  return dtype == Dtype::kFloat32 ? "float32" : dtype == Dtype::kFloat16 ? "float16" : "int8";
}
