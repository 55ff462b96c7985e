// From steps to a subgraph of XNNPACK.
#pragma once
#include <xnnpack.h>

#include <vector>

#include "constants.h"
#include "steps.h"

// All int8 activations share this scale and zero point 0: −6.4 to 6.35, so that relu6 fits and concat, which
// wants one scale, never needs a conversion.
constexpr float kActivationScale = 0.05f;

// External values are numbered: the inputs in order, then the outputs in order.
struct Subgraph {
  Subgraph() = default;
  Subgraph(const Subgraph&) = delete;
  ~Subgraph() {
    if (handle != nullptr) xnn_delete_subgraph(handle);
  }
  xnn_subgraph_t handle = nullptr;
};

// Throws a Refusal where XNNPACK does not take an op.
void lower(const Program& program, const Steps& steps, Constants& constants, Subgraph& subgraph);

// Throws a Refusal for any status but success.
void check(xnn_status status, const std::string& where);
