/*
 * The stage-1 memory type of an address, from the guest's own page tables (Arm ARM DDI 0487, D8:
 * VMSAv8-64 translation, EL1&0 regime).
 */
#ifndef MMIOSCOPE_STAGE1_H
#define MMIOSCOPE_STAGE1_H

#include <stdbool.h>
#include <stdint.h>

enum {
    ATTRIBUTE_UNKNOWN = -1,     /* no tables, or a walk that failed */
    ATTRIBUTE_MMU_OFF = -2,     /* stage 1 is off */
};

/* The vCPU's handles for the registers that a walk reads. */
struct stage1;

/* Looks up what a walk needs. Gives false where this QEMU has it not. */
bool stage1_available(void);
/* Makes the handles of the calling vCPU; NULL where there are none. */
struct stage1 *stage1_new(void);
/*
 * Walks the tables for a virtual address.
 *
 * Gives the MAIR byte, 0 to 255, and the physical address; or an ATTRIBUTE_ constant. Not handled:
 * EL2's regimes and descriptors of LPA2, which give ATTRIBUTE_UNKNOWN or, with 52-bit addresses, a
 * physical address that the caller finds to be another than QEMU's.
 */
int stage1_walk(struct stage1 *walker, uint64_t va, uint64_t *pa);

#endif
