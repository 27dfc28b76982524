# Installation and the CMake package: find_package(EdgeC) gives
# EdgeC::compiler (the compiler library) and EdgeC::runtime (the C runtime).
include(CMakePackageConfigHelpers)
