# Writes the machine files into one C++ table, so that edgec needs no file at
# run time.  cmake -DOUTPUT=Machines.inc -DFILES="a.json;b.json" -P this
set(text "// Generated from targets/machines/*.json.\n")
list(SORT FILES)
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME_WE)
  file(READ "${file}" json)
  string(APPEND text "{\"${name}\", R\"json(${json})json\"},\n")
endforeach()
file(WRITE "${OUTPUT}.new" "${text}")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
