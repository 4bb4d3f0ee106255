//! The table of servers and buffers in the crate's README.

use super::super::{Found, Proof, Request};
use super::heard;
use crate::failure::{Context, Failure};
use crate::process;

pub(in super::super) const PROOF: Proof = Proof {
    name: "tls-interop",
    what: "each TLS profile with openssl, rustls, nginx, mosquitto; writes the table of buffers",
    options: &[],
    mutants: &[],
    run,
};

const README: &str = "crates/sundew-transport/README.md";
const BEGIN: &str = "<!-- tls-interop -->\n";
const END: &str = "<!-- /tls-interop -->";
const HEAD: &str = "| server | profile | it sends | `receive` | `staging` | `transmit` |\n\
                    |---|---|---|---|---|---|\n";

fn run(_: &Request<'_>) -> Result<Found, Failure> {
    let (text, passed) = heard("tls_interop", None, &[])?;
    let rows: Vec<&str> =
        text.lines().filter_map(|line| line.split_once("interop: ")).map(|(_, row)| row).collect();
    for row in &rows {
        println!("{row}");
    }
    if !passed {
        let violations = vec![format!("a server after the {} above is not served", rows.len())];
        return Ok(Found { cases: rows.len() as u64, known: 0, violations });
    }
    let path = process::root().join(README);
    let before = std::fs::read_to_string(&path).context(|| README)?;
    let after = with_table(&before, &rows).context(|| format!("{README} has no {BEGIN}"))?;
    if after != before {
        std::fs::write(&path, after).context(|| README)?;
        println!("{README}: table of servers rewritten");
    }
    Ok(Found { cases: rows.len() as u64, ..Found::default() })
}

fn with_table(text: &str, rows: &[&str]) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    let rows: Vec<String> = rows.iter().map(|row| format!("{row}\n")).collect();
    Some(format!("{before}{BEGIN}{HEAD}{}{END}{after}", rows.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_replaced() {
        let text = format!("a\n{BEGIN}old\n{END}\nb");
        let new = with_table(&text, &["| x |"]).unwrap();
        assert_eq!(new, format!("a\n{BEGIN}{HEAD}| x |\n{END}\nb"));
        assert_eq!(with_table(&new, &["| x |"]), Some(new));
        assert_eq!(with_table("a", &[]), None);
    }
}
