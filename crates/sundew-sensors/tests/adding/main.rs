//! The walk-through `ADDING.md`: what its blocks make together is compiled, and its tests are run.

#[expect(unreachable_pub, reason = "in a library, as the walk-through has it, it is not")]
mod hdc1080;

#[test]
fn the_walk_through_is_the_file() {
    let page = include_str!("../../ADDING.md");
    // The first piece is prose; of the others each begins with a block.
    let blocks = page.split("```rust\n").skip(1).filter_map(|piece| piece.split("```\n").next());
    let file: Vec<&str> = include_str!("hdc1080.rs").lines().collect();
    let shown: Vec<String> = blocks
        .flat_map(|block| [block, "\n"].concat().lines().map(String::from).collect::<Vec<_>>())
        .collect();
    let shown = shown.strip_suffix(&[String::new()]).unwrap_or(&shown);
    for (number, (shown, line)) in shown.iter().zip(&file).enumerate() {
        assert_eq!(shown, line, "line {} of tests/adding/hdc1080.rs", number + 1);
    }
    assert_eq!(shown.len(), file.len());
    assert!(file.len() > 200, "the blocks were not found");
}
