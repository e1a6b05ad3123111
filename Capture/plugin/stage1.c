#define _GNU_SOURCE
#include "stage1.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "api.h"

#if HAS_REGISTERS

enum { TCR, MAIR, TTBR0, TTBR1, SCTLR, REGISTERS };

/* As QEMU's target/arm names them for gdb; SCTLR_EL1 shares its storage with AArch32's. */
static const char *const names[REGISTERS][2] = {
    [TCR] = { "TCR_EL1" },     [MAIR] = { "MAIR_EL1" },   [TTBR0] = { "TTBR0_EL1" },
    [TTBR1] = { "TTBR1_EL1" }, [SCTLR] = { "SCTLR_EL1", "SCTLR" },
};

struct stage1 {
    struct qemu_plugin_register *handle[REGISTERS];
    GByteArray *bytes;
};

/*
 * Before version 5 the API reads memory by virtual address only. Debian's executable exports its
 * functions for its modules, this one among them (include/exec/cpu-common.h).
 */
static void (*physical_rw)(uint64_t pa, void *bytes, uint64_t count, bool is_write);

bool stage1_available(void)
{
    if (HAS_PHYSICAL_READ) {
        return true;
    }
    *(void **)&physical_rw = dlsym(RTLD_DEFAULT, "cpu_physical_memory_rw");
    return physical_rw != NULL;
}

struct stage1 *stage1_new(void)
{
    struct stage1 *walker = calloc(1, sizeof(*walker));
    GArray *all = qemu_plugin_get_registers();

    walker->bytes = g_byte_array_new();
    for (unsigned i = 0; i < all->len; i++) {
        qemu_plugin_reg_descriptor *found = &g_array_index(all, qemu_plugin_reg_descriptor, i);
        for (int r = 0; r < REGISTERS; r++) {
            for (int n = 0; n < 2 && names[r][n] && !walker->handle[r]; n++) {
                if (!g_ascii_strcasecmp(found->name, names[r][n])) {
                    walker->handle[r] = found->handle;
                }
            }
        }
    }
    g_array_free(all, TRUE);
    return walker;
}

static bool read_register(struct stage1 *walker, int which, uint64_t *value)
{
    GByteArray *bytes = walker->bytes;

    *value = 0;
    if (!walker->handle[which]) {
        return false;
    }
    g_byte_array_set_size(bytes, 0);
    qemu_plugin_read_register(walker->handle[which], bytes);
    if (bytes->len != 4 && bytes->len != 8) {
        return false;
    }
    memcpy(value, bytes->data, bytes->len);
    return true;
}

static bool read_descriptor(struct stage1 *walker, uint64_t pa, uint64_t *value)
{
#if HAS_PHYSICAL_READ
    g_byte_array_set_size(walker->bytes, 0);
    if (qemu_plugin_read_memory_hwaddr(pa, walker->bytes, sizeof(*value)) !=
            QEMU_PLUGIN_HWADDR_OPERATION_OK || walker->bytes->len != sizeof(*value)) {
        return false;
    }
    memcpy(value, walker->bytes->data, sizeof(*value));
#else
    (void)walker;
    physical_rw(pa, value, sizeof(*value), false);
#endif
    return true;
}

/* log2 of the granule; TG0 and TG1 encode it differently (D24.2, TCR_EL1). */
static unsigned granule(uint64_t tcr, bool high)
{
    static const unsigned tg0[4] = { 12, 16, 14, 12 }, tg1[4] = { 12, 14, 12, 16 };

    return high ? tg1[tcr >> 30 & 3] : tg0[tcr >> 14 & 3];
}

int stage1_walk(struct stage1 *walker, uint64_t va, uint64_t *pa)
{
    uint64_t tcr, mair, ttbr, sctlr, entry;
    bool high = va >> 55 & 1;

    if (!walker || !read_register(walker, SCTLR, &sctlr) || !read_register(walker, TCR, &tcr) ||
        !read_register(walker, MAIR, &mair) ||
        !read_register(walker, high ? TTBR1 : TTBR0, &ttbr)) {
        return ATTRIBUTE_UNKNOWN;
    }
    if (!(sctlr & 1)) {
        *pa = va;
        return ATTRIBUTE_MMU_OFF;
    }
    unsigned page = granule(tcr, high), stride = page - 3;
    unsigned bits = 64 - (high ? tcr >> 16 & 63 : tcr & 63);
    uint64_t output = ((UINT64_C(1) << 48) - 1) & ~((UINT64_C(1) << page) - 1);
    uint64_t table = ttbr & UINT64_C(0xfffffffffffe);

    if (bits <= page || bits > 52) {
        return ATTRIBUTE_UNKNOWN;
    }
    for (unsigned level = 4 - (bits - page + stride - 1) / stride, top = bits; level < 4; level++) {
        unsigned shift = page + stride * (3 - level);
        uint64_t inside = (UINT64_C(1) << shift) - 1;
        uint64_t index = va >> shift & ((UINT64_C(1) << (top - shift)) - 1);

        if (!read_descriptor(walker, table + 8 * index, &entry) || !(entry & 1)) {
            return ATTRIBUTE_UNKNOWN;
        }
        if (level == 3 || !(entry & 2)) {       /* a page, or a block */
            *pa = (entry & output & ~inside) | (va & inside);
            return (int)(mair >> (8 * (entry >> 2 & 7)) & 0xff);
        }
        table = entry & output;
        top = shift;
    }
    return ATTRIBUTE_UNKNOWN;
}

#else

bool stage1_available(void) { return false; }
struct stage1 *stage1_new(void) { return NULL; }

int stage1_walk(struct stage1 *walker, uint64_t va, uint64_t *pa)
{
    (void)walker, (void)va, (void)pa;
    return ATTRIBUTE_UNKNOWN;
}

#endif
