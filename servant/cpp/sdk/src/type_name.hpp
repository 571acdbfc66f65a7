#pragma once

#include <string>
#include <typeindex>
#include <typeinfo>

namespace parley::detail {

/// The name of a type as it is written in source text.
std::string type_name(const char* mangled);
inline std::string type_name(const std::type_info& type) {
  return type_name(type.name());
}
inline std::string type_name(std::type_index type) {
  return type_name(type.name());
}

}  // namespace parley::detail
