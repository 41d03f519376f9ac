# Outside libraries as imported targets, found where the system's packages (vendor/packages.txt) put them.
find_package(PkgConfig REQUIRED)

foreach(pair IN ITEMS lua:lua5.4 nl:libnl-3.0 nftables:libnftables jansson:jansson utf8proc:libutf8proc)
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 target)
  list(GET pair 1 module)
  pkg_check_modules(${target} REQUIRED IMPORTED_TARGET GLOBAL ${module})
  add_library(${target} INTERFACE IMPORTED)
  target_link_libraries(${target} INTERFACE PkgConfig::${target})
endforeach()

# libev has no pkg-config file.
find_path(EV_INCLUDE ev.h REQUIRED)
find_library(EV_LIBRARY ev REQUIRED)
add_library(ev INTERFACE IMPORTED)
target_include_directories(ev INTERFACE ${EV_INCLUDE})
target_link_libraries(ev INTERFACE ${EV_LIBRARY})

# uthash is headers alone.
find_path(UTHASH_INCLUDE uthash.h REQUIRED)

# Tests alone need cmocka: whoever only plays scenes may do without.
if(WIRESCENE_TESTS)
  pkg_check_modules(cmocka QUIET IMPORTED_TARGET GLOBAL cmocka)
  if(NOT cmocka_FOUND)
    message(STATUS "cmocka is not here: no unit tests")
  endif()
endif()
