/* Runs one size program in simavr and prints its cycles and its deepest stack.
 *
 * The program writes a mark to GPIOR0 before and after its work. simavr executes one instruction
 * per avr_run() when no interrupt or sleep is pending, so the stack pointer is read after each and
 * no depth is missed, however short. */
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <simavr/sim_io.h>
#include <stdio.h>
#include <string.h>

enum { GPIOR0 = 0x3E, SPL = 0x5D, SPH = 0x5E };
enum { START = 1, STOP = 2, FAILED = 3, PANICKED = 4 };
/* Ten seconds at 16 MHz: no size program comes near. */
static const avr_cycle_count_t LIMIT = 160000000;

static int place;
static avr_cycle_count_t started;

static unsigned stack_pointer(const avr_t *avr) {
    return avr->data[SPL] | avr->data[SPH] << 8;
}

static void on_mark(avr_t *avr, avr_io_addr_t address, uint8_t value, void *unused) {
    (void)unused;
    avr->data[address] = value;
    place = value;
    if (value == START)
        started = avr->cycle;
}

int main(int count, char **words) {
    elf_firmware_t firmware;
    memset(&firmware, 0, sizeof firmware);
    if (count != 2 || elf_read_firmware(words[1], &firmware) != 0) {
        fprintf(stderr, "usage: avr-harness PROGRAM.elf\n");
        return 2;
    }
    avr_t *avr = avr_make_mcu_by_name("atmega328p");
    if (avr == NULL || avr_init(avr) != 0)
        return 2;
    firmware.frequency = 16000000;
    avr_load_firmware(avr, &firmware);
    avr_register_io_write(avr, GPIOR0, on_mark, NULL);

    unsigned top = 0, low = 0xFFFF;
    while (place < STOP && avr->cycle < LIMIT) {
        int was = place;
        int state = avr_run(avr);
        if (state == cpu_Crashed || state == cpu_Done)
            break;
        if (place == START && was != START)
            top = stack_pointer(avr);
        if (place == START && stack_pointer(avr) < low)
            low = stack_pointer(avr);
    }
    if (place != STOP) {
        puts(place == PANICKED ? "panic" : place == FAILED ? "failed" : "no answer");
        return 1;
    }
    printf("done stack %u cycles %llu\n", top - low, (unsigned long long)(avr->cycle - started));
    return 0;
}
