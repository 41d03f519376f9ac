// vm: the Lua state of a scene, without anything that reaches out of it.
#pragma once

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define VM_MEMORY_MAX (256 << 20) // bytes of Lua values in one scene

struct play;

struct vm {
    lua_State *L; // (owned)
    size_t used;  // bytes
};

// Libraries, bindings and prelude; `play` is what the bindings act on. -1 only if there is no
// memory.
int vm_init(struct vm *vm, struct play *play, uint64_t seed);
void vm_fini(struct vm *vm);

// Compiles a file of the scene and pushes its function; -1 with what is wrong, "file:line: …".
int vm_load(struct vm *vm, lua_State *L, const char *name, const char *text, size_t len,
            struct err *err);

void vm_push_api(lua_State *L); // the table of what scenes can use
