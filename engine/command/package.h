// package: what brings a program that is not on this machine.
#pragma once

#include "base/err.h"

// A sentence that the program is missing, with the command that helps where that is known.
void package_missing(const char *program, struct err *err);
