"""Makes and checks COSE_Sign1 messages by cbor2 and OpenSSL: one line in, one line out.

    check PUBLIC EXTERNAL PAYLOAD MESSAGE   the payload, or ! and why; PAYLOAD is for detached ones
    sign SEED KEY_ID PAYLOAD EXTERNAL HOW   the message; HOW is attached or detached

Bytes are in hexadecimal digits, `-` for none.
"""

import sys

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

ED25519 = -19


def to_be_signed(protected, external, payload):
    return cbor2.dumps(["Signature1", protected, external, payload], canonical=True)


def check(public, external, payload, message):
    decoded = cbor2.loads(message)
    if decoded.tag != 18:
        return f"! tag {decoded.tag}"
    protected, _, attached, signature = decoded.value
    if cbor2.loads(protected)[1] != ED25519:
        return "! algorithm"
    if attached is not None:
        payload = attached
    key = ed25519.Ed25519PublicKey.from_public_bytes(public)
    try:
        key.verify(signature, to_be_signed(protected, external, payload))
    except InvalidSignature:
        return "! signature"
    return payload.hex() or "-"


def sign(seed, key_id, payload, external, how):
    key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    protected = cbor2.dumps({1: ED25519}, canonical=True)
    signature = key.sign(to_be_signed(protected, external, payload))
    unprotected = {4: key_id} if key_id else {}
    content = payload if how == "attached" else None
    message = cbor2.CBORTag(18, [protected, unprotected, content, signature])
    return cbor2.dumps(message, canonical=True).hex()


def unhex(word):
    return b"" if word == "-" else bytes.fromhex(word)


for line in sys.stdin:
    verb, *words = line.split()
    if verb == "check":
        try:
            print(check(*map(unhex, words)))
        except Exception as error:
            print("!", type(error).__name__)
    else:
        *words, how = words
        print(sign(*map(unhex, words), how))
