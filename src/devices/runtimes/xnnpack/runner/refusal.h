// What a request is answered with when it cannot be carried out. Clauses, not sentences, as everywhere in nas.
#pragma once
#include <string>

struct Refusal {
  std::string where;
  std::string found;
  std::string expected;  // may be empty
  std::string next;      // may be empty
};
