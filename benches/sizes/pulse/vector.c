/* The vector of timer 1: saves what a function may change, and calls the Rust code. */
#include <avr/interrupt.h>

extern void on_timer(void);

ISR(TIMER1_COMPA_vect) { on_timer(); }
