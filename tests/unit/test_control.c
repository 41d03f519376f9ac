// control: messages with their number, bytes and descriptors; none of these is lost or left open.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "event/control.h"

static struct control_message m;

static int open_count(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void messages_keep_their_bounds(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(control_pair(ends), 0);
    assert_int_equal(control_receive(ends[1], &m), 0);
    control_send(ends[0], CONTROL_KEY, "space", 5);
    control_post(ends[0], CONTROL_FAILED, 7, "", 0, NULL, 0);
    assert_int_equal(control_receive(ends[1], &m), 1);
    assert_true(m.type == CONTROL_KEY && m.number == 0 && m.len == 5);
    assert_string_equal(m.bytes, "space");
    assert_int_equal(control_receive(ends[1], &m), 1);
    assert_true(m.type == CONTROL_FAILED && m.number == 7 && m.len == 0);
    assert_string_equal(m.bytes, "");
    char *large = calloc(1, CONTROL_MAX + 1);
    assert_int_equal(control_send(ends[0], CONTROL_WANT, large, CONTROL_MAX + 1), -1);
    assert_int_equal(control_send(ends[0], CONTROL_WANT, large, CONTROL_MAX), 0);
    assert_int_equal(control_receive(ends[1], &m), 1);
    assert_int_equal(m.len, CONTROL_MAX);
    free(large);
    close(ends[0]);
    assert_int_equal(control_receive(ends[1], &m), -1);
    close(ends[1]);
}

static void descriptors_are_taken_or_closed(void **state)
{
    (void)state;
    int before = open_count(), ends[2], pipes[2];
    assert_int_equal(control_pair(ends), 0);
    assert_int_equal(pipe(pipes), 0);
    control_post(ends[0], CONTROL_STARTED, 1, NULL, 0, pipes, 2);
    assert_int_equal(control_receive(ends[1], &m), 1);
    assert_int_equal(m.fd_count, 2);
    int taken = control_take_fd(&m, 1);
    assert_true(taken >= 0);
    assert_true(fcntl(taken, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(control_take_fd(&m, 1), -1);
    assert_int_equal(control_take_fd(&m, 2), -1);
    assert_int_equal(write(taken, "x", 1), 1);
    int left = m.fds[0];
    assert_int_equal(control_receive(ends[1], &m), 0); // nothing new, and nothing is kept
    assert_int_equal(fcntl(left, F_GETFD), -1);
    int fds[] = {taken, ends[0], ends[1], pipes[0], pipes[1]};
    for (int i = 0; i < 5; i++)
        close(fds[i]);
    assert_int_equal(open_count(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_keep_their_bounds),
        cmocka_unit_test(descriptors_are_taken_or_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
