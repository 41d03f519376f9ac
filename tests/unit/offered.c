// offered: prints what the language offers to scenes, a word a line, as the running engine has it;
// see offered.lua for the forms. tests/scenario/test_reference.py compares it with the reference.
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

#include "script/play.h"
#include "script/vm.h"

int main(void)
{
    struct play play = {0};
    struct vm vm;
    if (vm_init(&vm, &play, 1) != 0)
        return 1;
    lua_State *L = vm.L;
    luaL_requiref(L, "debug", luaopen_debug, 1);
    int status = luaL_loadfile(L, OFFERED);
    if (status == LUA_OK) {
        vm_push_api(L);
        status = lua_pcall(L, 1, 1, 0);
    }
    fputs(lua_tostring(L, -1), status == LUA_OK ? stdout : stderr);
    vm_fini(&vm);
    return status == LUA_OK ? 0 : 1;
}
