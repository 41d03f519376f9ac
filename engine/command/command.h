// command: the subcommands of wirescene, one a file. Each takes its own part of the command line
// (argv[0] is its name) and returns the exit status (performance.h).
#pragma once

int command_check(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_language(int argc, char **argv);
int command_run(int argc, char **argv);
int command_shell(int argc, char **argv);
