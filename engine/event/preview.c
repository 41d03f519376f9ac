// Implementation of preview.h.
#include "event/preview.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

static bool printable(uint32_t letter)
{
    return letter >= 0x20 && !(letter >= 0x7f && letter < 0xa0) &&
           !(letter >= 0x2028 && letter <= 0x202e) && !(letter >= 0x2066 && letter <= 0x2069);
}

static void escape(struct buf *text, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    char *to = buf_room(text, 4);
    size_t n = 0;
    to[n++] = '\\';
    switch (byte) {
    case '\\':
        to[n++] = '\\';
        break;
    case '\n':
        to[n++] = 'n';
        break;
    case '\r':
        to[n++] = 'r';
        break;
    case '\t':
        to[n++] = 't';
        break;
    default:
        to[n++] = 'x';
        to[n++] = hex[byte >> 4];
        to[n++] = hex[byte & 15];
    }
    text->len += n;
}

void preview_text(struct buf *text, const void *bytes, size_t len)
{
    const char *from = bytes;
    for (size_t i = 0; i < len;) {
        uint32_t letter;
        size_t n = utf8_letter(from + i, len - i, &letter);
        if (n && printable(letter) && letter != '\\')
            buf_put(text, from + i, n);
        else
            for (size_t k = 0; k < (n ? n : 1); k++)
                escape(text, (unsigned char)from[i + k]);
        i += n ? n : 1;
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int preview_parse(struct buf *bytes, const char *text, size_t len)
{
    static const char marks[] = "\\nrt", meant[] = "\\\n\r\t";
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '\\') {
            buf_byte(bytes, text[i]);
            continue;
        }
        if (++i == len)
            return -1;
        const char *mark = text[i] ? strchr(marks, text[i]) : NULL;
        if (mark) {
            buf_byte(bytes, meant[mark - marks]);
            continue;
        }
        if (text[i] != 'x' || len - i < 3)
            return -1;
        int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0)
            return -1;
        buf_byte(bytes, (char)(high << 4 | low));
        i += 2;
    }
    return 0;
}
