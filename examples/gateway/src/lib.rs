#![doc = include_str!("../README.md")]

mod line;
mod node;
mod nodes;
mod window;

pub use line::{Line, open};
pub use nodes::{Node, NodesError, read};

use std::collections::BTreeMap;
use std::io::Read;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};

use sundew_transport::serial::{Deframer, Header, Key};

/// Serves all nodes of a line until it ends.
///
/// # Errors
///
/// Returns an error where the line breaks or the state cannot be read; 0 bytes from the line are its end.
pub fn run(
    line: Line,
    broker: SocketAddr,
    nodes: Vec<Node>,
    state: &Path,
) -> Result<(), std::io::Error> {
    if !broker.ip().is_loopback() {
        return Err(std::io::Error::other("the broker must be on this computer"));
    }
    let Line { mut reader, writer } = line;
    let writer = Arc::new(Mutex::new(writer));
    let mut inboxes: BTreeMap<u32, Sender<Vec<u8>>> = BTreeMap::new();
    let mut threads = Vec::new();
    for node in nodes {
        let window = window::Store::open(state, node.number)?;
        let (inbox, frames) = mpsc::channel();
        inboxes.insert(node.number, inbox);
        let writer = Arc::clone(&writer);
        threads.push(std::thread::spawn(move || {
            node::serve(&node, window, &frames, &writer, broker);
        }));
    }
    let mut buffer = [0; 255];
    let mut deframer = Deframer::new(&mut buffer);
    let mut chunk = [0; 256];
    let ended = loop {
        let read = match reader.read(&mut chunk) {
            Ok(0) => break Ok(()),
            Ok(read) => read,
            Err(error) => break Err(error),
        };
        for byte in chunk.iter().take(read) {
            match deframer.push(*byte) {
                Ok(None) => {}
                Ok(Some(frame)) => deliver(frame, &inboxes),
                Err(error) => eprintln!("line: {error}"),
            }
        }
    };
    // Without inboxes the nodes' threads end.
    drop(inboxes);
    for thread in threads {
        let _ = thread.join();
    }
    ended
}

fn deliver(frame: &[u8], inboxes: &BTreeMap<u32, Sender<Vec<u8>>>) {
    match Header::peek::<Key>(frame) {
        Ok(header) => match inboxes.get(&header.device) {
            Some(inbox) => drop(inbox.send(frame.to_vec())),
            None => eprintln!("line: nobody has the number {}", header.device),
        },
        Err(error) => eprintln!("line: {error}"),
    }
}
