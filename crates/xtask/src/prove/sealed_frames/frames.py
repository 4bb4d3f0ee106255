"""Writes frames as they go over a serial line, from the description in `sundew-transport` alone.

Each line of the input is `seal` with a key or `crc` with `-`, then kind, device, number and body; keys and
bodies in hexadecimal, `-` for none. Each line of the output is the frame in hexadecimal.

Ascon-AEAD128 is written down here from NIST SP 800-232, sections 3 and 4; no package has it. The stuffing
is the package `cobs`, the checksum `zlib`.
"""

import sys
import zlib

from cobs import cobs

MASK = (1 << 64) - 1
# Section 3.2: the constants of the rounds, of which a short permutation takes the last ones.
CONSTANTS = [0xF0, 0xE1, 0xD2, 0xC3, 0xB4, 0xA5, 0x96, 0x87, 0x78, 0x69, 0x5A, 0x4B]
# Section 3.4: how far each word is rotated.
ROTATIONS = [(19, 28), (61, 39), (1, 6), (10, 17), (7, 41)]
# Section 4.1.1: what tells Ascon-AEAD128 from its sisters.
START = 0x00001000808C0001


def rotated(word, by):
    return (word >> by | word << (64 - by)) & MASK


def permuted(words, rounds):
    for constant in CONSTANTS[12 - rounds :]:
        words[2] ^= constant
        # Section 3.3, table 6: the substitution of five bits, on all 64 columns at once.
        columns = [0] * 5
        for entry, value in enumerate(SUBSTITUTION):
            hits = MASK
            for row in range(5):
                word = words[row]
                hits &= word if entry >> (4 - row) & 1 else ~word & MASK
            for row in range(5):
                if value >> (4 - row) & 1:
                    columns[row] |= hits
        words = [w ^ rotated(w, a) ^ rotated(w, b) for w, (a, b) in zip(columns, ROTATIONS)]
    return words


SUBSTITUTION = [
    0x04, 0x0B, 0x1F, 0x14, 0x1A, 0x15, 0x09, 0x02, 0x1B, 0x05, 0x08, 0x12, 0x1D, 0x03, 0x06, 0x1C,
    0x1E, 0x13, 0x07, 0x0E, 0x00, 0x0D, 0x11, 0x18, 0x10, 0x0C, 0x01, 0x19, 0x16, 0x0A, 0x0F, 0x17,
]  # fmt: skip


def little(data):
    return int.from_bytes(data, "little")


def sealed(key, nonce, plain):
    """Returns ciphertext and tag, without associated data (section 4.1.1)."""
    keys = [little(key[:8]), little(key[8:])]
    state = permuted([START, *keys, little(nonce[:8]), little(nonce[8:])], 12)
    state[3] ^= keys[0]
    state[4] ^= keys[1] ^ 1 << 63
    out = b""
    padded = plain + b"\x01" + bytes(15 - len(plain) % 16)
    for at in range(0, len(padded), 16):
        state[0] ^= little(padded[at : at + 8])
        state[1] ^= little(padded[at + 8 : at + 16])
        out += state[0].to_bytes(8, "little") + state[1].to_bytes(8, "little")
        if at + 16 < len(padded):
            state = permuted(state, 8)
    state[2] ^= keys[0]
    state[3] ^= keys[1]
    state = permuted(state, 12)
    tag = b"".join((word ^ k).to_bytes(8, "little") for word, k in zip(state[3:], keys))
    return out[: len(plain)] + tag


# The first of NIST's known answers: nothing sealed.
COUNT = bytes(range(16))
assert sealed(COUNT, COUNT, b"").hex() == "4427d64b8e1e1451fc445960f0839bb0"

for line in sys.stdin:
    guard, key, kind, device, number, body = line.split()
    body = b"" if body == "-" else bytes.fromhex(body)
    family = {"seal": 0x20, "crc": 0x10}[guard]
    header = bytes([family | int(kind)])
    header += int(device).to_bytes(4, "little") + int(number).to_bytes(4, "little")
    if guard == "seal":
        frame = header + sealed(bytes.fromhex(key), header + bytes(7), body)
    else:
        frame = header + body + zlib.crc32(header + body).to_bytes(4, "little")
    print((b"\0" + cobs.encode(frame) + b"\0").hex())
