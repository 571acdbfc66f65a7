#!/usr/bin/env bash
# Provides a C++17 toolchain: g++ 9 or clang++ 10 or later, CMake, Ninja or make, and nlohmann-json, from Debian's
# packages where they are missing.
#
#   setup-cpp.sh           installs what is missing to build the C++ servant
#   setup-cpp.sh test      the same, and what its tests and checks need
#   setup-cpp.sh --check   installs nothing; exit 0 if everything is there, else one line that says what is missing
#                          (also: --check test)
#
# PARLEY_NO_INSTALL=1 forbids installing: exit 1 and the exact command to type.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
oldest_cmake=$(sed -n 's/^cmake_minimum_required(VERSION \(.*\))$/\1/p' "$root/servant/cpp/CMakeLists.txt")
readonly oldest_gcc=9 oldest_clang=10

usage() {
  echo "usage: setup-cpp.sh [--check] [test]" >&2
  exit 2
}

at_least() {
  [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# CXX names the compiler, as for CMake.
has_compiler() {
  local compiler
  for compiler in ${CXX:-c++ g++ clang++}; do
    has "$compiler" || continue
    case $("$compiler" --version 2>/dev/null) in
      *clang*) at_least $oldest_clang "$("$compiler" -dumpversion)" && return 0 ;;
      *) at_least $oldest_gcc "$("$compiler" -dumpversion)" && return 0 ;;
    esac
  done
  return 1
}

has_cmake() {
  local name version
  has cmake || return 1
  read -r name _ version _ < <(cmake --version) && [ "$name" = cmake ] && at_least "$oldest_cmake" "$version"
}

# Wherever the compiler finds headers.
has_header() {
  echo "#include <$1>" | "${CXX:-c++}" -std=c++17 -E -x c++ - >/dev/null 2>&1
}

missing_packages() {
  has_compiler || echo g++
  has_cmake || echo cmake
  has ninja || has make || echo ninja-build
  { has_compiler && has_header nlohmann/json.hpp; } || echo nlohmann-json3-dev
  if $with_tests; then
    has ninja || echo ninja-build
    { has_compiler && has_header gtest/gtest.h; } || echo libgtest-dev
    has clang-format || echo clang-format
    has clang-tidy || echo clang-tidy
  fi
}

apt() {
  # Another apt may be at work: wait for its lock instead of failing.
  env DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

check=false
with_tests=false
for word in "$@"; do
  case $word in
    --check) check=true ;;
    test) with_tests=true ;;
    *) usage ;;
  esac
done

mapfile -t missing < <(missing_packages | sort -u)
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

command_line="apt-get install --no-install-recommends -y ${missing[*]}"
if [ "$(id -u)" -ne 0 ]; then command_line="sudo $command_line"; fi
if ! has apt-get; then
  echo "cpp: missing what Debian calls ${missing[*]} (CMake $oldest_cmake, g++ $oldest_gcc or clang++ $oldest_clang, or later), and this is not a Debian system; install it" >&2
  exit 1
fi
if $check; then
  echo "cpp: missing ${missing[*]}; get it with: $command_line"
  exit 1
fi
if [ "${PARLEY_NO_INSTALL:-}" = 1 ]; then
  echo "cpp: missing ${missing[*]}, and PARLEY_NO_INSTALL=1 forbids installing; type: $command_line" >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo -n true 2>/dev/null; then
    echo "cpp: missing ${missing[*]}, and sudo asks for a password here; type: $command_line" >&2
    exit 1
  fi
  as_root=(sudo -n)
fi

echo "cpp: installing ${missing[*]} (Debian packages)" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! apt install --no-install-recommends -y "${missing[@]}" >"$log" 2>&1; then
  # The package lists are old or were never fetched.
  if ! { apt update && apt install --no-install-recommends -y "${missing[@]}"; } >"$log" 2>&1; then
    echo "cpp: could not install ${missing[*]}; the last lines of apt-get:" >&2
    tail -n 5 "$log" >&2
    echo "try by hand: $command_line" >&2
    exit 1
  fi
fi
mapfile -t missing < <(missing_packages | sort -u)
if [ ${#missing[@]} -ne 0 ]; then
  echo "cpp: ${missing[*]} installed, but too old or not where it is expected (CMake $oldest_cmake, g++ $oldest_gcc or clang++ $oldest_clang, or later); run: bash -x $0" >&2
  exit 1
fi
