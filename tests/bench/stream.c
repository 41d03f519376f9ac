// stream: sends bytes from one network namespace to another and prints how many came in how many
// seconds.
//
//   stream FROM_NAMESPACE TO_NAMESPACE ADDRESS_OF_SENDER MIB
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BLOCK (256 * 1024)

static char block[BLOCK];

static void check(int failed, const char *what)
{
    if (failed) {
        perror(what);
        exit(1);
    }
}

static int socket_in(const char *ns)
{
    int fd = open(ns, O_RDONLY), s = -1;
    check(fd < 0 || setns(fd, CLONE_NEWNET) != 0 || (s = socket(AF_INET, SOCK_STREAM, 0)) < 0, ns);
    close(fd);
    return s;
}

static void send_all(int listener, int mib)
{
    int s = accept(listener, NULL, NULL);
    memset(block, 'x', sizeof block);
    for (int i = 0; i < mib * 4; i++)
        for (size_t at = 0; at < sizeof block;) {
            ssize_t n = send(s, block + at, sizeof block - at, MSG_NOSIGNAL);
            check(n <= 0, "send");
            at += (size_t)n;
        }
    exit(0);
}

int main(int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(8080)};
    if (argc != 5 || inet_pton(AF_INET, argv[3], &to.sin_addr) != 1)
        return 2;
    int listener = socket_in(argv[1]);
    check(bind(listener, (struct sockaddr *)&to, sizeof to) != 0 || listen(listener, 8) != 0,
          "listen");
    if (fork() == 0)
        send_all(listener, atoi(argv[4]));
    close(listener);
    int s = socket_in(argv[2]);
    check(connect(s, (struct sockaddr *)&to, sizeof to) != 0, "connect");
    struct timespec a, b;
    long long got = 0;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (ssize_t n; (n = recv(s, block, sizeof block, 0)) > 0;)
        got += n;
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%lld %.9f\n", got,
           (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
    wait(NULL);
    return 0;
}
