# Installation and the CMake package: find_package(EdgeC) gives
# EdgeC::compiler (the compiler library) and EdgeC::runtime (the C runtime).
# It also adds the target edge-docs, which writes the generated reference of
# dialects and passes to docs/ in the build folder.
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY EDGEC_LIBRARIES)
get_property(docs GLOBAL PROPERTY EDGEC_DOCS)
add_custom_target(edge-docs ALL)
add_dependencies(edge-docs ${docs})

set(EDGEC_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/EdgeC")
set_target_properties(edge_runtime PROPERTIES EXPORT_NAME runtime)
set_target_properties(EdgeCompiler PROPERTIES EXPORT_NAME compiler)
install(TARGETS edge_runtime EXPORT EdgeCRuntimeTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(TARGETS ${libraries} EXPORT EdgeCCompilerTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(TARGETS edgec edge-opt edge-run RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
# The simulated NPU, for programs that run such models: EdgeC::npu_driver.
if(TARGET edge_npu_driver)
  set_target_properties(edge_npu_driver PROPERTIES EXPORT_NAME npu_driver)
  set_target_properties(edge_npu_simulator PROPERTIES EXPORT_NAME npu_simulator)
  install(TARGETS edge_npu_driver edge_npu_simulator EXPORT EdgeCRuntimeTargets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(FILES runtime/devices/npu/npu_driver.h runtime/devices/npu/npu_simulator.h
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/edge/devices/npu")
  target_include_directories(edge_npu_simulator PUBLIC
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/edge/devices/npu>)
endif()
install(DIRECTORY runtime/include/edge DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
# The compiler's headers keep their repository-rooted include paths.
install(DIRECTORY compiler dialects passes targets DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/edgec"
  FILES_MATCHING PATTERN "*.h" PATTERN "*.td")
install(DIRECTORY "${CMAKE_BINARY_DIR}/dialects" "${CMAKE_BINARY_DIR}/passes" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/edgec"
  FILES_MATCHING PATTERN "*.h.inc" PATTERN "CMakeFiles" EXCLUDE)
install(FILES "${CMAKE_BINARY_DIR}/compiler/import/tflite/schema_generated.h"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/edgec/compiler/import/tflite")
install(EXPORT EdgeCRuntimeTargets NAMESPACE EdgeC:: DESTINATION "${EDGEC_CMAKE_DIR}")
install(EXPORT EdgeCCompilerTargets NAMESPACE EdgeC:: DESTINATION "${EDGEC_CMAKE_DIR}")
configure_package_config_file(cmake/EdgeCConfig.cmake.in "${CMAKE_BINARY_DIR}/cmake/EdgeCConfig.cmake"
  INSTALL_DESTINATION "${EDGEC_CMAKE_DIR}" PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/cmake/EdgeCConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/cmake/EdgeCConfig.cmake" "${CMAKE_BINARY_DIR}/cmake/EdgeCConfigVersion.cmake"
  DESTINATION "${EDGEC_CMAKE_DIR}")
