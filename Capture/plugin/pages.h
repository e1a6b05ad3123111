/*
 * Pages that QEMU has said to be I/O, by virtual address.
 *
 * qemu_plugin_get_hwaddr looks the region up after the access. Where the access, or another vCPU
 * meanwhile, changed the memory map (a config write that turns memory decoding off does), QEMU may
 * find a wrong region or stop on an assertion. So it is asked once a page, and a walk of the page
 * tables tells for the next accesses whether the page still maps to the same place.
 */
#ifndef MMIOSCOPE_PAGES_H
#define MMIOSCOPE_PAGES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct page {
    uint64_t va, pa;            /* of its first byte */
    bool is_io;
    char region[48];
};

#define PAGE_SLOTS 8192
static struct page *page_slots[PAGE_SLOTS];

static inline struct page **page_slot(uint64_t va)
{
    return &page_slots[(va >> 12) * UINT64_C(0x9e3779b97f4a7c15) >> 51];
}

/* Readers take no lock: an entry is complete before it is seen, and is never freed. */
static inline const struct page *page_find(uint64_t va)
{
    const struct page *page = __atomic_load_n(page_slot(va), __ATOMIC_ACQUIRE);

    return page && page->va == (va & ~UINT64_C(0xfff)) ? page : NULL;
}

static inline void page_add(uint64_t va, uint64_t pa, bool is_io, const char *region)
{
    struct page *page = calloc(1, sizeof(*page));

    page->va = va & ~UINT64_C(0xfff);
    page->pa = pa & ~UINT64_C(0xfff);
    page->is_io = is_io;
    strncpy(page->region, region, sizeof(page->region) - 1);
    __atomic_store_n(page_slot(va), page, __ATOMIC_RELEASE);
}

#endif
