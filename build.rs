//! Has a release server compiled again when the site that it embeds was built again.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A debug server reads the site from disk; it need not follow it.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=target/site");
    }
}
