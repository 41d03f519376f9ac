// options: how a view for terminals is to look.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct view_options {
    size_t width;  // columns of the page; below 40 is taken as 40
    bool color;    // escapes for colours (256-colour palette); without them nothing is lost
    bool korean;   // the language of the words that the view adds
    bool unicode;  // box-drawing signs; else ASCII (texts of the scene stay as they are)
    size_t height; // rows of a terminal on which rows can be drawn over; 0: it is none
};

#define VIEW_WIDTH_MIN 40
#define VIEW_WIDTH_MAX 400 // wider pages are not used up
