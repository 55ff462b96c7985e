// Bytes that running a program takes, about: constants three times (as made, as kept, as XNNPACK packs them),
// every tensor, and eight bytes for every pixel that a window reads (XNNPACK's indirection buffers).
#pragma once
#include "steps.h"

double estimate_bytes(const Program& program, const Steps& steps);

double multiply_accumulates(const Program& program, const Steps& steps);

// Bytes of the inputs, of what each step writes, and of the parameters.
double moved_bytes(const Program& program, const Steps& steps);

// Bytes of the parameters as they would be stored in a model of this dtype.
double parameter_bytes(const Program& program, const Steps& steps);
