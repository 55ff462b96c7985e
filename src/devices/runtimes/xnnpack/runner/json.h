// Reads fields of a parsed line, each checked for its kind and range.
#pragma once
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "refusal.h"

using Json = nlohmann::json;

// Parses a line, or throws a Refusal; refuses nesting and numbers of values that no request needs.
Json parse_line(const std::string& line);

const Json& field(const Json& object, const char* name, const std::string& where);
int64_t integer(const Json& value, int64_t low, int64_t high, const std::string& where);
bool boolean(const Json& value, const std::string& where);
const std::string& text(const Json& value, size_t max_bytes, const std::string& where);
const Json& array(const Json& value, size_t least, size_t most, const std::string& where);

// What a person sees of a value in an error: its beginning.
std::string excerpt(const Json& value);
