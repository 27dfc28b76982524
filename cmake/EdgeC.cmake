# How every part of EdgeC is built: the compiler flags, the precompiled MLIR
# headers, and one function each for a library, a tool and a test program.
include(GNUInstallDirs)

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON) # LLVM's libraries lie outside the system's path
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# MLIR's headers are written for it: -O2 is as fast here and builds in two
# thirds of the time that -O3 takes.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

find_package(MLIR REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
find_package(LLVM REQUIRED CONFIG HINTS "${MLIR_DIR}/../llvm")
find_package(LLD CONFIG HINTS "${MLIR_DIR}/../lld")
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "EdgeC needs LLVM and MLIR 22, found ${LLVM_PACKAGE_VERSION}")
endif()
find_package(nlohmann_json REQUIRED)
find_package(Protobuf REQUIRED)
find_package(Threads REQUIRED)
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)
set(EDGEC_LLVM_TOOLS_DIR "${LLVM_TOOLS_BINARY_DIR}")

# Debian's MLIR archives name the shared LLVM as what they need. Beside LLVM's
# archives that would be a second LLVM in one program, so the archives take its
# place.
if(EDGEC_STATIC)
  add_library(edgec_llvm INTERFACE)
  llvm_map_components_to_libnames(llvm_archives Core Support TargetParser BitReader BitWriter IRReader AsmParser Linker
    TransformUtils Passes FrontendOpenMP FrontendOffloading CodeGen MC Object)
  target_link_libraries(edgec_llvm INTERFACE ${llvm_archives})
  get_property(mlir_archives GLOBAL PROPERTY MLIR_ALL_LIBS)
  foreach(archive IN LISTS mlir_archives)
    get_target_property(needs ${archive} INTERFACE_LINK_LIBRARIES)
    if("LLVM" IN_LIST needs)
      list(TRANSFORM needs REPLACE "^LLVM$" edgec_llvm)
      set_target_properties(${archive} PROPERTIES INTERFACE_LINK_LIBRARIES "${needs}")
    endif()
  endforeach()
endif()

include_directories("${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}")
include_directories(SYSTEM ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
add_definitions(${LLVM_DEFINITIONS_LIST})

set(EDGEC_WARNINGS -Wall -Wextra -Wno-unused-parameter)
if(EDGEC_WERROR)
  list(APPEND EDGEC_WARNINGS -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_link_options(-fuse-ld=lld)
endif()
if(EDGEC_SANITIZE)
  add_compile_options(-fsanitize=${EDGEC_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${EDGEC_SANITIZE})
endif()

# The MLIR headers that nearly every file needs, compiled once.
add_library(edgec_pch OBJECT "${CMAKE_SOURCE_DIR}/cmake/pch.cpp")
target_precompile_headers(edgec_pch PRIVATE "${CMAKE_SOURCE_DIR}/cmake/pch.h")
target_compile_options(edgec_pch PRIVATE ${EDGEC_WARNINGS})
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # A time stamp in it would keep ccache from caching all that uses it.
  target_compile_options(edgec_pch PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
endif()

# edgec_link(target name...): links ours by name; every MLIR and LLVM component
# comes from the two shared libraries, or from the archives with EDGEC_STATIC.
function(edgec_link target)
  set(shared OFF)
  foreach(name IN LISTS ARGN)
    if(name MATCHES "^(MLIR|LLVM)" AND NOT EDGEC_STATIC)
      set(shared ON)
    else()
      target_link_libraries(${target} PUBLIC ${name})
    endif()
  endforeach()
  if(shared)
    target_link_libraries(${target} PUBLIC MLIR LLVM)
  endif()
endfunction()

# Programs share the libraries' precompiled header, so they are compiled as
# position-independent as those are (-fPIC, where CMake would take -fPIE).
function(edgec_program_settings target)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC)
endfunction()

function(edgec_compile_settings target)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${EDGEC_WARNINGS}>)
  target_precompile_headers(${target} REUSE_FROM edgec_pch)
endfunction()

# edgec_library(EdgeFoo SOURCES ... LINK ... DEPENDS ...)
function(edgec_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  edgec_compile_settings(${name})
  edgec_link(${name} ${ARG_LINK})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  set_property(GLOBAL APPEND PROPERTY EDGEC_LIBRARIES ${name})
endfunction()

# edgec_tool(edgec SOURCES ... LINK ...): build/bin/edgec
function(edgec_tool name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  edgec_program_settings(${name})
  edgec_compile_settings(${name})
  edgec_link(${name} ${ARG_LINK})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# edgec_gtest(FooTest SOURCES ... LINK ...): a GoogleTest program; ctest counts
# each of its tests.
function(edgec_gtest name)
  cmake_parse_arguments(ARG "NO_PCH" "TIMEOUT" "SOURCES;LINK;DEPENDS" ${ARGN})
  find_package(GTest REQUIRED)
  include(GoogleTest)
  add_executable(${name} ${ARG_SOURCES})
  edgec_program_settings(${name})
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${EDGEC_WARNINGS}>)
  if(NOT ARG_NO_PCH)
    target_precompile_headers(${name} REUSE_FROM edgec_pch)
  endif()
  edgec_link(${name} ${ARG_LINK} GTest::gmock GTest::gtest GTest::gtest_main)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 600)
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()

# edgec_tablegen(Foo.td TARGET Out.inc -gen-...)...: thin wrapper that keeps the
# MLIR function's calling order readable.
function(edgec_dialect_tablegen name dialect)
  set(LLVM_TARGET_DEFINITIONS ${name}.td)
  mlir_tablegen(${name}.h.inc -gen-op-decls -dialect=${dialect})
  mlir_tablegen(${name}.cpp.inc -gen-op-defs -dialect=${dialect})
  mlir_tablegen(${name}Dialect.h.inc -gen-dialect-decls -dialect=${dialect})
  mlir_tablegen(${name}Dialect.cpp.inc -gen-dialect-defs -dialect=${dialect})
  mlir_tablegen(${name}Attributes.h.inc -gen-attrdef-decls -attrdefs-dialect=${dialect})
  mlir_tablegen(${name}Attributes.cpp.inc -gen-attrdef-defs -attrdefs-dialect=${dialect})
  mlir_tablegen(${name}Enums.h.inc -gen-enum-decls)
  mlir_tablegen(${name}Enums.cpp.inc -gen-enum-defs)
  add_public_tablegen_target(Edge${name}IncGen)
  add_custom_command(OUTPUT "${CMAKE_BINARY_DIR}/docs/${name}Dialect.md"
    COMMAND "${MLIR_TABLEGEN_EXE}" -gen-dialect-doc -dialect=${dialect} -I "${MLIR_INCLUDE_DIRS}" -I "${CMAKE_SOURCE_DIR}"
      "${CMAKE_CURRENT_SOURCE_DIR}/${name}.td" -o "${CMAKE_BINARY_DIR}/docs/${name}Dialect.md"
    DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}.td" VERBATIM)
  add_custom_target(Edge${name}DialectDocs DEPENDS "${CMAKE_BINARY_DIR}/docs/${name}Dialect.md")
  set_property(GLOBAL APPEND PROPERTY EDGEC_DOCS Edge${name}DialectDocs)
endfunction()

# edgec_dialect_operators(EdgeIndexing edge): a family of a dialect's operators (and
# its enums) in a .td file and headers of its own, so that adding to it recompiles its users alone.
function(edgec_dialect_operators name dialect)
  set(LLVM_TARGET_DEFINITIONS ${name}.td)
  mlir_tablegen(${name}.h.inc -gen-op-decls -dialect=${dialect})
  mlir_tablegen(${name}.cpp.inc -gen-op-defs -dialect=${dialect})
  mlir_tablegen(${name}Enums.h.inc -gen-enum-decls)
  mlir_tablegen(${name}Enums.cpp.inc -gen-enum-defs)
  add_public_tablegen_target(${name}IncGen)
  add_custom_command(OUTPUT "${CMAKE_BINARY_DIR}/docs/${name}Operators.md"
    COMMAND "${MLIR_TABLEGEN_EXE}" -gen-op-doc -dialect=${dialect} -I "${MLIR_INCLUDE_DIRS}" -I "${CMAKE_SOURCE_DIR}"
      "${CMAKE_CURRENT_SOURCE_DIR}/${name}.td" -o "${CMAKE_BINARY_DIR}/docs/${name}Operators.md"
    DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}.td" VERBATIM)
  add_custom_target(${name}OperatorDocs DEPENDS "${CMAKE_BINARY_DIR}/docs/${name}Operators.md")
  set_property(GLOBAL APPEND PROPERTY EDGEC_DOCS ${name}OperatorDocs)
endfunction()

# edgec_passes_tablegen(Graph): Passes.td -> Passes.h.inc with registration of the group
function(edgec_passes_tablegen name)
  set(LLVM_TARGET_DEFINITIONS Passes.td)
  mlir_tablegen(Passes.h.inc -gen-pass-decls -name ${name})
  add_public_tablegen_target(Edge${name}PassIncGen)
  add_custom_command(OUTPUT "${CMAKE_BINARY_DIR}/docs/${name}Passes.md"
    COMMAND "${MLIR_TABLEGEN_EXE}" -gen-pass-doc -I "${MLIR_INCLUDE_DIRS}" -I "${CMAKE_SOURCE_DIR}"
      "${CMAKE_CURRENT_SOURCE_DIR}/Passes.td" -o "${CMAKE_BINARY_DIR}/docs/${name}Passes.md"
    DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/Passes.td" VERBATIM)
  add_custom_target(Edge${name}PassesDocs DEPENDS "${CMAKE_BINARY_DIR}/docs/${name}Passes.md")
  set_property(GLOBAL APPEND PROPERTY EDGEC_DOCS Edge${name}PassesDocs)
endfunction()
