// Implementation of probe.h.
//
// Children tell what they found in a page that they share with their parent.
#include "kernel/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "event/control.h"
#include "event/launch.h"
#include "kernel/confine.h"
#include "kernel/counters.h"
#include "kernel/diag.h"
#include "kernel/iface.h"
#include "kernel/netns.h"
#include "kernel/nft.h"
#include "kernel/sysctl.h"
#include "kernel/tap.h"
#include "kernel/userland.h"

#define PROGRAM_MS 5000 // that a program may take to start

struct shared {
    int spaces[PROBE_SPACES];
    struct probe_stage stage;
};

static int try_space(int flag)
{
    struct netns_patience patience = {0};
    int failed;
    do
        failed = unshare(flag);
    while (failed && netns_try_again(&patience));
    return failed ? errno : 0;
}

// The user namespace first: it gives an ordinary user the right to the others. Root may have that
// without.
static _Noreturn void make_spaces(struct shared *s)
{
    static const int flags[PROBE_SPACES] = {CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID};
    for (int i = 0; i < PROBE_SPACES; i++)
        if (i == PROBE_USER || s->spaces[PROBE_USER] == 0 || geteuid() == 0)
            s->spaces[i] = try_space(flags[i]);
    _exit(0);
}

static void look_at_spaces(struct probe *p, struct shared *s)
{
    for (int i = 0; i < PROBE_SPACES; i++)
        s->spaces[i] = PROBE_NOT_TRIED;
    pid_t pid = fork();
    if (pid == 0)
        make_spaces(s);
    if (pid < 0)
        s->spaces[PROBE_USER] = errno;
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    memcpy(p->spaces, s->spaces, sizeof p->spaces);
    for (int i = 0; i < PROBE_SPACES && !p->no_spaces.name; i++)
        if (p->spaces[i] != PROBE_NOT_TRIED && !(i == PROBE_USER && p->spaces[PROBE_NET] == 0))
            obstacle_namespaces(p->spaces[i], &p->no_spaces);
}

static void look_at_device(struct probe *p)
{
    struct stat st;
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    p->device = fd >= 0 ? 0 : errno;
    if (fd >= 0)
        close(fd);
    if (stat("/dev/net/tun", &st) == 0)
        p->device_mode = st.st_mode & 07777;
    obstacle_device(p->device, &p->no_device);
}

// A listener and a connection to it, both ends ours; -1: not even that.
static int connect_to_self(int fds[2], struct sockaddr_in *local, struct sockaddr_in *peer)
{
    socklen_t len = sizeof *peer;
    *local = (struct sockaddr_in){0};
    *peer = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fds[0] < 0 || fds[1] < 0 || bind(fds[0], (void *)peer, len) != 0 ||
        listen(fds[0], 1) != 0 || getsockname(fds[0], (void *)peer, &len) != 0 ||
        connect(fds[1], (void *)peer, len) != 0 || getsockname(fds[1], (void *)local, &len) != 0)
        return -1;
    return 0;
}

static void close_both(const int fds[2])
{
    for (int i = 0; i < 2; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static struct addr addr_from(const struct sockaddr_in *in)
{
    struct addr a = {.family = 4, .port = ntohs(in->sin_port)};
    memcpy(a.bytes, &in->sin_addr, 4);
    return a;
}

static void find_socket(struct err *err)
{
    struct sockaddr_in local, peer;
    struct diag_socket found = {0};
    int fds[2] = {-1, -1}, diag = diag_open(err);
    if (diag < 0)
        return;
    if (connect_to_self(fds, &local, &peer) != 0) {
        err_errno(err, "cannot connect over lo");
    } else {
        struct addr from = addr_from(&local), to = addr_from(&peer);
        if (diag_find(diag, &from, &to, &found) != 0 || found.state != STATE_ESTABLISHED)
            err_set(
                err,
                "sock_diag does not find a connection by its addresses (kernel module tcp_diag)");
    }
    close_both(fds);
    close(diag);
}

static void read_counters(struct err *err)
{
    struct counters_tcp counters;
    int fd = counters_open(err);
    if (fd >= 0 && counters_read(fd, &counters) != 0)
        err_set(err, "cannot read /proc/net/netstat");
    if (fd >= 0)
        close(fd);
}

// Only a /proc that cannot be written to is the machine's doing; a value may be refused as such.
static void try_settings(struct probe_stage *s)
{
    for (const struct sysctl_pin *pin = sysctl_pins; pin->name; pin++)
        if (sysctl_pin(pin) != 0 && (errno == EROFS || errno == EACCES))
            s->refused++;
}

// In the stage, as a scene would: a host and its network card.
static int look_from_stage(void *arg)
{
    struct probe_stage *s = arg;
    const struct iface_setup setup = {.name = "eth0",
                                      .mac = {2, 0, 0, 0, 1, 1},
                                      .mtu = 1500,
                                      .address = {.family = 4, .bytes = {10, 1, 0, 1}},
                                      .prefix = 16};
    char self[16];
    ssize_t n = readlink("/proc/self", self, sizeof self);
    s->fresh_proc =
        n == 1 && self[0] == '1'; // its own process 1, not what the machine calls this one
    int host = netns_new(&s->host);
    if (host >= 0 && iface_loopback_up(&s->host) == 0) {
        try_settings(s);
        int tap = tap_open(setup.name, &s->card);
        if (tap >= 0)
            iface_up(&setup, &s->setup);
        find_socket(&s->sockets);
        read_counters(&s->counters);
        nft_try(&s->no_rules);
    }
    s->ran = true;
    return 0; // the end of the namespace takes all of it away, faster than closing
}

// Starts a program in a userland, as scenes do.
static void try_program(int user_ns, struct err *why)
{
    const struct userland_place place = {
        .user_ns = user_ns, .net_ns = -1, .name = "probe", .hosts = "127.0.0.1 localhost\n"};
    const struct launch launch = {.path = "/bin/true", .arg_count = 1, .args = {"true"}};
    struct control_message *answer = mem_new(sizeof *answer);
    struct userland u;
    struct buf bytes = {0};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), file = open(launch.path, O_PATH | O_CLOEXEC);
    launch_write(&launch, &bytes);
    if (userland_start(&u, &place, why) == 0) {
        struct pollfd p = {.fd = u.control, .events = POLLIN};
        int fds[] = {file, null, null};
        control_post(u.control, CONTROL_RUN, 1, bytes.ptr, bytes.len, fds, 3);
        if (poll(&p, 1, PROGRAM_MS) <= 0 || control_receive(u.control, answer) <= 0)
            err_set(why, "the process in which programs run died, or does not answer");
        else if (answer->type == CONTROL_FAILED)
            err_set(why, "%s", answer->bytes);
        userland_end(&u);
    }
    close(null);
    close(file);
    buf_fini(&bytes);
    free(answer);
}

static void look_at_stage(struct probe *p, struct shared *s)
{
    struct confined c;
    if (confine_start(&c, CONFINE_FULL, look_from_stage, &s->stage, NULL, 0, &p->no_stage) != 0)
        return;
    try_program(c.user_ns, &p->no_programs);
    confine_wait(&c);
    p->stage = s->stage;
    if (!p->stage.ran)
        err_set(&p->no_stage, "the stage process died while it looked around");
}

static int connect_plainly(void *arg)
{
    struct probe_stage *s = arg;
    struct sockaddr_in local, peer;
    int fds[2] = {-1, -1};
    if (connect_to_self(fds, &local, &peer) != 0)
        err_errno(&s->sockets, "cannot connect over lo");
    close_both(fds);
    s->ran = true;
    return 0;
}

static void look_at_loopback(struct probe *p, struct shared *s)
{
    struct confined c;
    s->stage = (struct probe_stage){0};
    if (confine_start(&c, CONFINE_PLAIN, connect_plainly, &s->stage, NULL, 0, &p->no_loopback) != 0)
        return;
    confine_wait(&c);
    p->no_loopback = s->stage.sockets;
    if (!s->stage.ran)
        err_set(&p->no_loopback, "the stage process died while it looked around");
}

static int try_sealing(void)
{
    int fd = memfd_create("wirescene-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int failed = fd < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return failed;
}

static void look_at_kernel(struct probe *p)
{
    struct utsname name;
    unsigned major = 0, minor = 0, least[2] = {0};
    uname(&name);
    snprintf(p->kernel, sizeof p->kernel, "%s", name.release);
    snprintf(p->arch, sizeof p->arch, "%s", name.machine);
    sscanf(PROBE_KERNEL, "%u.%u", &least[0], &least[1]);
    if (sscanf(name.release, "%u.%u", &major, &minor) == 2)
        p->new_enough = major > least[0] || (major == least[0] && minor >= least[1]);
}

void probe_run(struct probe *p)
{
    *p = (struct probe){0};
    look_at_kernel(p);
    p->container = obstacle_container();
    p->sealed_memory = try_sealing();
    struct rlimit limit = {0};
    getrlimit(RLIMIT_NOFILE, &limit);
    p->descriptors = limit.rlim_cur;
    p->descriptors_most = limit.rlim_max;
    look_at_device(p);
    struct shared *s =
        mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED) {
        err_errno(&p->no_stage, "cannot share memory with a child");
        p->no_loopback = p->no_stage;
        return;
    }
    look_at_spaces(p, s);
    look_at_stage(p, s);
    if (!p->stage.ran && !p->no_spaces.name &&
        p->spaces[PROBE_USER] > 0) // root could not do without a user namespace after all
        obstacle_namespaces(p->spaces[PROBE_USER], &p->no_spaces);
    if (!probe_wire(p))
        look_at_loopback(p, s);
    munmap(s, sizeof *s);
}

bool probe_wire(const struct probe *p)
{
    return p->stage.ran && !*p->stage.host.text && !*p->stage.card.text && !*p->stage.setup.text &&
           !p->sealed_memory;
}

bool probe_scenes(const struct probe *p)
{
    bool falls_back =
        !p->stage.ran && !*p->no_loopback.text; // a stage that was confined does not turn back
    return !p->sealed_memory && (probe_wire(p) || falls_back);
}
