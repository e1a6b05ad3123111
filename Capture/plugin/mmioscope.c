/*
 * A QEMU TCG plugin that records what an arm64 guest does to its devices, in program order per
 * vCPU: loads and stores that trap, and those to chosen RAM-backed windows; barriers; and loads
 * and stores with acquire or release to other memory. ../README.md has its options and the format.
 *
 * It writes instruction words and leaves their meaning to the importer.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "api.h"
#include "pages.h"
#include "stage1.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

enum { VCPUS = 512, GAP = 32, RANGES = 8 };

/* One instruction that is instrumented. Never freed: translated code points to it. */
struct instruction {
    uint64_t pc;
    uint32_t word;
    bool is_ordered;            /* acquire or release */
    bool is_update;             /* QEMU reports a load, then a store */
    struct instruction *next;
};

/* What ordered something since the vCPU's last record, one entry an instruction word. */
struct order {
    uint64_t time, pc;
    uint64_t count;             /* not written yet */
    uint32_t word;
};

struct vcpu {
    struct stage1 *walker;
    struct order gap[GAP];      /* by last execution */
    unsigned gap_used;
    uint64_t accesses, orders, unresolved;
};

static struct {
    bool from_marker, all_barriers;
    struct { uint64_t first, last; } ram[RANGES];
    unsigned ranges;
    uint64_t limit;
} option;

static struct vcpu vcpus[VCPUS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;        /* guards the stream */
static FILE *stream;
static uint64_t epoch, accesses;
static bool is_recording, is_instrumented, has_types;
static qemu_plugin_id_t self;

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec - epoch;
}

/* ---- Instruction words (Arm ARM DDI 0487, C4.1) ------------------------------------------ */

/* DMB, DSB, ISB, SB, SSBB, PSSBB and the nXS forms: the group "Barriers". DGH is HINT #6. */
static bool is_barrier(uint32_t word)
{
    bool in_group = (word & 0xfffff01f) == 0xd503301f;
    unsigned op2 = word >> 5 & 7;

    return word == 0xd50320df || (in_group && op2 != 0 && op2 != 2 && op2 != 3);
}

/* op0 = x1x0: "Loads and stores". */
static bool is_memory(uint32_t word) { return (word & 0x0a000000) == 0x08000000; }

/* Acquire or release semantics; the importer tells which. */
static bool is_ordered(uint32_t word)
{
    unsigned group = word >> 24 & 0x3f;
    bool o2 = word >> 23 & 1, l = word >> 22 & 1, o1 = word >> 21 & 1, o0 = word >> 15 & 1;

    if (group == 0x08) {        /* exclusives; LDAR, STLR; compare and swap */
        return (o2 && !o1) || o0 || (o1 && l && (o2 || !(word >> 31)));
    }
    return group == 0x38 ? (word >> 21 & 1) && (word & 0xc00) == 0 && (word >> 22 & 3)
        : group == 0x19 && !(word >> 21 & 1) && (word & 0xc00) == 0;
}

/* Atomics, compare and swap, store exclusive: read and write, one instruction. */
static bool is_update(uint32_t word)
{
    unsigned group = word >> 24 & 0x3f;
    bool o2 = word >> 23 & 1, l = word >> 22 & 1, o1 = word >> 21 & 1;

    return group == 0x38
        || (group == 0x08 && (o2 ? o1 : !l || (o1 && !(word >> 31))));
}

/* MOVN XZR, #0x6dNN does nothing on a CPU; here it is marker NN. */
static bool is_marker(uint32_t word) { return (word & 0xffffe01f) == 0x928da01f; }
static unsigned marker_number(uint32_t word) { return word >> 5 & 0xff; }

/* ---- The stream -------------------------------------------------------------------------- */

static void write_order(unsigned number, const struct order *o)
{
    fprintf(stream, "b %u %" PRIu64 " 0x%" PRIx64 " 0x%08" PRIx32 " %" PRIu64 "\n", number, o->time,
            o->pc, o->word, o->count);
}

static void write_gap(unsigned number)
{
    struct vcpu *v = &vcpus[number];

    for (unsigned i = 0; i < v->gap_used; i++) {
        if (v->gap[i].count) {
            write_order(number, &v->gap[i]);
        }
    }
    v->gap_used = 0;
}

/*
 * Between two records of a vCPU only the kinds of barriers matter, which came first after the one and
 * which last before the other. The first of a kind is written at once, so that it stands before what
 * another vCPU does later; one that comes again moves to the end and counts up.
 */
static void note_order(unsigned number, const struct instruction *in)
{
    struct vcpu *v = &vcpus[number];
    struct order o = { .time = now(), .pc = in->pc, .count = 1, .word = in->word };
    bool is_known = false;

    v->orders++;
    if (!option.all_barriers) {
        for (unsigned i = 0; i < v->gap_used && !is_known; i++) {
            if (v->gap[i].word == o.word) {
                o.count += v->gap[i].count;
                memmove(&v->gap[i], &v->gap[i + 1], (--v->gap_used - i) * sizeof(v->gap[0]));
                is_known = true;
            }
        }
    }
    if (!is_known) {
        pthread_mutex_lock(&lock);
        if (v->gap_used == GAP) {
            write_gap(number);
        }
        write_order(number, &o);
        pthread_mutex_unlock(&lock);
        o.count = 0;
    }
    if (!option.all_barriers) {
        v->gap[v->gap_used++] = o;
    }
}

static void value_text(qemu_plugin_meminfo_t info, char text[40])
{
#if HAS_VALUES
    qemu_plugin_mem_value value = qemu_plugin_mem_get_value(info);
    uint64_t low = value.type == QEMU_PLUGIN_MEM_VALUE_U8 ? value.data.u8
        : value.type == QEMU_PLUGIN_MEM_VALUE_U16 ? value.data.u16
        : value.type == QEMU_PLUGIN_MEM_VALUE_U32 ? value.data.u32
        : value.type == QEMU_PLUGIN_MEM_VALUE_U64 ? value.data.u64 : value.data.u128.low;

    if (value.type == QEMU_PLUGIN_MEM_VALUE_U128 && value.data.u128.high) {
        snprintf(text, 40, "0x%" PRIx64 "%016" PRIx64, value.data.u128.high, low);
    } else {
        snprintf(text, 40, "0x%" PRIx64, low);
    }
#else
    (void)info;
    strcpy(text, "-");
#endif
}

static void attribute_text(int attribute, char text[8])
{
    if (attribute >= 0) {
        snprintf(text, 8, "0x%02x", (uint8_t)attribute);
    } else {
        strcpy(text, attribute == ATTRIBUTE_MMU_OFF ? "off" : "-");
    }
}

static bool is_chosen(uint64_t pa)
{
    for (unsigned i = 0; i < option.ranges; i++) {
        if (pa >= option.ram[i].first && pa <= option.ram[i].last) {
            return true;
        }
    }
    return false;
}

/* Where an access went, and its memory type. False where it is not to be recorded. */
static bool resolve(struct vcpu *v, qemu_plugin_meminfo_t info, uint64_t va, uint64_t *pa,
                    int *attribute, const char **region)
{
    const struct page *page = page_find(va);
    uint64_t walked = 0;

    if (page && has_types) {
        *attribute = stage1_walk(v->walker, va, &walked);
        if (*attribute != ATTRIBUTE_UNKNOWN && (walked & ~UINT64_C(0xfff)) == page->pa) {
            *pa = walked;
            *region = page->region;
            return page->is_io || is_chosen(*pa);
        }
    }
    struct qemu_plugin_hwaddr *where = qemu_plugin_get_hwaddr(info, va);
    if (!where) {
        v->unresolved++;
        return false;
    }
    bool is_io = qemu_plugin_hwaddr_is_io(where);
    *pa = qemu_plugin_hwaddr_phys_addr(where);
    if (!is_io && !is_chosen(*pa)) {
        return false;
    }
    *attribute = has_types ? stage1_walk(v->walker, va, &walked) : ATTRIBUTE_UNKNOWN;
    if (*attribute != ATTRIBUTE_UNKNOWN && walked != *pa) {
        *attribute = ATTRIBUTE_UNKNOWN;         /* another regime's access, or remapped since */
    }
    *region = qemu_plugin_hwaddr_device_name(where);
    if (!strncmp(*region, "anon", 4)) {
        *region = "subpage";                    /* else QEMU gives a host address */
    }
    if (*attribute != ATTRIBUTE_UNKNOWN) {
        page_add(va, *pa, is_io, *region);
    }
    return true;
}

/* ---- Callbacks --------------------------------------------------------------------------- */

static void on_access(unsigned number, qemu_plugin_meminfo_t info, uint64_t va, void *data)
{
    const struct instruction *in = data;
    struct vcpu *v = &vcpus[number];
    const char *region;
    uint64_t pa;
    int attribute;

    if (!is_recording) {
        return;
    }
    if (!resolve(v, info, va, &pa, &attribute, &region)) {
        if (in->is_ordered && !(in->is_update && qemu_plugin_mem_is_store(info))) {
            note_order(number, in);
        }
        return;
    }
    char value[40], type[8];
    value_text(info, value);
    attribute_text(attribute, type);
    pthread_mutex_lock(&lock);
    if (is_recording) {
        write_gap(number);
        fprintf(stream, "%c %u %" PRIu64 " 0x%" PRIx64 " 0x%" PRIx64 " %u %s %s 0x%08" PRIx32 " %s\n",
                qemu_plugin_mem_is_store(info) ? 'w' : 'r', number, now(), in->pc, pa,
                1u << qemu_plugin_mem_size_shift(info), value, type, in->word, region);
        v->accesses++;
        is_recording = !option.limit || ++accesses < option.limit;
    }
    pthread_mutex_unlock(&lock);
}

static void on_barrier(unsigned number, void *data)
{
    if (is_recording) {
        note_order(number, data);
    }
}

static void install(qemu_plugin_id_t id);

static void on_marker(unsigned number, void *data)
{
    unsigned marker = marker_number(((const struct instruction *)data)->word);

    if (option.from_marker && marker == 1 &&
        !__atomic_exchange_n(&is_instrumented, true, __ATOMIC_SEQ_CST)) {
        qemu_plugin_reset(self, install);       /* translate everything anew, with callbacks */
    }
    pthread_mutex_lock(&lock);
    if (option.from_marker && marker == 1) {
        is_recording = !option.limit || accesses < option.limit;
    }
    write_gap(number);
    fprintf(stream, "m %u %" PRIu64 " %u\n", number, now(), marker);
    if (option.from_marker && marker == 0) {
        is_recording = false;
        fflush(stream);
    }
    pthread_mutex_unlock(&lock);
}

/* The same object for the same instruction, so that translating again costs no memory. */
static struct instruction *intern(uint64_t pc, uint32_t word)
{
    static struct instruction *table[1 << 16];
    static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
    struct instruction **slot, *in;

    pthread_mutex_lock(&table_lock);
    slot = &table[(pc ^ word) * UINT64_C(0x9e3779b97f4a7c15) >> 48];
    for (in = *slot; in && (in->pc != pc || in->word != word); in = in->next) {
    }
    if (!in) {
        in = calloc(1, sizeof(*in));
        *in = (struct instruction){ .pc = pc, .word = word, .next = *slot };
        in->is_ordered = is_memory(word) && is_ordered(word);
        in->is_update = is_memory(word) && is_update(word);
        *slot = in;
    }
    pthread_mutex_unlock(&table_lock);
    return in;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    bool all = __atomic_load_n(&is_instrumented, __ATOMIC_SEQ_CST);

    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        uint64_t pc = qemu_plugin_insn_vaddr(insn);
        uint32_t word;

        if (!instruction_word(insn, &word)) {
            continue;
        }
        if (is_marker(word)) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_marker, QEMU_PLUGIN_CB_NO_REGS,
                                                   intern(pc, word));
        } else if (all && is_barrier(word)) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_barrier, QEMU_PLUGIN_CB_NO_REGS,
                                                   intern(pc, word));
        } else if (all && is_memory(word)) {
            qemu_plugin_register_vcpu_mem_cb(insn, on_access, ACCESS_FLAGS, QEMU_PLUGIN_MEM_RW,
                                             intern(pc, word));
        }
    }
}

static void on_vcpu(qemu_plugin_id_t id, unsigned number)
{
    (void)id;
    if (number >= VCPUS) {
        fprintf(stderr, "mmioscope plugin: more than %d vCPUs\n", VCPUS);
        abort();
    }
    if (has_types && !vcpus[number].walker) {
        vcpus[number].walker = stage1_new();
    }
}

static void on_end(qemu_plugin_id_t id, void *data)
{
    uint64_t recorded = 0, unresolved = 0;

    (void)id, (void)data;
    pthread_mutex_lock(&lock);
    is_recording = false;
    for (unsigned i = 0; i < VCPUS; i++) {
        write_gap(i);
        recorded += vcpus[i].accesses;
        unresolved += vcpus[i].unresolved;
    }
    fprintf(stream, "#end %" PRIu64 " %" PRIu64 "\n", recorded, unresolved);
    bool failed = ferror(stream) != 0;
    if (fclose(stream) != 0 || failed) {
        fprintf(stderr, "mmioscope plugin: the stream could not be written to its end\n");
    }
    pthread_mutex_unlock(&lock);
}

static void install(qemu_plugin_id_t id)
{
    qemu_plugin_register_vcpu_init_cb(id, on_vcpu);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, on_end, NULL);
}

/* ---- Options ----------------------------------------------------------------------------- */

/* FIRST-LAST, and more behind '+': QEMU cuts a plugin's options at ','. */
static bool parse_ranges(const char *text)
{
    for (char *end; *text; text = end) {
        if (option.ranges == RANGES) {
            return false;
        }
        uint64_t first = strtoull(text, &end, 0);
        if (*end != '-') {
            return false;
        }
        uint64_t last = strtoull(end + 1, &end, 0);
        if (last < first || (*end && *end != '+')) {
            return false;
        }
        option.ram[option.ranges].first = first;
        option.ram[option.ranges++].last = last;
        end += *end == '+';
    }
    return option.ranges > 0;
}

static bool parse_option(const char *text, const char **path)
{
    if (!strncmp(text, "out=", 4)) {
        *path = text + 4;
    } else if (!strcmp(text, "start=marker") || !strcmp(text, "start=boot")) {
        option.from_marker = text[6] == 'm';
    } else if (!strcmp(text, "barriers=all") || !strcmp(text, "barriers=folded")) {
        option.all_barriers = text[9] == 'a';
    } else if (!strncmp(text, "ram=", 4)) {
        return parse_ranges(text + 4);
    } else if (!strncmp(text, "limit=", 6)) {
        option.limit = strtoull(text + 6, NULL, 0);
    } else {
        return false;
    }
    return true;
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                                           char **argv)
{
    const char *path = "trace.plugin";

    if (!info->system_emulation || strcmp(info->target_name, "aarch64")) {
        fprintf(stderr, "mmioscope plugin: only for qemu-system-aarch64\n");
        return -1;
    }
    for (int i = 0; i < argc; i++) {
        if (!parse_option(argv[i], &path)) {
            fprintf(stderr, "mmioscope plugin: bad option '%s'\n", argv[i]);
            return -1;
        }
    }
    if (option.ranges && !HAS_REGISTERS) {
        fprintf(stderr, "mmioscope plugin: this QEMU tells no physical address of RAM: no ram=\n");
        option.ranges = 0;
    }
    stream = fopen(path, "w");
    if (!stream) {
        perror(path);
        return -1;
    }
    setvbuf(stream, NULL, _IOFBF, 1 << 20);
    has_types = stage1_available();
    fprintf(stream, "#mmioscope-plugin 1\n#api %d\n#values %s\n#types %s\n#barriers %s\n",
            QEMU_PLUGIN_VERSION, HAS_VALUES ? "recorded" : "absent",
            has_types ? "page-tables" : "absent", option.all_barriers ? "all" : "folded");
    epoch = now();
    self = id;
    is_instrumented = is_recording = !option.from_marker;
    install(id);
    return 0;
}
