// A program several times over, side by side on the same inputs, each copy with weights of its own.
#pragma once
#include "program.h"

Program repeat(const Program& program, int copies);
