# The Debian package: `make deb`. What is in it is what `make install` installs; this only describes it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME wirescene)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_VENDOR "the wirescene authors")
set(CPACK_PACKAGE_CONTACT "The wirescene authors <maintainers@wirescene.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "network scenes played with real sockets, shown packet by packet")
set(CPACK_PACKAGE_DESCRIPTION
    "A short Lua script describes hosts, servers, clients, messages, delays and faults.
wirescene plays it with real Linux sockets, each host in a network namespace of
its own, and shows every socket call, every packet and every change of state on
one clock. It needs no rights and touches nothing of the machine.")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_SOURCE_DIR}/build)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "wireshark | termshark, jq")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/postinst ${CMAKE_CURRENT_LIST_DIR}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
