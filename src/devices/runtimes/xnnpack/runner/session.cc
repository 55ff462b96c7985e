#include "session.h"

#include <cpuinfo.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <new>

#include "estimate.h"
#include "input-closed.h"
#include "limits.h"
#include "repeat.h"
#include "turn.h"

namespace {

#if defined(__aarch64__)
constexpr const char* kArchitecture = "aarch64";
#elif defined(__x86_64__)
constexpr const char* kArchitecture = "x86_64";
#else
#error "the runner knows x86_64 and aarch64"
#endif

// Half precision where the processor computes in it; on x86 XNNPACK would emulate it.
std::vector<Dtype> supported_dtypes() {
  std::vector<Dtype> dtypes{Dtype::kFloat32, Dtype::kInt8};
#if defined(__aarch64__)
  if (cpuinfo_initialize() && cpuinfo_has_arm_neon_fp16_arith()) dtypes.push_back(Dtype::kFloat16);
#endif
  return dtypes;
}

// Half of the memory: a phone that has to kill somebody kills the runner.
double memory_budget() {
  const double bytes = double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGESIZE));
  return bytes > 0 ? bytes / 2 : limits::kProgramBytes;
}

std::string megabytes(double bytes) { return std::to_string(int64_t(std::ceil(bytes / (1 << 20)))) + " MiB"; }

// A kernel alone that takes a few microseconds would be lost in what surrounds it: clocks, the call, cold pages. How
// many copies share a sample follows from the program alone: the time of one depends a little on their number, and a
// repetition has to have the same.
constexpr double kWorkOfSample = 2e6;
constexpr double kWorkOfByte = 8;
constexpr int kMostCopies = 64;

int copies_for(const Program& program) {
  const Steps steps = cut(program);
  const double work = multiply_accumulates(program, steps) + kWorkOfByte * moved_bytes(program, steps);
  return int(std::min(double(kMostCopies), std::max(1.0, std::floor(kWorkOfSample / work))));
}

float finite_number(const Json& value, const std::string& where) {
  const double number = value.is_number() ? value.get<double>() : NAN;
  if (!(std::fabs(number) <= 3.4e38)) throw Refusal{where, excerpt(value), "a number", ""};
  return float(number);
}

}  // namespace

Session::Session(int core, int threads, pthreadpool_t pool)
    : core_(core), threads_(threads), pool_(pool), sampler_(core, threads), dtypes_(supported_dtypes()),
      most_bytes_(memory_budget()) {}

Json Session::hello() const {
  Json dtypes = Json::array();
  for (const Dtype dtype : dtypes_) dtypes.push_back(dtype_name(dtype));
  return {{"kind", "hello"},
          {"protocol", 2},
          {"runtime", "xnnpack"},
          {"runtimeVersion", NAS_XNNPACK_VERSION},
          {"architecture", kArchitecture},
          {"threads", threads_},
          {"core", core_ < 0 ? Json() : Json(core_)},
          {"dtypes", dtypes}};
}

Json Session::answer(const std::string& line) {
  Json id;
  try {
    const Json request = parse_line(line);
    const int64_t number = integer(field(request, "id", "request"), INT64_MIN, INT64_MAX, "request.id");
    id = number;
    return dispatch(request, number);
  } catch (const Refusal& refusal) {
    return error_answer(id, refusal);
  } catch (const std::bad_alloc&) {
    return error_answer(id, {"request", "no memory left for it", "", "unload programs, or send smaller ones"});
  } catch (const std::exception& error) {
    return error_answer(id, {"request", error.what(), "", ""});
  }
}

Json Session::dispatch(const Json& request, int64_t id) {
  const std::string& kind = text(field(request, "kind", "request"), limits::kNameBytes, "request.kind");
  Json answer = kind == "load"      ? load(request)
                : kind == "sample"  ? sample(request)
                : kind == "compute" ? compute(request)
                : kind == "unload"  ? unload(request)
                                    : Json();
  if (answer.is_null()) {
    throw Refusal{"request.kind", excerpt(request["kind"]), "load, sample, compute or unload", ""};
  }
  answer["id"] = id;
  return answer;
}

Json Session::load(const Json& request) {
  const std::string& key = text(field(request, "key", "load"), limits::kNameBytes, "load.key");
  if (programs_.count(key) > 0) throw Refusal{"load.key", excerpt(request["key"]) + " is loaded", "a new key", ""};
  const Program program = read_program(request);
  if (std::find(dtypes_.begin(), dtypes_.end(), program.dtype) == dtypes_.end()) {
    throw Refusal{"load.dtype", std::string(dtype_name(program.dtype)) + ", which this processor does not compute in",
                  "one of hello's dtypes", ""};
  }
  const bool isolate = request.contains("isolate") && boolean(request["isolate"], "load.isolate");
  const int copies = isolate ? copies_for(program) : 1;
  std::unique_ptr<LoadedProgram> loaded = make(repeat(program, copies));
  loaded->isolated = isolate;
  loaded->copies = copies;
  loaded_bytes_ += loaded->bytes;
  programs_.emplace(key, std::move(loaded));
  return {{"kind", "loaded"}, {"weightBytes", int64_t(parameter_bytes(program, cut(program)))}, {"copies", copies}};
}

std::unique_ptr<LoadedProgram> Session::make(const Program& program) const {
  const Steps steps = cut(program);
  const double bytes = estimate_bytes(program, steps);
  if (bytes > limits::kProgramBytes) {
    throw Refusal{"load", "a program of " + megabytes(bytes), "at most " + megabytes(limits::kProgramBytes), ""};
  }
  if (loaded_bytes_ + bytes > most_bytes_) {
    throw Refusal{"load", megabytes(loaded_bytes_) + " loaded and " + megabytes(bytes) + " more",
                  "at most " + megabytes(most_bytes_), "unload programs first"};
  }
  auto loaded = std::make_unique<LoadedProgram>(program, steps, pool_);
  loaded->bytes = bytes;
  return loaded;
}

Json Session::sample(const Json& request) {
  const bool cold = boolean(field(request, "cold", "sample"), "sample.cold");
  const Json& keys = array(field(request, "keys", "sample"), 0, limits::kSamples, "sample.keys");
  std::vector<LoadedProgram*> programs;
  for (const Json& key : keys) programs.push_back(&program(key, "sample.keys"));
  const Turn turn;
  std::vector<Sample> taken;
  taken.reserve(programs.size());
  for (LoadedProgram* each : programs) {
    if (input_closed(STDIN_FILENO)) std::_Exit(0);  // a host that is gone should not keep the core busy
    taken.push_back(sampler_.take(*each, cold));
  }
  Json samples = Json::array();
  for (const Sample& each : taken) {
    samples.push_back({{"wallUs", each.wall_us}, {"cpuUs", each.cpu_us}, {"switches", each.switches}});
  }
  return {{"kind", "sampled"}, {"samples", samples}};
}

Json Session::compute(const Json& request) {
  LoadedProgram& loaded = program(field(request, "key", "compute"), "compute.key");
  const std::vector<size_t>& sizes = loaded.input_sizes();
  const Json& given = array(field(request, "inputs", "compute"), sizes.size(), sizes.size(), "compute.inputs");
  std::vector<std::vector<float>> inputs;
  for (size_t n = 0; n < sizes.size(); n++) {
    const std::string where = "compute.inputs[" + std::to_string(n) + "]";
    inputs.emplace_back();
    for (const Json& value : array(given[n], sizes[n], sizes[n], where)) {
      inputs.back().push_back(finite_number(value, where));
    }
  }
  Json outputs = Json::array();
  for (const std::vector<float>& output : loaded.compute(inputs)) {
    for (const float value : output) {
      if (!std::isfinite(value)) throw Refusal{"compute", "an output that is not finite", "smaller inputs", ""};
    }
    outputs.push_back(output);
  }
  return {{"kind", "computed"}, {"outputs", outputs}};
}

Json Session::unload(const Json& request) {
  const Json& keys = array(field(request, "keys", "unload"), 0, limits::kSamples, "unload.keys");
  for (const Json& key : keys) program(key, "unload.keys");
  for (const Json& key : keys) {
    const auto found = programs_.find(key.get_ref<const std::string&>());
    if (found == programs_.end()) continue;  // named twice
    loaded_bytes_ -= found->second->bytes;
    programs_.erase(found);
  }
  return {{"kind", "unloaded"}};
}

LoadedProgram& Session::program(const Json& key, const std::string& where) {
  const auto found = programs_.find(text(key, limits::kNameBytes, where));
  if (found == programs_.end()) throw Refusal{where, excerpt(key) + ", which is not loaded", "a loaded key", ""};
  return *found->second;
}

Json error_answer(const Json& id, const Refusal& refusal) {
  Json answer{{"kind", "error"}, {"id", id}, {"where", refusal.where}, {"found", refusal.found}};
  if (!refusal.expected.empty()) answer["expected"] = refusal.expected;
  if (!refusal.next.empty()) answer["next"] = refusal.next;
  return answer;
}
