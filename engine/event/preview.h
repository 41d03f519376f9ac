// preview: any bytes as text that can be shown and turned back.
//
// Printable UTF-8 stands for itself; else \n \r \t, \xNN for a byte, and \\ for a backslash.
// Controls, line separators and marks that change the direction of writing are not printable: bytes
// from a peer shall neither drive the terminal nor disturb the text around them.
#pragma once

#include "base/buf.h"

void preview_text(struct buf *text, const void *bytes, size_t len); // appends
int preview_parse(struct buf *bytes, const char *text, size_t len); // appends; -1 at a wrong escape
