// One conversation: what has been loaded, and an answer for every request.
#pragma once
#include <pthreadpool.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "json.h"
#include "loaded-program.h"
#include "sampler.h"

class Session {
 public:
  // `core` as pinned, or −1. A null pool means this thread alone.
  Session(int core, int threads, pthreadpool_t pool);
  Json hello() const;
  // Never throws: a request that cannot be done is answered with an error.
  Json answer(const std::string& line);

 private:
  Json dispatch(const Json& request, int64_t id);
  Json load(const Json& request);
  Json sample(const Json& request);
  Json compute(const Json& request);
  Json unload(const Json& request);
  std::unique_ptr<LoadedProgram> make(const Program& program) const;
  LoadedProgram& program(const Json& key, const std::string& where);

  int core_;
  int threads_;
  pthreadpool_t pool_;
  Sampler sampler_;
  std::vector<Dtype> dtypes_;
  std::map<std::string, std::unique_ptr<LoadedProgram>> programs_;
  double loaded_bytes_ = 0;
  double most_bytes_;
};

Json error_answer(const Json& id, const Refusal& refusal);
