// keys: the presenter's keyboard, key by key instead of line by line.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Takes the terminal on standard input; false if there is none. It is given back by keys_release(),
// at exit, and when a signal ends the process.
bool keys_take(void);
void keys_release(void);
void keys_again(
    void); // after the process was stopped and goes on: shells set their own modes meanwhile

// The name of the next key that was pressed ("space", "enter", "q", "y", "n", "d", "2", "+", "-"),
// NULL if none was. Does not wait.
const char *keys_next(void);
