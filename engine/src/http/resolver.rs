//! Names become addresses here, and only addresses that calls may go to: a name that leads into our own network,
//! today or after an answer of ours was remembered, leads nowhere. It is asked at each connection, so there is no
//! moment between the check and the call.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

/// A resolver that knows which private addresses were named on purpose.
#[derive(Debug, Clone)]
pub(super) struct Guarded {
    named: Vec<IpAddr>,
    trusted: Vec<String>,
    look_up: fn(String) -> Found,
}

/// The addresses of a name, from whoever knows.
type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// The system knows.
fn by_the_system(name: String) -> Found {
    Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
}

/// Every address of the name is one of ours, not the world's.
#[derive(Debug, Error)]
#[error(
    "the name leads to an address that is not public, and that neither CANDILEVER_PROVIDER_HOSTS nor CANDILEVER_WEBHOOK_HOSTS names"
)]
struct Inside;

impl Guarded {
    /// Lets calls go to public addresses, to those of the list's that are written as addresses, and wherever a trusted
    /// name leads: it is in the server's own settings, as Lever's addresses and the company's sign-in are.
    pub(super) fn new(hosts: &[String], trusted: &[String]) -> Self {
        let address = |host: &String| {
            let alone = host.parse::<SocketAddr>().map(|with_port| with_port.ip()).or_else(|_| host.parse::<IpAddr>());
            alone.ok().or_else(|| host.trim_matches(['[', ']']).parse().ok())
        };
        Self { named: hosts.iter().filter_map(address).collect(), trusted: trusted.to_vec(), look_up: by_the_system }
    }

    /// This machine's own name is known to be this machine.
    fn may_reach(&self, name: &str, address: IpAddr) -> bool {
        let is_this_machine = name == "localhost" && address.is_loopback();
        let is_trusted = self.trusted.iter().any(|trusted| trusted.eq_ignore_ascii_case(name));
        is_trusted || is_this_machine || is_public(address) || self.named.contains(&address)
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.clone();
        Box::pin(async move {
            let name = name.as_str();
            let found = (guarded.look_up)(name.to_owned()).await?;
            let allowed: Vec<_> = found.into_iter().filter(|found| guarded.may_reach(name, found.ip())).collect();
            if allowed.is_empty() {
                return Err(Inside.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is in the world and not in some network behind it.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_for_protocols = a == 192 && b == 0 && c == 0;
    let is_for_benchmarks = a == 198 && (18..20).contains(&b);
    let is_reserved = a == 0 || a >= 224;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || is_shared
        || is_for_protocols
        || is_for_benchmarks
        || is_reserved)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, .., before_last, last] = address.segments();
    let within = || Ipv4Addr::from((u32::from(before_last) << 16) | u32::from(last));
    match (first, second) {
        // The world of IPv4, mapped or translated.
        (0, 0) => address.to_ipv4_mapped().is_some_and(is_public_v4),
        (0x64, 0xff9b) => third == 0 && is_public_v4(within()),
        (0x2002, high) => is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(third))),
        // Documentation, Teredo and other tunnels.
        (0x2001, 0xdb8 | 0..=0x1ff) => false,
        // Only 2000::/3 is given out.
        (first, _) => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn all(text: &str) -> Vec<IpAddr> {
        text.split_whitespace().map(|one| one.parse().expect("an address")).collect()
    }

    #[test]
    fn only_the_world_is_public() {
        for address in all("1.1.1.1 8.8.8.8 100.63.0.1 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 198.17.0.1
            198.20.0.1 223.255.255.255 2606:4700::1111 2a00::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1")
        {
            assert!(is_public(address), "{address}");
        }
        for address in all("0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.8.8.8 169.254.169.254
            172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1
            224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::ffff:10.0.0.1 ::ffff:127.0.0.1 64:ff9b::10.0.0.1
            64:ff9b:1::8.8.8.8 2002:a00:1::1 2002:7f00:1::1 fc00::1 fd12::1 fe80::1 fec0::1 ff02::1 2001:db8::1
            2001::1 ::127.0.0.1 4000::1 100::1")
        {
            assert!(!is_public(address), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_leads_nowhere_unless_its_address_was_named() {
        let inside: IpAddr = "10.0.0.7".parse().expect("an address");
        let guarded = |hosts: &[&str]| {
            Guarded::new(
                &hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>(),
                &["id.halden.example".into()],
            )
        };
        assert!(guarded(&[]).may_reach("ID.halden.example", inside), "the company's own sign-in");
        assert!(!guarded(&[]).may_reach("x.id.halden.example", inside));
        for named in ["10.0.0.7", "10.0.0.7:8443"] {
            assert!(guarded(&["tests.example", named]).may_reach("tests.example", inside), "{named}");
        }
        assert!(!guarded(&["tests.example", "10.0.0.8"]).may_reach("tests.example", inside));
        assert!(guarded(&["[fd12::7]:443"]).may_reach("tests.example", "fd12::7".parse().expect("an address")));
        let loopback: IpAddr = "127.0.0.1".parse().expect("an address");
        assert!(guarded(&[]).may_reach("localhost", loopback));
        assert!(!guarded(&[]).may_reach("tests.example", loopback), "a name that was turned to this machine");
        assert!(!guarded(&[]).may_reach("localhost", inside));
        let name: Name = "localhost".parse().expect("a name");
        let found: Vec<_> = guarded(&[]).resolve(name).await.expect("this machine").collect();
        assert!(!found.is_empty() && found.iter().all(|found| found.ip().is_loopback()));
    }

    /// A name that leads to the world at first, and into the network the next time: how a page that somebody looked
    /// at becomes a way in.
    fn turning(name: String) -> Found {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let ways: [&[[u8; 4]]; 4] =
            [&[[8, 8, 8, 8]], &[[127, 0, 0, 1]], &[[10, 0, 0, 7], [8, 8, 4, 4]], &[[169, 254, 169, 254]]];
        let way = ways[ASKED.fetch_add(1, Ordering::SeqCst) % ways.len()];
        let found = way.iter().map(|address| SocketAddr::from((*address, 0))).collect();
        Box::pin(async move {
            assert_eq!(name, "tests.example");
            Ok(found)
        })
    }

    #[tokio::test]
    async fn a_name_that_turns_inside_is_looked_at_again_each_time() {
        let guarded = Guarded { look_up: turning, ..Guarded::new(&["tests.example".into()], &[]) };
        let mut led = Vec::new();
        for _ in 0..4 {
            let found = guarded.resolve("tests.example".parse().expect("a name")).await;
            led.push(
                found
                    .map(|found| found.map(|one| one.ip().to_string()).collect::<Vec<_>>())
                    .map_err(|error| error.to_string()),
            );
        }
        assert_eq!(led[0].as_deref(), Ok(&["8.8.8.8".to_owned()][..]));
        assert_eq!(led[2].as_deref(), Ok(&["8.8.4.4".to_owned()][..]), "of several only what is the world's");
        for inside in [&led[1], &led[3]] {
            assert!(inside.as_ref().is_err_and(|why| why.contains("not public")), "{inside:?}");
        }
    }
}
