//! Who is on the line.

use std::fmt;

use sundew_transport::mqtt::DeviceId;

/// Describes a node: its number on the line, its id for the broker, its key.
#[derive(Clone)]
pub struct Node {
    /// Holds its number on the line.
    pub number: u32,
    /// Holds its id, in topics and as the name of its session.
    pub id: String,
    /// Holds its key.
    pub key: [u8; 16],
}

/// Names the line of a list that is no node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodesError {
    /// Counts the lines from 1.
    pub line: usize,
}

/// Reads a list: number, id and key in hexadecimal on each line; empty lines and `#` are skipped.
///
/// # Errors
///
/// Returns the first line that is no node, or has a number that another has.
pub fn read(text: &str) -> Result<Vec<Node>, NodesError> {
    let mut nodes: Vec<Node> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let node = node(line).filter(|node| nodes.iter().all(|known| known.number != node.number));
        nodes.push(node.ok_or(NodesError { line: index + 1 })?);
    }
    Ok(nodes)
}

fn node(line: &str) -> Option<Node> {
    let mut words = line.split_whitespace();
    let (number, id, hex) = (words.next()?.parse().ok()?, words.next()?, words.next()?);
    DeviceId::new(id).ok()?;
    if hex.len() != 32 || words.next().is_some() || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let key = u128::from_str_radix(hex, 16).ok()?.to_be_bytes();
    Some(Node { number, id: id.to_owned(), key })
}

impl fmt::Debug for Node {
    /// Writes nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("number", &self.number)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for NodesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} is no node", self.line)
    }
}

impl std::error::Error for NodesError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_or_the_line_named_that_is_wrong() {
        let text = "# number id key\n7 shed 000102030405060708090a0b0c0d0e0f\n\n";
        let nodes = read(text).unwrap();
        assert_eq!((nodes.len(), nodes[0].number, nodes[0].id.as_str()), (1, 7, "shed"));
        assert_eq!(nodes[0].key, core::array::from_fn(|index| index as u8));
        for wrong in
            ["7 shed", "7 a/b 000102030405060708090a0b0c0d0e0f", "x shed 00", "7 shed 00 1"]
        {
            assert_eq!(read(&format!("\n{wrong}")).unwrap_err(), NodesError { line: 2 }, "{wrong}");
        }
        let twice = format!("{}{}", text.trim_end(), text.trim_start_matches("# number id key"));
        assert_eq!(read(&twice).unwrap_err(), NodesError { line: 3 });
    }
}
