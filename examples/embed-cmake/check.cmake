# Installs EdgeC to a temporary prefix and builds this folder's project against
# it, as a user would; run by ctest.
set(prefix "${WORK}/prefix")
set(out "${WORK}/build")
file(REMOVE_RECURSE "${prefix}" "${out}")
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()
function(run_quietly)
  execute_process(COMMAND ${ARGN} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endfunction()
run_quietly("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${prefix}")
run_quietly("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${out}" -G "${GENERATOR}" "-DCMAKE_C_COMPILER=${COMPILER}"
  "-DCMAKE_C_FLAGS=${FLAGS}" "-DCMAKE_PREFIX_PATH=${prefix}")
run_quietly("${CMAKE_COMMAND}" --build "${out}")
run("${out}/embedded")
file(REMOVE_RECURSE "${prefix}")
