// Implementation of rootfs.h.
#include "kernel/rootfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/obstacle.h"

#define OLD ROOTFS "/old"

static int no_mount(struct err *err, const char *what, const char *path)
{
    struct obstacle o;
    char text[320];
    int saved = errno;
    obstacle_mounts(saved, &o);
    snprintf(text, sizeof text, "cannot %s%s%.250s", what, *path ? " " : "", path);
    obstacle_err(&o, text, err);
    errno = saved;
    return -1;
}

int rootfs_begin(const char *options, unsigned long flags, struct err *err)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return no_mount(err, "make the mounts private", "");
    if (mount("tmpfs", ROOTFS, "tmpfs", flags, options) != 0)
        return no_mount(err, "mount an empty root", "");
    return 0;
}

static int make_file(const char *path, const char *text, struct err *err)
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    size_t len = strlen(text);
    bool written = fd >= 0 && write(fd, text, len) == (ssize_t)len;
    if (!written)
        err_errno(err, "cannot make %s in the new root", path);
    if (fd >= 0)
        close(fd);
    return written ? 0 : -1;
}

int rootfs_bind_file(const char *from, const char *to, struct err *err)
{
    if (make_file(to, "", err) != 0)
        return -1;
    if (mount(from, to, NULL, MS_BIND, NULL) != 0)
        return no_mount(err, "bind", from);
    return 0;
}

int rootfs_add_proc(struct err *err)
{
    mkdir(ROOTFS "/proc", 0755);
    if (mount("proc", ROOTFS "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0 &&
        mount("/proc", ROOTFS "/proc", NULL, MS_BIND | MS_REC, NULL) != 0)
        return no_mount(err, "mount", "/proc");
    return 0;
}

int rootfs_enter(struct err *err)
{
    mkdir(OLD, 0755);
    if (syscall(SYS_pivot_root, ROOTFS, OLD) != 0 || chdir("/") != 0 ||
        umount2("/old", MNT_DETACH) != 0)
        return no_mount(err, "change to the new root", "");
    rmdir("/old");
    return 0;
}

// ---------------------------------------------------------------- a whole system

// What is shown of the machine: where its programs, their libraries and settings are. No homes, no
// data, no sockets of services.
static const char *const shown[] = {"/bin",    "/etc", "/lib", "/lib32", "/lib64",
                                    "/libx32", "/nix", "/opt", "/sbin",  "/usr"};
#define SHOWN (sizeof shown / sizeof *shown)

// Folders that programs write to, empty; in those of /var many expect one of their own.
static const char *const writable[] = {"/run", "/tmp", "/var", "/dev/shm"};
#define WRITABLE_OPTIONS "size=256m,mode=1777"

// A folder of the machine, or the link that stands for one.
static int show(const char *path, struct err *err)
{
    struct stat st;
    char to[PATH_MAX], target[PATH_MAX];
    snprintf(to, sizeof to, ROOTFS "%s", path);
    if (lstat(path, &st) != 0)
        return 0;
    if (S_ISLNK(st.st_mode)) {
        ssize_t n = readlink(path, target, sizeof target - 1);
        target[n > 0 ? n : 0] = '\0';
        return symlink(target, to) == 0 ? 0 : err_errno(err, "cannot make %s in the new root", to);
    }
    mkdir(to, 0755);
    if (mount(path, to, NULL, MS_BIND | MS_REC, NULL) != 0)
        return no_mount(err, "bind", path);
    return 0;
}

static int add_devices(struct err *err)
{
    static const char *const names[] = {"null", "zero", "full", "random", "urandom", "tty"};
    static const char *const links[][2] = {{"/proc/self/fd", "fd"},
                                           {"/proc/self/fd/0", "stdin"},
                                           {"/proc/self/fd/1", "stdout"},
                                           {"/proc/self/fd/2", "stderr"},
                                           {"pts/ptmx", "ptmx"}};
    char from[64], to[64];
    mkdir(ROOTFS "/dev", 0755);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(from, sizeof from, "/dev/%s", names[i]);
        snprintf(to, sizeof to, ROOTFS "/dev/%s", names[i]);
        if (rootfs_bind_file(from, to, err) != 0)
            return -1;
    }
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        snprintf(to, sizeof to, ROOTFS "/dev/%s", links[i][1]);
        if (symlink(links[i][0], to) != 0)
            return err_errno(err, "cannot make %s in the new root", to);
    }
    mkdir(ROOTFS "/dev/pts", 0755);
    if (mount("devpts", ROOTFS "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
              "newinstance,ptmxmode=0666,mode=0666") != 0)
        return no_mount(err, "mount", "/dev/pts");
    return 0;
}

// The folders of a folder, empty, for everybody.
static void copy_folders(const char *from, const char *to, int depth)
{
    DIR *folder = opendir(from);
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        char inner[PATH_MAX], copy[PATH_MAX], target[PATH_MAX];
        struct stat st;
        if (entry->d_name[0] == '.' ||
            snprintf(inner, sizeof inner, "%s/%s", from, entry->d_name) >= PATH_MAX ||
            snprintf(copy, sizeof copy, "%s/%s", to, entry->d_name) >= PATH_MAX ||
            lstat(inner, &st) != 0)
            continue;
        ssize_t n = S_ISLNK(st.st_mode) ? readlink(inner, target, sizeof target - 1) : -1;
        if (n > 0) {
            target[n] = '\0';
            (void)!symlink(target, copy);
        } else if (S_ISDIR(st.st_mode) && mkdir(copy, 0777) == 0 && depth > 1) {
            copy_folders(inner, copy, depth - 1);
        }
    }
    if (folder)
        closedir(folder);
}

int rootfs_add_system(struct err *err)
{
    char to[64];
    umask(0);
    for (size_t i = 0; i < SHOWN; i++)
        if (show(shown[i], err) != 0)
            return -1;
    if (add_devices(err) != 0 || rootfs_add_proc(err) != 0)
        return -1;
    for (size_t i = 0; i < sizeof writable / sizeof *writable; i++) {
        snprintf(to, sizeof to, ROOTFS "%s", writable[i]);
        mkdir(to, 0755);
        if (mount("tmpfs", to, "tmpfs", MS_NOSUID | MS_NODEV, WRITABLE_OPTIONS) != 0)
            return no_mount(err, "mount", writable[i]);
    }
    mkdir(ROOTFS "/run/lock", 0777);
    copy_folders("/var", ROOTFS "/var", 2);
    umask(022);
    return 0;
}

// "/with\040blank", as mountinfo has it, in place.
static void unescape(char *path)
{
    char *to = path;
    for (const char *at = path; *at; to++) {
        unsigned code;
        if (*at == '\\' && sscanf(at + 1, "%3o", &code) == 1) {
            *to = (char)code;
            at += 4;
        } else {
            *to = *at++;
        }
    }
    *to = '\0';
}

static bool is_shown(const char *path)
{
    for (size_t i = 0; i < SHOWN; i++) {
        size_t len = strlen(shown[i]);
        if (strncmp(path, shown[i], len) == 0 && (path[len] == '/' || !path[len]))
            return true;
    }
    return false;
}

// Each mount of the machine has to be told; what it forbids already must be kept.
static int make_read_only(struct err *err)
{
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    char line[2 * PATH_MAX], path[PATH_MAX], options[256];
    int failed = mounts ? 0 : err_errno(err, "cannot read the mounts of the new root");
    while (!failed && fgets(line, sizeof line, mounts)) {
        if (sscanf(line, "%*s %*s %*s %*s %4095s %255s", path, options) != 2)
            continue;
        unescape(path);
        unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV;
        if (strstr(options, "noexec"))
            flags |= MS_NOEXEC;
        if (is_shown(path) && mount(NULL, path, NULL, flags, NULL) != 0)
            failed = no_mount(err, "make read-only:", path);
    }
    if (mounts)
        fclose(mounts);
    return failed;
}

// Over a file of /etc, which may be a link to a place in /run that is empty here. What the machine
// does not have is not missed.
static int replace_file(const char *path, const char *text, struct err *err)
{
    static const char own[] = "/replacement";
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target - 1);
    target[n > 0 ? n : 0] = '\0';
    char *in_run = strstr(target, "/run/");
    if (in_run && (in_run == target || strncmp(target, "..", 2) == 0)) {
        for (char *slash = in_run + 5; (slash = strchr(slash, '/')); slash++) {
            *slash = '\0';
            mkdir(in_run, 0755);
            *slash = '/';
        }
        return make_file(in_run, text, err);
    }
    if (access(path, F_OK) != 0)
        return 0;
    if (make_file(own, text, err) != 0)
        return -1;
    if (mount(own, path, NULL, MS_BIND, NULL) != 0)
        return no_mount(err, "replace", path);
    unlink(own);
    return 0;
}

int rootfs_close_system(const char *hosts, struct err *err)
{
    if (make_read_only(err) != 0 || replace_file("/etc/hosts", hosts, err) != 0 ||
        replace_file("/etc/resolv.conf", "options timeout:1 attempts:1\n", err) != 0 ||
        replace_file("/etc/nsswitch.conf",
                     "passwd: files\ngroup: files\nshadow: files\nhosts: files\nnetworks: files\n"
                     "protocols: files\nservices: files\nethers: files\nrpc: files\n",
                     err) != 0)
        return -1;
    if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) != 0)
        return no_mount(err, "make the new root read-only", "");
    return 0;
}
