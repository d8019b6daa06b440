//! The bill of materials: what the program is compiled from, as CycloneDX (ECMA-424) 1.6. The same sources make the
//! same bill: it has no time and no number of its own.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::{Value, json};

use crate::{
    check::graph::{Crates, Krate},
    workspace::Workspace,
};

/// Our own packages are the program, not what it is made of.
const OURS: [&str; 7] = ["app", "candilever", "engine", "precompress", "sandbox", "benches", "xtask"];

/// Writes it to the standard output.
pub fn print(workspace: &Workspace) -> Result<()> {
    let crates = Crates::read(workspace)?;
    let sums = crates.checksums();
    println!("{}", serde_json::to_string_pretty(&bill(&crates.all(), &sums))?);
    Ok(())
}

fn bill(crates: &BTreeSet<Krate>, sums: &BTreeMap<(String, String), String>) -> Value {
    let version = crates.iter().find(|krate| krate.name == "candilever").map(|krate| krate.version.as_str());
    let parts: Vec<Value> = crates
        .iter()
        .filter(|krate| !OURS.contains(&krate.name.as_str()))
        .map(|krate| component(krate, sums))
        .collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": { "type": "application", "bom-ref": "candilever", "name": "candilever", "version": version },
        },
        "components": parts,
    })
}

fn component(Krate { name, version, licence }: &Krate, sums: &BTreeMap<(String, String), String>) -> Value {
    let address = format!("pkg:cargo/{name}@{version}");
    let mut component = json!({
        "type": "library",
        "bom-ref": address,
        "purl": address,
        "name": name,
        "version": version,
        // A slash is the old way to write OR.
        "licenses": [{ "expression": licence.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ") }],
    });
    if let Some(sum) = sums.get(&(name.clone(), version.clone())) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    fn krate(name: &str, licence: &str) -> Krate {
        Krate { name: name.into(), version: "1.2.3".into(), licence: licence.into() }
    }

    #[test]
    fn each_crate_has_its_address_digest_and_licence_and_ours_are_the_program() {
        let crates =
            BTreeSet::from([krate("serde", "MIT/Apache-2.0"), krate("candilever", "MIT"), krate("engine", "MIT")]);
        let sums = BTreeMap::from([(("serde".to_owned(), "1.2.3".to_owned()), "aa".repeat(32))]);
        let bill = bill(&crates, &sums);
        assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&json!("CycloneDX"), &json!("1.6")));
        assert_eq!(bill["metadata"]["component"]["version"], "1.2.3");
        let components = bill["components"].as_array().expect("a list");
        assert_eq!(components.len(), 1);
        assert_eq!(components[0]["purl"], "pkg:cargo/serde@1.2.3");
        assert_eq!(components[0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(components[0]["hashes"][0]["content"], "aa".repeat(32));
    }

    #[test]
    fn every_crate_of_the_program_is_in_the_bill_with_a_digest_and_a_licence() {
        let crates = Crates::read(&Workspace::find().expect("the workspace")).expect("cargo answers");
        let bill = bill(&crates.all(), &crates.checksums());
        let components = bill["components"].as_array().expect("a list");
        assert!(components.len() > 200, "{}", components.len());
        for component in components {
            assert!(component["hashes"][0]["content"].as_str().is_some_and(|sum| sum.len() == 64), "{component}");
            assert_ne!(component["licenses"][0]["expression"], "", "{component}");
        }
    }
}
