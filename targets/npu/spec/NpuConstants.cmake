# Writes npu_constants.h from commands.json: every number that a command stream
# consists of, as macros for C and C++. It is the only thing that the compiler
# and the simulator share.
#
#   {"name": "mac", "opcode": 5, "fields": [{"name": "inputAddress", "offset": 4, "type": "u32"}]}
# becomes
#   #define NPU_OPCODE_MAC 5
#   #define NPU_MAC_INPUT_ADDRESS 4
#   #define NPU_MAC_FIELDS(X) X(inputAddress, INPUT_ADDRESS, 4, u32) ...
#
# npu_use_constants(TARGET) makes `#include "npu_constants.h"` work in TARGET.
# The header is written when CMake configures, and again when the JSON changes.
set(NPU_SPEC_DIR "${CMAKE_CURRENT_LIST_DIR}")
set(NPU_CONSTANTS_DIR "${CMAKE_BINARY_DIR}/npu-constants")

function(npu_use_constants target)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}/npu-constants>)
endfunction()

# camelCase to CAPITALS_WITH_UNDERSCORES
function(npu_macro_name result name)
  string(REGEX REPLACE "([a-z0-9])([A-Z])" "\\1_\\2" words "${name}")
  string(TOUPPER "${words}" words)
  set(${result} "${words}" PARENT_SCOPE)
endfunction()

# npu_columns(RESULT JSON KEY...): each KEY of the object as a variable of that name.
macro(npu_columns json)
  foreach(key ${ARGN})
    string(JSON ${key} GET "${json}" ${key})
  endforeach()
endmacro()

# npu_list(TEXT JSON LIST PREFIX MACRO COLUMNS...): appends to the variable TEXT a
# define for each member of a list, with its first column, and an X macro of all columns.
function(npu_list output json list prefix macro)
  string(JSON rows GET "${json}" ${list})
  string(JSON count LENGTH "${rows}")
  set(defines "")
  set(table "#define NPU_${macro}(X)")
  set(index 0)
  while(index LESS count)
    string(JSON row GET "${rows}" ${index})
    npu_columns("${row}" name)
    npu_macro_name(capitals "${name}")
    set(cells "")
    set(value "")
    foreach(column ${ARGN})
      string(JSON cell GET "${row}" ${column})
      if(cells STREQUAL "")
        set(value ${cell})
      endif()
      string(APPEND cells ", ${cell}")
    endforeach()
    string(APPEND defines "#define ${prefix}${capitals} ${value}\n")
    string(APPEND table " \\\n  X(${name}, ${capitals}${cells})")
    math(EXPR index "${index} + 1")
  endwhile()
  set(${output} "${${output}}\n${defines}${table}\n#define NPU_${macro}_COUNT ${count}\n" PARENT_SCOPE)
endfunction()

# The offsets of a command's fields; flags are bits of byte 1.
function(npu_record output json capitals)
  npu_list(${output} "${json}" fields NPU_${capitals}_ ${capitals}_FIELDS offset type)
  string(JSON bytes GET "${json}" bytes)
  set(result "${${output}}#define NPU_${capitals}_BYTES ${bytes}\n")
  string(JSON count ERROR_VARIABLE missing LENGTH "${json}" flags)
  if(NOT missing)
    set(all 0)
    set(index 0)
    while(index LESS count)
      string(JSON flag GET "${json}" flags ${index})
      npu_columns("${flag}" name bit)
      npu_macro_name(flag "${name}")
      math(EXPR mask "1 << ${bit}")
      math(EXPR all "${all} | ${mask}")
      string(APPEND result "#define NPU_${capitals}_FLAG_${flag} ${mask}\n")
      math(EXPR index "${index} + 1")
    endwhile()
    string(APPEND result "#define NPU_${capitals}_FLAGS ${all}\n")
  endif()
  set(${output} "${result}" PARENT_SCOPE)
endfunction()

function(npu_write_constants)
  set(source "${NPU_SPEC_DIR}/commands.json")
  set(header "${NPU_CONSTANTS_DIR}/npu_constants.h")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}" "${NPU_SPEC_DIR}/NpuConstants.cmake")
  if(EXISTS "${header}" AND "${header}" IS_NEWER_THAN "${source}" AND
      "${header}" IS_NEWER_THAN "${NPU_SPEC_DIR}/NpuConstants.cmake")
    return()
  endif()
  file(READ "${source}" json)
  npu_columns("${json}" formatVersion magic commands)
  string(JSON streamHeader GET "${json}" header)
  set(text "/* The NPU's command stream in numbers: see docs/npu.md.\n")
  string(APPEND text " * Generated from targets/npu/spec/commands.json; do not edit. */\n")
  string(APPEND text "#ifndef NPU_CONSTANTS_H\n#define NPU_CONSTANTS_H\n\n")
  string(APPEND text "#define NPU_FORMAT_VERSION ${formatVersion}\n#define NPU_MAGIC ${magic}u\n")
  npu_list(text "${json}" limits NPU_LIMIT_ LIMITS value)
  npu_list(text "${json}" units NPU_UNIT_ UNITS code)
  npu_list(text "${json}" dataTypes NPU_DTYPE_ DTYPES code bytes)
  npu_list(text "${json}" weightEncodings NPU_ENCODING_ ENCODINGS code)
  npu_list(text "${json}" microOperations NPU_MICRO_ MICRO_OPERATIONS code sources)
  npu_list(text "${json}" parameters NPU_PARAMETER_ PARAMETERS index low high)
  npu_list(text "${json}" commands NPU_OPCODE_ COMMANDS opcode bytes)
  npu_record(text "${streamHeader}" HEADER)
  string(JSON count LENGTH "${commands}")
  set(index 0)
  while(index LESS count)
    string(JSON command GET "${commands}" ${index})
    npu_columns("${command}" name)
    npu_macro_name(capitals "${name}")
    npu_record(text "${command}" ${capitals})
    math(EXPR index "${index} + 1")
  endwhile()
  string(APPEND text "\n#endif\n")
  file(MAKE_DIRECTORY "${NPU_CONSTANTS_DIR}")
  file(WRITE "${header}" "${text}")
endfunction()
npu_write_constants()
