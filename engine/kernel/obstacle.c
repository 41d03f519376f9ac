// Implementation of obstacle.h.
//
// A refusal has one errno and many possible reasons; they are asked in the order in which the
// kernel asks them, and the first that is in force is told. See user_namespaces(7), namespaces(7),
// seccomp(2).
#include "kernel/obstacle.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/sysctl.h"

#define CONTAINER_OPTIONS                                                                          \
    "--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt "         \
    "systempaths=unconfined"

static void set(struct obstacle *o, const char *name, const char *helps, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void set(struct obstacle *o, const char *name, const char *helps, const char *format, ...)
{
    va_list args;
    o->name = name;
    va_start(args, format);
    vsnprintf(o->means, sizeof o->means, format, args);
    va_end(args);
    snprintf(o->helps, sizeof o->helps, "%s", helps);
}

// A small file's text without the newline at its end; empty if it cannot be read.
static void read_text(const char *path, char *text, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, room - 1) : -1;
    if (fd >= 0)
        close(fd);
    while (n > 0 && text[n - 1] == '\n')
        n--;
    text[n > 0 ? n : 0] = '\0';
}

static bool setting_is(const char *name, const char *wanted)
{
    char value[32];
    return sysctl_get(name, value, sizeof value) == 0 && strcmp(value, wanted) == 0;
}

// The value of one line of /proc/self/status, see proc(5); 0 if there is none.
static uint64_t own_status(const char *key, int base)
{
    char text[4096], line[32];
    read_text("/proc/self/status", text, sizeof text);
    snprintf(line, sizeof line, "\n%s:", key);
    const char *found = strstr(text, line);
    return found ? strtoull(found + strlen(line), NULL, base) : 0;
}

static bool is_admin(void)
{
    return own_status("CapEff", 16) >> CAP_SYS_ADMIN & 1;
}

static bool is_filtered(void)
{
    return own_status("Seccomp", 10) == 2;
}

// How the root is mounted, see proc(5): which folder of which device. False if no mount is seen
// there.
static bool root_mount(char folder[256], char source[256])
{
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    char line[4096], point[256];
    bool found = false, any = false;
    while (mounts && !found && fgets(line, sizeof line, mounts)) {
        const char *rest = strstr(line, " - ");
        found = rest && sscanf(line, "%*s %*s %*s %255s %255s", folder, point) == 2 &&
                strcmp(point, "/") == 0 && sscanf(rest, " - %*s %255s", source) == 1;
        any = true;
    }
    if (mounts)
        fclose(mounts);
    if (!found)
        snprintf(source, 256, any ? "" : "unknown");
    return found;
}

// The root of a chroot(2) is no mount point, as a rule; every other root is.
static bool is_in_chroot(void)
{
    char folder[256], source[256];
    return !root_mount(folder, source) && !*source;
}

// Images of containers are made into virtual machines too, which keep the image's marks, but have a
// disk as their root.
static bool is_on_a_disk(void)
{
    char folder[256], source[256];
    return root_mount(folder, source) && strcmp(folder, "/") == 0 &&
           strncmp(source, "/dev/", 5) == 0 && !strstr(source, "docker");
}

// The AppArmor profile around this process, empty if there is none: "docker-default (enforce)".
static void apparmor_profile(char *profile, size_t room)
{
    read_text("/proc/self/attr/apparmor/current", profile, room);
    if (!*profile)
        read_text("/proc/self/attr/current", profile, room);
    if (!strstr(profile, "(enforce)")) // unconfined, complaining, or of another security module
        *profile = '\0';
}

const char *obstacle_container(void)
{
    static const char *const known[] = {"docker", "podman", "lxc"};
    const char *said = getenv("container"); // systemd's convention, kept by podman and LXC
    if (access("/.dockerenv", F_OK) == 0 && !is_on_a_disk())
        return "docker";
    if (access("/run/.containerenv", F_OK) == 0 && !is_on_a_disk())
        return "podman";
    for (int i = 0; said && i < 3; i++)
        if (strcmp(said, known[i]) == 0)
            return known[i];
    if (getenv("KUBERNETES_SERVICE_HOST"))
        return "kubernetes";
    return said && *said ? "container" : NULL;
}

// How the container is to be started; `docker run` where nobody knows better.
static void container_helps(char *helps, size_t room, bool device)
{
    const char *kind = obstacle_container();
    if (kind && strcmp(kind, "lxc") == 0)
        snprintf(
            helps, room,
            "on the machine that holds the container: lxc config set NAME security.nesting true");
    else if (kind && strcmp(kind, "kubernetes") == 0)
        snprintf(helps, room, "in the pod's securityContext: privileged: true");
    else
        snprintf(helps, room, "%s run %s%s…",
                 kind && strcmp(kind, "podman") == 0 ? "podman" : "docker",
                 device ? "--device /dev/net/tun " : "", CONTAINER_OPTIONS " ");
}

// A setting that only the machine below a container can change.
static void set_by_sysctl(struct obstacle *o, const char *name, const char *setting,
                          const char *value, const char *means)
{
    char helps[sizeof o->helps];
    snprintf(helps, sizeof helps, "%ssudo sysctl %s=%s",
             obstacle_container() ? "on the machine that holds the container: " : "", setting,
             value);
    set(o, name, helps, "%s", means);
}

static void set_filtered(struct obstacle *o, const char *what)
{
    char helps[sizeof o->helps];
    container_helps(helps, sizeof helps, true);
    set(o, "seccomp", helps, "a seccomp filter refuses %s, as containers have it by default", what);
}

static void set_chroot(struct obstacle *o)
{
    set(o, "chroot", "",
        "inside a chroot the kernel allows neither user namespaces nor another root; start it "
        "outside");
}

static void set_apparmor_userns(struct obstacle *o)
{
    set_by_sysctl(o, "apparmor-userns", "kernel.apparmor_restrict_unprivileged_userns", "0",
                  "AppArmor leaves namespaces powerless that a program without a profile makes "
                  "(kernel.apparmor_restrict_unprivileged_userns = 1, as in Ubuntu)");
}

static void set_no_more(struct obstacle *o)
{
    static const char *const kinds[] = {"user", "net", "mnt", "pid"};
    char name[64], means[128];
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "user.max_%s_namespaces", kinds[i]);
        if (!setting_is(name, "0"))
            continue;
        snprintf(means, sizeof means, "this machine allows no %s namespaces at all (%s = 0)",
                 kinds[i], name);
        set_by_sysctl(o, "no-namespaces", name, "10000", means);
        return;
    }
    set(o, "namespaces-used-up", "sysctl user | grep namespaces",
        "all namespaces that this machine allows are in use, or they are nested too deeply");
}

// In the order in which the kernel asks: the system call's filter, Debian's switch, chroot,
// security modules.
void obstacle_namespaces(int error, struct obstacle *o)
{
    bool refused = error == EPERM || error == EACCES;
    *o = (struct obstacle){0};
    if (!error)
        return;
    if (error == ENOSPC || error == EUSERS)
        set_no_more(o);
    else if (error == EAGAIN)
        set(o, "processes", "sudo prlimit --pid $$ --nproc=4096:4096",
            "this user may have no more processes (ulimit -u)");
    else if (error == EINVAL)
        set(o, "kernel", "",
            "this kernel was built without them (CONFIG_USER_NS, CONFIG_NET_NS, CONFIG_PID_NS)");
    else if (refused && !is_admin() && setting_is("kernel.unprivileged_userns_clone", "0"))
        set_by_sysctl(
            o, "debian-userns", "kernel.unprivileged_userns_clone", "1",
            "only root may make user namespaces here (kernel.unprivileged_userns_clone = 0)");
    else if (is_filtered())
        set_filtered(o, "namespaces");
    else if (refused && is_in_chroot())
        set_chroot(o);
    else if (refused && !is_admin() &&
             setting_is("kernel.apparmor_restrict_unprivileged_userns", "1"))
        set_apparmor_userns(o);
    else
        set(o, "refused", refused ? "sudo dmesg | grep -i denied" : "",
            "the kernel refuses them (%s)%s", strerror(error),
            refused ? "; a security module may have logged why" : "");
}

void obstacle_mounts(int error, struct obstacle *o)
{
    char profile[128], helps[sizeof o->helps];
    *o = (struct obstacle){0};
    if (!error)
        return;
    apparmor_profile(profile, sizeof profile);
    container_helps(helps, sizeof helps, true);
    // In Ubuntu the namespaces can be made: their processes change to the profile
    // unprivileged_userns, which forbids all.
    if (strncmp(profile, "unprivileged_userns", strlen("unprivileged_userns")) == 0)
        set_apparmor_userns(o);
    else if (*profile)
        set(o, "apparmor-mount", obstacle_container() ? helps : "sudo aa-status",
            "the AppArmor profile %s around this process forbids mounts", profile);
    else if (is_filtered())
        set_filtered(o, "mounts");
    else if (is_in_chroot())
        set_chroot(o);
    else
        set(o, "mount", "", "the kernel refuses mounts in a namespace (%s)", strerror(error));
}

void obstacle_device(int error, struct obstacle *o)
{
    const char *kind = obstacle_container();
    char helps[sizeof o->helps];
    struct stat st;
    *o = (struct obstacle){0};
    if (!error)
        return;
    container_helps(helps, sizeof helps, true);
    bool there = stat("/dev/net/tun", &st) == 0;
    if (!there)
        set(o, "no-tun", kind ? helps : "sudo modprobe tun",
            "/dev/net/tun is not there, so hosts get no network card");
    else if (error == EACCES && (st.st_mode & 0666) != 0666)
        set(o, "tun-mode", "sudo chmod 666 /dev/net/tun",
            "/dev/net/tun has mode %04o, so only its owner may open it (it gives no rights over "
            "the machine's network; "
            "most distributions have 0666)",
            st.st_mode & 07777);
    else if (error == ENODEV || error == ENXIO)
        set(o, "no-tun", "sudo modprobe tun", "the kernel has no driver behind /dev/net/tun");
    else if (error == EPERM || error == EACCES)
        set(o, "tun-refused", kind ? helps : "",
            "the container or a security module refuses /dev/net/tun");
    else
        set(o, "tun-refused", "", "/dev/net/tun cannot be opened (%s)", strerror(error));
}

void obstacle_rules(const char *why, struct obstacle *o)
{
    set(o, "no-nftables", "sudo modprobe -a nf_tables nft_nat nft_masq nft_fib_inet",
        "the kernel lacks nf_tables or a part of it (%s)", why);
}

int obstacle_err(const struct obstacle *o, const char *what, struct err *err)
{
    if (*o->helps)
        return err_set(err, "%s: %s (this helps: %s)", what, o->means, o->helps);
    return err_set(err, "%s: %s", what, o->means);
}
