/* Runs the pulse program in simavr, checks each count that the loop read, and prints cycles.
 *
 * The interrupt writes GPIOR1 after each pulse, so this side knows how many there were. The loop
 * writes GPIOR0 before it reads and the two bytes of the value to GPIOR2 after it: the value must
 * lie between what had been counted before and after (one more at most: a pulse is counted before
 * it is told). A torn read is off by 256. */
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <simavr/sim_io.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { GPIOR0 = 0x3E, GPIOR1 = 0x4A, GPIOR2 = 0x4B };
enum { DONE = 1, PANICKED = 2, READ = 3, STOP = 4, FIRST = 16 };
/* A minute at 16 MHz; the program takes some seconds. */
static const avr_cycle_count_t LIMIT = 960000000;

static const char *const NAMES[] = {
    "nothing",      "count a pulse",         "count a pulse, debounced",
    "drop a bounce", "total, 0.2794 mm",      "total, 1/450 l",
    "rate read, SPARKFUN",   "wind poll, SPARKFUN",
};
enum { NAMES_COUNT = sizeof NAMES / sizeof *NAMES };

static int place;
static int has_low;
static uint8_t low;
static unsigned long pulses, before, reads, between, wrong;
static avr_cycle_count_t started, cycles[NAMES_COUNT];
static int measured;

static void on_mark(avr_t *avr, avr_io_addr_t address, uint8_t value, void *unused) {
    (void)unused;
    avr->data[address] = value;
    if (value == READ) {
        before = pulses;
        has_low = 0;
    } else if (value == STOP && measured < NAMES_COUNT) {
        cycles[measured++] = avr->cycle - started;
    } else if (value >= FIRST) {
        started = avr->cycle;
    }
    place = value;
}

static void on_pulse(avr_t *avr, avr_io_addr_t address, uint8_t value, void *unused) {
    (void)unused;
    avr->data[address] = value;
    pulses++;
}

static void on_value(avr_t *avr, avr_io_addr_t address, uint8_t value, void *unused) {
    (void)unused;
    avr->data[address] = value;
    if (!has_low) {
        low = value;
        has_low = 1;
        return;
    }
    uint16_t ahead = (uint16_t)((uint16_t)(value << 8 | low) - (uint16_t)before);
    reads++;
    between += pulses != before;
    wrong += ahead > pulses + 1 - before;
}

int main(int count, char **words) {
    elf_firmware_t firmware;
    memset(&firmware, 0, sizeof firmware);
    if (count != 2 || elf_read_firmware(words[1], &firmware) != 0) {
        fprintf(stderr, "usage: harness PROGRAM.elf\n");
        return 2;
    }
    avr_t *avr = avr_make_mcu_by_name("atmega328p");
    if (avr == NULL || avr_init(avr) != 0)
        return 2;
    firmware.frequency = 16000000;
    avr_load_firmware(avr, &firmware);
    avr_register_io_write(avr, GPIOR0, on_mark, NULL);
    avr_register_io_write(avr, GPIOR1, on_pulse, NULL);
    avr_register_io_write(avr, GPIOR2, on_value, NULL);
    while (place != DONE && place != PANICKED && avr->cycle < LIMIT) {
        int state = avr_run(avr);
        if (state == cpu_Crashed || state == cpu_Done)
            break;
    }
    if (place != DONE) {
        puts(place == PANICKED ? "panic" : "no answer");
        return 1;
    }
    for (int i = 1; i < measured; i++)
        printf("%-26s %5llu cycles\n", NAMES[i], (unsigned long long)(cycles[i] - cycles[0]));
    printf("reads %lu, %lu with a pulse meanwhile, pulses %lu, wrong %lu\n", reads, between, pulses,
           wrong);
    return 0;
}
