// Implementation of utf8.h.
#include "base/utf8.h"

#include <string.h>

size_t utf8_letter(const char *text, size_t len, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (len == 0)
        return 0;
    const uint8_t *bytes = (const uint8_t *)text;
    uint32_t letter = bytes[0];
    size_t n = 1;
    if (letter >= 0x80) {
        n = letter >> 5 == 6 ? 2 : letter >> 4 == 14 ? 3 : letter >> 3 == 30 ? 4 : 0;
        if (n == 0 || n > len)
            return 0;
        letter &= 0xffu >> (n + 1);
        for (size_t i = 1; i < n; i++) {
            if (bytes[i] >> 6 != 2)
                return 0;
            letter = letter << 6 | (bytes[i] & 0x3f);
        }
        if (letter < least[n] || letter > 0x10ffff || letter >> 11 == 0x1b)
            return 0;
    }
    if (code)
        *code = letter;
    return n;
}

size_t utf8_sound(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len) {
        // Most text is ASCII: eight letters at a time.
        uint64_t eight;
        while (len - i >= sizeof eight) {
            memcpy(&eight, text + i, sizeof eight);
            if (eight & UINT64_C(0x8080808080808080))
                break;
            i += sizeof eight;
        }
        size_t n = utf8_letter(text + i, len - i, NULL);
        if (n == 0)
            break;
        i += n;
    }
    return i;
}

size_t utf8_cut(const char *text, size_t len, size_t room)
{
    if (len <= room)
        return len;
    while (room > 0 && (text[room] & 0xc0) == 0x80)
        room--;
    return room;
}
