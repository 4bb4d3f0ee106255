//! Reads the worked examples of `SPEC.md`.

const SPEC: &str = include_str!("../../SPEC.md");

/// Reads the lines of a section that begin with an offset and eight bytes; what they leave out reads
/// as erased to ones.
pub(crate) fn example<const SIZE: usize>(section: &str) -> [u8; SIZE] {
    let mut image = [0xFF; SIZE];
    let text = SPEC.split("\n## ").find(|text| text.starts_with(section)).unwrap();
    for line in text.lines() {
        let Some((offset, rest)) = line.split_once(": ") else { continue };
        let Some(offset) = offset.strip_prefix("0x") else { continue };
        let offset = usize::from_str_radix(offset, 16).unwrap();
        for (index, byte) in rest.split_whitespace().take(8).enumerate() {
            *image.get_mut(offset + index).unwrap() = u8::from_str_radix(byte, 16).unwrap();
        }
    }
    image
}

/// Compares what was written with what the section says, and prints it where that differs.
pub(crate) fn check(written: &[u8], told: &[u8]) {
    if written != told {
        for (index, word) in written.chunks(8).enumerate() {
            if word.iter().any(|byte| *byte != 0xFF) {
                let bytes: Vec<String> = word.iter().map(|byte| format!("{byte:02X}")).collect();
                println!("0x{:04X}: {}", index * 8, bytes.join(" "));
            }
        }
    }
    assert!(written == told, "SPEC.md has other bytes than those printed");
}
