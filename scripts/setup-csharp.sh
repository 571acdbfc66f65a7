#!/usr/bin/env bash
# Provides a C# toolchain: a .NET SDK 8 or later where there is one, otherwise Mono from Debian's packages.
#
#   setup-csharp.sh           installs what is missing to build and run the C# servant
#   setup-csharp.sh test      the same, and what its tests need
#   setup-csharp.sh --check   installs nothing; exit 0 if the toolchain is there, else one line that says what is missing
#                             (also: --check test)
#
# PARLEY_NO_INSTALL=1 forbids installing: exit 1 and the exact command to type.
set -euo pipefail

# What each package is needed for: a program on PATH or a file.
readonly runtime_needs=(
  "mono-runtime:mono"
  "mono-mcs:mcs"
  "libmono-system-core4.0-cil:/usr/lib/mono/4.5/System.Core.dll"
  "libnewtonsoft-json5.0-cil:/usr/lib/cli/Newtonsoft.Json-5.0/Newtonsoft.Json.dll"
)
readonly test_needs=(
  "nunit-console:nunit-console"
  "libnunit-framework2.6.3-cil:/usr/lib/cli/nunit.framework-2.6.3/nunit.framework.dll"
)

usage() {
  echo "usage: setup-csharp.sh [--check] [test]" >&2
  exit 2
}

has_dotnet_sdk() {
  command -v dotnet >/dev/null 2>&1 || return 1
  local version rest
  while read -r version rest; do
    if [ "${version%%.*}" -ge 8 ] 2>/dev/null; then return 0; fi
  done < <(dotnet --list-sdks 2>/dev/null)
  return 1
}

is_there() {
  case $1 in
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
  esac
}

missing_packages() {
  local need
  for need in "$@"; do
    is_there "${need#*:}" || echo "${need%%:*}"
  done
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

if has_dotnet_sdk; then exit 0; fi

needs=("${runtime_needs[@]}")
if $with_tests; then needs+=("${test_needs[@]}"); fi
mapfile -t missing < <(missing_packages "${needs[@]}")
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

command_line="apt-get install --no-install-recommends -y ${missing[*]}"
if [ "$(id -u)" -ne 0 ]; then command_line="sudo $command_line"; fi
if ! command -v apt-get >/dev/null 2>&1; then
  echo "csharp: no .NET SDK 8 or later and no Mono here, and this is not a Debian system; install the .NET SDK: https://dotnet.microsoft.com/download" >&2
  exit 1
fi
if $check; then
  echo "csharp: missing ${missing[*]}; get it with: $command_line"
  exit 1
fi
if [ "${PARLEY_NO_INSTALL:-}" = 1 ]; then
  echo "csharp: missing ${missing[*]}, and PARLEY_NO_INSTALL=1 forbids installing; type: $command_line" >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo -n true 2>/dev/null; then
    echo "csharp: missing ${missing[*]}, and sudo asks for a password here; type: $command_line" >&2
    exit 1
  fi
  as_root=(sudo -n)
fi

echo "csharp: installing ${missing[*]} (Debian packages)" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! apt install --no-install-recommends -y "${missing[@]}" >"$log" 2>&1; then
  # The package lists are old or were never fetched.
  if ! { apt update && apt install --no-install-recommends -y "${missing[@]}"; } >"$log" 2>&1; then
    echo "csharp: could not install ${missing[*]}; the last lines of apt-get:" >&2
    tail -n 5 "$log" >&2
    echo "try by hand: $command_line" >&2
    exit 1
  fi
fi
mapfile -t missing < <(missing_packages "${needs[@]}")
if [ ${#missing[@]} -ne 0 ]; then
  echo "csharp: ${missing[*]} installed, but what it should bring is not where it is expected; run: bash -x $0" >&2
  exit 1
fi
