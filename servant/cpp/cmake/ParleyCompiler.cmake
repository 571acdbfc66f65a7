# How everything here is compiled: link parley::compiler to each target that is not a library for others.
add_library(parley-compiler INTERFACE)
add_library(parley::compiler ALIAS parley-compiler)

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
target_compile_features(parley-compiler INTERFACE cxx_std_17)
target_compile_options(parley-compiler INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)

if(PARLEY_SANITIZE)
  target_compile_options(parley-compiler INTERFACE -fsanitize=${PARLEY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(parley-compiler INTERFACE -fsanitize=${PARLEY_SANITIZE})
endif()
