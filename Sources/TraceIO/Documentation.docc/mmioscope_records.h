/* Fixed records of mmioscope, version 1: see the article "Fixed records".
 * Little-endian; no padding. C11 or C++11. */
#ifndef MMIOSCOPE_RECORDS_H
#define MMIOSCOPE_RECORDS_H

#include <stdint.h>

#ifdef __cplusplus
#define MMIOSCOPE_ASSERT static_assert
extern "C" {
#else
#define MMIOSCOPE_ASSERT _Static_assert
#endif

#define MMIOSCOPE_MAGIC "MMRECORD"
#define MMIOSCOPE_BYTE_ORDER UINT32_C(0x01020304)

struct mmioscope_header {
  char magic[8];
  uint32_t byte_order;
  uint16_t version;
  uint16_t unit_size; /* 24 or 32 */
  uint32_t header_size;
  uint32_t reserved[2];
  uint32_t crc32; /* of the bytes before */
};

enum mmioscope_operation {
  MMIOSCOPE_STORE,
  MMIOSCOPE_LOAD,
  MMIOSCOPE_BARRIER,
  MMIOSCOPE_CONFIG_READ,
  MMIOSCOPE_CONFIG_WRITE,
  MMIOSCOPE_RESET,
  MMIOSCOPE_LOST,
  MMIOSCOPE_MARK,
  MMIOSCOPE_UNIT_CLASS = 0x80,
  MMIOSCOPE_UNIT_CONTEXT,
  MMIOSCOPE_UNIT_EXTRA,
  MMIOSCOPE_UNIT_CLOCK,
  MMIOSCOPE_UNIT_CHECK,
  MMIOSCOPE_UNIT_END
};

enum mmioscope_flags {
  MMIOSCOPE_HAS_TIME = 1,
  MMIOSCOPE_HAS_VALUE = 2,
  MMIOSCOPE_HAS_CONFIG_VALUE = 4,
  MMIOSCOPE_HAS_CODE_ADDRESS = 8,
  MMIOSCOPE_HAS_LINE = 16,
  MMIOSCOPE_IS_WIDE = 32
};

struct mmioscope_record32 {
  uint64_t time_ns;
  uint64_t address;
  uint64_t value;
  uint8_t operation;
  uint8_t size;
  uint16_t vcpu;
  uint16_t class_number;
  uint8_t flags;
  uint8_t line_step;
};

struct mmioscope_record24 {
  uint64_t address;
  uint64_t value;
  uint32_t time_step_ns;
  uint16_t class_number;
  uint8_t operation;
  uint8_t flags;
};

MMIOSCOPE_ASSERT(sizeof(struct mmioscope_header) == 32, "header");
MMIOSCOPE_ASSERT(sizeof(struct mmioscope_record32) == 32, "record of 32 bytes");
MMIOSCOPE_ASSERT(sizeof(struct mmioscope_record24) == 24, "record of 24 bytes");

/* Units that follow a unit of 32 bytes as its payload. */
static inline uint64_t mmioscope_payload_units(const struct mmioscope_record32 *unit) {
  uint64_t bytes = 0;
  if (unit->operation == MMIOSCOPE_UNIT_CONTEXT) bytes = unit->address;
  if (unit->operation == MMIOSCOPE_UNIT_EXTRA) bytes = unit->value;
  return bytes / 32 + (bytes % 32 != 0);
}

/* The same for a unit of 24 bytes. */
static inline uint64_t mmioscope_payload_units24(const struct mmioscope_record24 *unit) {
  uint64_t bytes = unit->operation == MMIOSCOPE_UNIT_CONTEXT ? unit->address : 0;
  return bytes / 24 + (bytes % 24 != 0);
}

#ifdef __cplusplus
}
#endif

#endif
