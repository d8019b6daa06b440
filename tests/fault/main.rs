//! No candidate is invited twice and none is silently left out, whatever dies meanwhile: real servers are
//! killed at random while hundreds of candidates move, and a judge outside counts.
//!
//! Repeat a run by its seed: `script/fault --seed N`; that script's help lists the sizes too.

#[path = "../it/browser.rs"]
#[expect(dead_code, reason = "shared with the other tests of the program, which use more of it")]
mod browser;
mod chance;
mod fleet;
mod front;
#[path = "../it/halden.rs"]
#[expect(dead_code, reason = "shared with the other tests of the program, which use more of it")]
mod halden;
mod inspector;
mod oracle;
mod outside;
mod people;
#[path = "../it/postgres.rs"]
#[expect(dead_code, reason = "shared with the other tests of the program, which use more of it")]
mod postgres;
#[path = "../it/program.rs"]
#[expect(dead_code, reason = "shared with the other tests of the program, which use more of it")]
mod program;
mod restart;
mod simulation;
mod stop;
mod store;
#[path = "../it/volume.rs"]
#[expect(dead_code, reason = "shared with the other tests of the program, which use more of it")]
mod volume;

use simulation::Plan;

#[tokio::test]
async fn everybody_is_invited_once_and_every_note_is_true_though_servers_are_killed() {
    let plan = Plan::from_environment();
    println!("seed {}: {plan}", plan.seed);
    let (judgement, findings) = simulation::run(&plan).await;
    assert!(judgement.is_clean(), "seed {}: {judgement}: {:#?}", plan.seed, judgement.sentences());
    assert!(findings.is_empty(), "seed {}: {findings:#?}", plan.seed);
}
