#include "json.h"

#include "limits.h"

namespace {

// Before anything is built from the line: a line of brackets alone would take gigabytes once parsed.
void check_size(const std::string& line) {
  size_t values = 1;
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < line.size(); i++) {
    const char c = line[i];
    if (in_string) {
      if (c == '\\') i++;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      values++;
      if (++depth > limits::kJsonDepth) {
        throw Refusal{"request", "nests deeper than " + std::to_string(limits::kJsonDepth), "a request", ""};
      }
    } else if (c == ']' || c == '}') {
      depth--;
    } else if (c == ',' || c == ':') {
      values++;
    }
    if (values > limits::kJsonValues) {
      throw Refusal{"request", "more than " + std::to_string(limits::kJsonValues) + " values", "fewer", ""};
    }
  }
}

}  // namespace

Json parse_line(const std::string& line) {
  check_size(line);
  Json parsed = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) throw Refusal{"request", "a line that is not JSON", "one JSON document a line", ""};
  if (!parsed.is_object()) throw Refusal{"request", excerpt(parsed), "an object", ""};
  return parsed;
}

const Json& field(const Json& object, const char* name, const std::string& where) {
  if (!object.is_object()) throw Refusal{where, excerpt(object), "an object", ""};
  const auto found = object.find(name);
  if (found == object.end()) throw Refusal{where, std::string("no ") + name, name, ""};
  return *found;
}

int64_t integer(const Json& value, int64_t low, int64_t high, const std::string& where) {
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || value.get<uint64_t>() <= uint64_t{INT64_MAX});
  const int64_t number = fits ? value.get<int64_t>() : 0;
  if (!fits || number < low || number > high) {
    throw Refusal{where, excerpt(value), "a whole number from " + std::to_string(low) + " to " + std::to_string(high), ""};
  }
  return number;
}

bool boolean(const Json& value, const std::string& where) {
  if (!value.is_boolean()) throw Refusal{where, excerpt(value), "true or false", ""};
  return value.get<bool>();
}

const std::string& text(const Json& value, size_t max_bytes, const std::string& where) {
  if (!value.is_string()) throw Refusal{where, excerpt(value), "text", ""};
  const std::string& string = value.get_ref<const std::string&>();
  if (string.size() > max_bytes) {
    throw Refusal{where, std::to_string(string.size()) + " bytes", "at most " + std::to_string(max_bytes), ""};
  }
  return string;
}

const Json& array(const Json& value, size_t least, size_t most, const std::string& where) {
  if (!value.is_array()) throw Refusal{where, excerpt(value), "a list", ""};
  if (value.size() < least || value.size() > most) {
    throw Refusal{where, std::to_string(value.size()) + " entries",
                  std::to_string(least) + " to " + std::to_string(most), ""};
  }
  return value;
}

std::string excerpt(const Json& value) {
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  std::string printed = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (printed.size() > 60) printed = printed.substr(0, 57) + "...";
  return printed;
}
