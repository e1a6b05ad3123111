/*
 * What the workloads need and busybox lacks. It uses no C library, so that any compiler for arm64
 * builds it.
 *
 *   tool mark N
 *       marker N, 0 to 255, for the plugin
 *   tool vfio BDF GROUP REGION OFFSET LENGTH WIDTH PASSES unmap|reset|race
 *       open BDF through VFIO, map REGION, store WIDTH (4 or 8) bytes at a time over OFFSET to
 *       OFFSET+LENGTH, PASSES times. Then unmap and close, which resets the device (unmap); or
 *       reset it while it is mapped and store again (reset); or reset it while a second process
 *       stores (race).
 */
typedef unsigned int u32;
typedef unsigned long u64;

enum {
    SYS_ioctl = 29, SYS_openat = 56, SYS_close = 57, SYS_write = 64, SYS_pread64 = 67,
    SYS_pwrite64 = 68, SYS_exit_group = 94, SYS_nanosleep = 101, SYS_kill = 129, SYS_munmap = 215,
    SYS_clone = 220, SYS_mmap = 222, SYS_wait4 = 260,
};

static long call(long number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
    register long x8 __asm__("x8") = number;
    register u64 x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    register u64 x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;

    __asm__ volatile("svc #0"
                     : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return (long)x0;
}

static void leave(int status)
{
    for (;;) {
        call(SYS_exit_group, (u64)status, 0, 0, 0, 0, 0);
    }
}

static u64 length(const char *text)
{
    u64 n = 0;

    while (text[n]) {
        n++;
    }
    return n;
}

static void die(const char *what)
{
    call(SYS_write, 2, (u64)"tool: ", 6, 0, 0, 0);
    call(SYS_write, 2, (u64)what, length(what), 0, 0, 0);
    call(SYS_write, 2, (u64)" failed\n", 8, 0, 0, 0);
    leave(1);
}

static long check(long result, const char *what)
{
    if (result < 0) {
        die(what);
    }
    return result;
}

static int is_equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++, b++;
    }
    return *a == *b;
}

static u64 number(const char *text)
{
    u64 base = text[0] == '0' && text[1] == 'x' ? 16 : 10, value = 0;

    for (text += base == 16 ? 2 : 0; *text; text++) {
        value = value * base + (u64)(*text <= '9' ? *text - '0' : (*text | 32) - 'a' + 10);
    }
    return value;
}

static void pause_ms(long ms)
{
    long time[2] = { ms / 1000, ms % 1000 * 1000000 };

    call(SYS_nanosleep, (u64)time, 0, 0, 0, 0, 0);
}

/* MOVN XZR, #0x6dNN and RET, put together here: the number is in the instruction. */
static void mark(u64 n)
{
    long page = check(call(SYS_mmap, 0, 4096, 7, 0x22, (u64)-1, 0), "mmap of a marker");
    volatile u32 *code = (volatile u32 *)page;

    code[0] = 0x928da01f | (u32)(n & 0xff) << 5;
    code[1] = 0xd65f03c0;
    __asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb\n\tblr %0"
                     :: "r"(page) : "x30", "memory");
    call(SYS_munmap, (u64)page, 4096, 0, 0, 0, 0);
}

/* ---- VFIO (include/uapi/linux/vfio.h) ------------------------------------------------------ */

enum {
    SET_IOMMU = 0x3b66, GROUP_SET_CONTAINER = 0x3b68, GROUP_GET_DEVICE_FD = 0x3b6a,
    GET_REGION_INFO = 0x3b6c, DEVICE_RESET = 0x3b6f, TYPE1_IOMMU = 1, CONFIG_REGION = 7,
};

struct region_info {
    u32 argsz, flags, index, cap_offset;
    u64 size, offset;
};

static long open_file(const char *path)
{
    return check(call(SYS_openat, (u64)-100, (u64)path, 2, 0, 0, 0), path);
}

static struct region_info region_info(long device, u64 index)
{
    struct region_info info = { .argsz = sizeof(info), .index = (u32)index };

    check(call(SYS_ioctl, (u64)device, GET_REGION_INFO, (u64)&info, 0, 0, 0), "region info");
    return info;
}

/* In assembly, so that the compiler neither joins nor cuts the stores. */
static void store_all(u64 base, u64 bytes, u64 width, u64 passes)
{
    for (u64 pass = 0; pass < passes; pass++) {
        for (u64 at = 0; at + width <= bytes; at += width) {
            if (width == 8) {
                __asm__ volatile("str %0, [%1]" :: "r"(pass << 32 | at), "r"(base + at) : "memory");
            } else {
                __asm__ volatile("str %w0, [%1]" :: "r"(at), "r"(base + at) : "memory");
            }
        }
    }
}

static void reset(long device)
{
    mark(33);
    check(call(SYS_ioctl, (u64)device, DEVICE_RESET, 0, 0, 0, 0), "VFIO_DEVICE_RESET");
    mark(34);
}

static void vfio(char **a)
{
    char path[64] = "/dev/vfio/";
    long container = open_file("/dev/vfio/vfio");

    for (u64 i = 0; i <= length(a[1]) && i < 50; i++) {
        path[10 + i] = a[1][i];
    }
    long group = open_file(path);
    check(call(SYS_ioctl, (u64)group, GROUP_SET_CONTAINER, (u64)&container, 0, 0, 0), "container");
    check(call(SYS_ioctl, (u64)container, SET_IOMMU, TYPE1_IOMMU, 0, 0, 0), "VFIO_SET_IOMMU");
    long device = check(call(SYS_ioctl, (u64)group, GROUP_GET_DEVICE_FD, (u64)a[0], 0, 0, 0), "device");

    /* No driver has turned memory decoding on. */
    struct region_info config = region_info(device, CONFIG_REGION);
    unsigned short command = 0;
    check(call(SYS_pread64, (u64)device, (u64)&command, 2, config.offset + 4, 0, 0), "config read");
    command |= 6;
    check(call(SYS_pwrite64, (u64)device, (u64)&command, 2, config.offset + 4, 0, 0), "config write");

    struct region_info info = region_info(device, number(a[2]));
    u64 base = (u64)check(call(SYS_mmap, 0, info.size, 3, 1, (u64)device, info.offset), "mmap");
    u64 from = base + number(a[3]), bytes = number(a[4]), width = number(a[5]), passes = number(a[6]);

    mark(32);
    if (is_equal(a[7], "race")) {
        long child = check(call(SYS_clone, 17, 0, 0, 0, 0, 0), "fork");
        if (child == 0) {
            store_all(from, bytes, width, passes);
            leave(0);
        }
        pause_ms(20);
        reset(device);
        pause_ms(20);
        call(SYS_kill, (u64)child, 9, 0, 0, 0, 0);
        call(SYS_wait4, (u64)child, 0, 0, 0, 0, 0);
    } else {
        store_all(from, bytes, width, passes);
        if (is_equal(a[7], "reset")) {
            reset(device);
            store_all(from, bytes, width, passes);
        }
    }
    mark(35);
    call(SYS_munmap, base, info.size, 0, 0, 0, 0);
    mark(36);
    call(SYS_close, (u64)device, 0, 0, 0, 0, 0);
    mark(37);
}

__attribute__((used)) void run(u64 *stack)
{
    u64 count = stack[0];
    char **arguments = (char **)(stack + 1);

    if (count == 3 && is_equal(arguments[1], "mark")) {
        mark(number(arguments[2]));
    } else if (count == 10 && is_equal(arguments[1], "vfio")) {
        vfio(arguments + 2);
    } else {
        die("usage: tool mark N, or tool vfio with eight arguments, so this");
    }
    leave(0);
}

__asm__(".global _start\n_start:\n\tmov x29, #0\n\tmov x0, sp\n\tb run\n");
