# What a Makefile would do with a statically linked model; run by ctest.
file(MAKE_DIRECTORY "${WORK}")
function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${WORK}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()
run("${EDGEC}" "${MODEL}" -emit=static -o libdigits.a)
run("${COMPILER}" -std=c11 -Wall -Wextra -Werror "-I${INCLUDE}" -I. "${SOURCE}" libdigits.a -o static_model)
run("${WORK}/static_model")
