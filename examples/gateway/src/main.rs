//! The program; the library says what it does.

use std::error::Error;
use std::path::Path;

const USAGE: &str = "usage: gateway LINE BROKER NODES STATE

  LINE    a terminal that is set up, or tcp:HOST:PORT
  BROKER  the address of a broker on this computer, such as 127.0.0.1:1883
  NODES   a file with number, id and key of each node
  STATE   a folder for what was taken";

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [line, broker, nodes, state] = words.as_slice() else { return Err(USAGE.into()) };
    let nodes = gateway::read(&std::fs::read_to_string(nodes)?)?;
    gateway::run(gateway::open(line)?, broker.parse()?, nodes, Path::new(state))?;
    Ok(())
}
