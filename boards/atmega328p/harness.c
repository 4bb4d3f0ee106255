/* Runs the queue in simavr, loses power at EEPROM writes, starts it again, and checks what it tells.
 *
 * The script runs once. At each byte that it writes the process forks for each way in which that
 * byte can be torn, and the child starts the firmware on what is left; in most of them power is lost
 * once or twice more, mostly within the next writes. What a byte between two values reads as is
 * drawn anew at each start. All that the world was told is kept here and compared with what the
 * firmware finds at each start and after each call. */
#include <simavr/avr_eeprom.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <simavr/sim_io.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GPIOR0 = 0x3E, EECR = 0x3F, EEDR = 0x40, EEARL = 0x41, EEARH = 0x42, GPIOR1 = 0x4A,
       GPIOR2 = 0x4B, SPL = 0x5D, SPH = 0x5E };
enum { STARTED = 1, FOUND, LISTED, RECORDING, RECORDED, REFUSED, ACKING, ACKED, DONE, FAILED };
enum { SIZE = 1024, SLOTS = 8, NUMBERS = 512 };
enum { NEVER, GHOST, STORED, OPEN, GONE };
/* Nothing of it, all of it, halves, erased, and between the old value and the new one. */
enum { BEFORE, WHOLE, HIGH_HALF, LOW_HALF, ERASED, METASTABLE, TEARS };
static const char *const TEAR_NAMES[] = {"before", "whole", "high half", "low half", "erased",
                                         "metastable"};
/* A run takes some 20 million cycles; one that hangs is stopped. */
static const avr_cycle_count_t LIMIT = 400000000;

/* What survives: cells, and what a doubtful one is between. */
static uint8_t cells[SIZE], between[SIZE][2];
/* What the world knows. */
static uint8_t status[NUMBERS], line_of[NUMBERS];
static unsigned next_number;

static elf_firmware_t firmware;
static avr_t *avr;
static uint8_t boot, message[4];
static unsigned length, awaited, seen[SLOTS + 1], seen_count, listed[SLOTS + 1], listed_count;
static int victim, expect_drop, is_over, depth;
static unsigned long writes, cut_at;
static uint32_t random_state;
static char story[400];

/* Shared between all processes. */
static struct shared {
    unsigned long cases, boots, violations;
} *shared;

static unsigned long stride = 1, phase;
static time_t end_time;
static unsigned low_stack;
static avr_cycle_count_t began, worst_record, all_records;
static unsigned long records, acks, record_writes, ack_writes, began_writes;
static avr_cycle_count_t worst_ack, opened_after;

static uint32_t draw(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static void violation(const char *what, unsigned number) {
    if (__sync_fetch_and_add(&shared->violations, 1) < 5)
        printf("violation: record %u %s; %s\n", number, what, story);
    fflush(stdout);
    if (depth > 0)
        _exit(0);
    printf("cuts %lu boots %lu wrong %lu\n", shared->cases, shared->boots, shared->violations);
    exit(0);
}

static int is_told(unsigned number) { return status[number] == STORED || status[number] == OPEN; }

/* Checks one complete list of what is found. */
static void check_list(void) {
    int line = 3, last = -1;
    for (unsigned i = 0; i < seen_count; i++) {
        unsigned number = seen[i];
        if (status[number] == NEVER || status[number] == GONE)
            violation("came back", number);
        if (line_of[number] > line)
            violation("is behind a lower priority", number);
        if (line_of[number] < line)
            last = -1;
        line = line_of[number];
        if (is_told(number)) {
            if ((int)number <= last)
                violation("is out of order", number);
            last = (int)number;
        }
    }
    for (unsigned number = 0; number < next_number; number++) {
        unsigned i = 0;
        while (i < seen_count && seen[i] != number)
            i++;
        if (status[number] == STORED && i == seen_count)
            violation("is lost", number);
    }
    memcpy(listed, seen, sizeof seen);
    listed_count = seen_count;
    seen_count = 0;
}

static void begin_record(unsigned line, unsigned number) {
    if (number >= NUMBERS)
        violation("is no number", number);
    began = avr->cycle;
    began_writes = writes;
    status[number] = GHOST;
    line_of[number] = (uint8_t)line;
    next_number = number + 1;
    victim = -1;
    expect_drop = listed_count == SLOTS;
    for (unsigned i = 0; expect_drop && i < listed_count; i++)
        if (victim < 0 || line_of[listed[i]] < line_of[victim])
            victim = (int)listed[i];
    if (victim >= 0 && line_of[victim] > line)
        victim = -1;
    if (victim >= 0 && status[victim] == STORED)
        status[victim] = OPEN;
}

static void end_record(int is_stored, unsigned dropped) {
    unsigned number = next_number - 1;
    if (is_stored != (!expect_drop || victim >= 0))
        violation("was refused or taken against the rules", number);
    if (is_stored && dropped != (unsigned)expect_drop)
        violation("dropped another number of records", number);
    status[number] = is_stored ? STORED : GONE;
    if (is_stored && victim >= 0)
        status[victim] = GONE;
    avr_cycle_count_t cycles = avr->cycle - began;
    worst_record = cycles > worst_record ? cycles : worst_record;
    all_records += cycles;
    records += (unsigned)is_stored;
    record_writes += writes - began_writes;
}

/* What is acknowledged are those seen in the line of the last one, and the told ones before them. */
static void acknowledge(int is_done) {
    if (seen_count == 0)
        return;
    unsigned line = line_of[seen[seen_count - 1]];
    int last = -1;
    for (unsigned i = 0; i < seen_count; i++)
        if (line_of[seen[i]] == line) {
            if (is_told(seen[i]) && (int)seen[i] > last)
                last = (int)seen[i];
            if (is_done && status[seen[i]] == GHOST)
                status[seen[i]] = GONE;
        }
    for (int number = 0; number <= last; number++)
        if (line_of[number] == line && is_told((unsigned)number))
            status[number] = is_done ? GONE : OPEN;
    if (is_done) {
        avr_cycle_count_t cycles = avr->cycle - began;
        worst_ack = cycles > worst_ack ? cycles : worst_ack;
        acks++;
        ack_writes += writes - began_writes;
        seen_count = 0;
    } else {
        began = avr->cycle;
        began_writes = writes;
    }
}

static void on_told(avr_t *unused, avr_io_addr_t address, uint8_t value, void *param) {
    (void)param;
    unused->data[address] = value;
    message[length++] = value;
    if (length == 1)
        awaited = value == FOUND || value == RECORDING ? 4 : value == RECORDED ? 2 : 1;
    if (length < awaited)
        return;
    length = 0;
    unsigned number = message[2] | message[3] << 8;
    switch (message[0]) {
    case STARTED:
        opened_after = avr->cycle;
        seen_count = 0;
        break;
    case FOUND:
        if (number >= next_number || seen_count > SLOTS)
            violation("was never written", number);
        if (line_of[number] != message[1])
            violation("has another priority", number);
        seen[seen_count++] = number;
        break;
    case LISTED:
        check_list();
        break;
    case RECORDING:
        begin_record(message[1], number);
        break;
    case RECORDED:
        end_record(1, message[1]);
        break;
    case REFUSED:
        end_record(0, 0);
        break;
    case ACKING:
        acknowledge(0);
        break;
    case ACKED:
        acknowledge(1);
        break;
    case DONE:
        is_over = 1;
        break;
    default:
        violation("is where the firmware gave up", next_number);
    }
}

static void start(void);
static void run(void);

/* Tears a byte and starts again, in a child. */
static void lose_power(unsigned address, uint8_t new, int tear) {
    uint8_t old = cells[address];
    size_t told = strlen(story);
    snprintf(story + told, sizeof story - told, "boot %u: write %lu at %u torn (%s); ", boot, writes,
             address, TEAR_NAMES[tear]);
    depth++;
    between[address][0] = between[address][1] = 0;
    switch (tear) {
    case BEFORE: break;
    case WHOLE: cells[address] = new; break;
    case HIGH_HALF: cells[address] = (uint8_t)((new & 0xF0) | (old & 0x0F)); break;
    case LOW_HALF: cells[address] = (uint8_t)((old & 0xF0) | (new & 0x0F)); break;
    case ERASED: cells[address] = 0xFF; break;
    default:
        between[address][0] = old;
        between[address][1] = new;
    }
    __sync_fetch_and_add(&shared->cases, 1);
    writes = 0;
    start();
    /* Most children lose power again, at the first bytes or some records later; at most three
     * times in all. */
    cut_at = depth < 3 ? (draw() % 3 ? draw() % 40 : draw() % 150) : ~0ul;
}

static void on_control(avr_t *unused, avr_io_addr_t address, uint8_t value, void *param) {
    (void)param;
    (void)address;
    /* Bit 2, and then bit 1: the byte is written. simavr needs no time for it. */
    static int is_allowed;
    int is_write = value & 2 && is_allowed;
    is_allowed = (value & 6) == 4;
    if (!is_write)
        return;
    unsigned at = (unsigned)(unused->data[EEARL] | unused->data[EEARH] << 8) % SIZE;
    uint8_t byte = unused->data[EEDR];
    if (depth == 0 && writes % stride == phase) {
        int children = 0;
        fflush(stdout);
        for (int tear = 0; tear < TEARS && (end_time == 0 || time(NULL) < end_time); tear++) {
            pid_t child = fork();
            if (child < 0)
                exit(2);
            if (child == 0) {
                random_state += (uint32_t)(writes * 7919 + (unsigned long)tear * 104729);
                random_state |= 1;
                draw();
                lose_power(at, byte, tear);
                run();
                _exit(0);
            }
            children++;
        }
        for (; children > 0; children--) {
            int code = 0;
            wait(&code);
            if (code != 0)
                violation("was the last before the harness crashed", next_number);
        }
    } else if (depth > 0 && writes == cut_at) {
        lose_power(at, byte, (int)(draw() % TEARS));
        run();
        _exit(0);
    }
    cells[at] = byte;
    between[at][0] = between[at][1] = 0;
    writes++;
}

static void start(void) {
    if (++boot == 0)
        boot = 1;
    __sync_fetch_and_add(&shared->boots, 1);
    for (unsigned at = 0; at < SIZE; at++)
        if (between[at][0] != between[at][1]) {
            uint8_t mask = draw() % 3 == 0 ? 0xFF : draw() % 2 == 0 ? 0 : (uint8_t)draw();
            cells[at] = (uint8_t)((between[at][0] & ~mask) | (between[at][1] & mask));
        }
    avr = avr_make_mcu_by_name("atmega328p");
    if (avr == NULL || avr_init(avr) != 0)
        exit(2);
    avr->log = LOG_ERROR;
    avr_load_firmware(avr, &firmware);
    avr_eeprom_desc_t eeprom = {.ee = cells, .offset = 0, .size = SIZE};
    avr_ioctl(avr, AVR_IOCTL_EEPROM_SET, &eeprom);
    avr_register_io_write(avr, EECR, on_control, NULL);
    avr_register_io_write(avr, GPIOR2, on_told, NULL);
    avr->data[GPIOR0] = boot;
    avr->data[GPIOR1] = (uint8_t)next_number;
    avr->data[GPIOR2] = (uint8_t)(next_number >> 8);
    length = seen_count = listed_count = 0;
}

static void run(void) {
    is_over = 0;
    while (!is_over && avr->cycle < LIMIT) {
        int state = avr_run(avr);
        unsigned sp = avr->data[SPL] | avr->data[SPH] << 8;
        if (sp > 0x100 && sp < low_stack)
            low_stack = sp;
        if (state == cpu_Crashed || state == cpu_Done)
            violation("was the last before the firmware crashed", next_number);
        /* By then a record and what may follow it were written and checked. */
        if (depth > 0 && writes > (cut_at == ~0ul ? 64 : 200))
            return;
    }
    if (!is_over)
        violation("was the last before the firmware hung", next_number);
}

int main(int count, char **words) {
    memset(&firmware, 0, sizeof firmware);
    if (count != 5 || elf_read_firmware(words[1], &firmware) != 0) {
        fprintf(stderr, "usage: harness PROGRAM.elf SEED STRIDE SECONDS\n");
        return 2;
    }
    firmware.frequency = 16000000;
    random_state = (uint32_t)strtoul(words[2], NULL, 10) * 2654435761u | 1;
    stride = strtoul(words[3], NULL, 10);
    stride = stride == 0 ? 1 : stride;
    phase = draw() % stride;
    unsigned long seconds = strtoul(words[4], NULL, 10);
    end_time = seconds == 0 ? 0 : time(NULL) + (time_t)seconds;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 2;
    memset(cells, 0xFF, sizeof cells);
    low_stack = 0xFFFF;
    start();
    run();
    int whole = end_time == 0 || time(NULL) < end_time;
    printf("script: %lu records, %lu acks, %lu bytes written; whole script: %s\n", records, acks,
           writes, whole ? "yes" : "no");
    printf("record: %llu cycles (worst %llu) and %.1f bytes written\n",
           (unsigned long long)(records ? all_records / records : 0),
           (unsigned long long)worst_record, records ? (double)record_writes / (double)records : 0.0);
    printf("ack: worst %llu cycles and %.1f bytes written; a byte takes 3.4 ms more\n",
           (unsigned long long)worst_ack, acks ? (double)ack_writes / (double)acks : 0.0);
    printf("open: %llu cycles; stack: %u bytes\n", (unsigned long long)opened_after,
           (unsigned)avr->ramend - low_stack);
    printf("cuts %lu boots %lu wrong %lu\n", shared->cases, shared->boots, shared->violations);
    return 0;
}
