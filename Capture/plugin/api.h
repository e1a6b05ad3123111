/*
 * What the versions of QEMU's plugin API differ in (include/qemu/qemu-plugin.h, the list at its
 * top): version 1 is QEMU 4.2 to 8.1, 2 is 8.2 to 9.0, 3 is 9.1, 4 is 9.2 and 10.0, 5 is 10.1, 6 is
 * 10.2.
 */
#ifndef MMIOSCOPE_API_H
#define MMIOSCOPE_API_H

#include <glib.h>
#include <string.h>

#include <qemu-plugin.h>

#if QEMU_PLUGIN_VERSION > 6
#error "plugin API newer than 6: not tried; see the list of changes in qemu-plugin.h"
#endif

/* Version 2 brought the vCPU's registers; 9.0 is the first release with the calls. */
#define HAS_REGISTERS (QEMU_PLUGIN_VERSION >= 3)
/* Version 4 brought the value of an access. */
#define HAS_VALUES (QEMU_PLUGIN_VERSION >= 4)
/* Version 5 brought reads of guest physical memory. */
#define HAS_PHYSICAL_READ (QEMU_PLUGIN_VERSION >= 5)

#if HAS_REGISTERS
#define ACCESS_FLAGS QEMU_PLUGIN_CB_R_REGS
#else
#define ACCESS_FLAGS QEMU_PLUGIN_CB_NO_REGS
#endif

/* The instruction word; false where the instruction is not four bytes long. */
static inline bool instruction_word(const struct qemu_plugin_insn *insn, uint32_t *word)
{
#if QEMU_PLUGIN_VERSION >= 3
    return qemu_plugin_insn_data(insn, word, sizeof(*word)) == sizeof(*word);
#else
    if (qemu_plugin_insn_size(insn) != sizeof(*word)) {
        return false;
    }
    memcpy(word, qemu_plugin_insn_data(insn), sizeof(*word));
    return true;
#endif
}

#endif
